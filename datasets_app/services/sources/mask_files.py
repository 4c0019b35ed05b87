"""Mask files of other tools: JSON of runs comes in, masks of a video go out in any form."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.mask_json import coco_bytes, read_mask_json
from datasets_app.domain.media.mask_reading import DEFAULT_THRESHOLD
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.progress import ShouldStop, never_stop
from datasets_app.domain.trees.portable import portable_file
from datasets_app.domain.trees.writing import number_palette, write_picture
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.space import space_require_at
from matteweb.errors import BadInput, Cancelled, Conflict

MaskForm = Literal["png", "palette", "coco", "video"]
FORMS: Final[tuple[MaskForm, ...]] = ("png", "palette", "coco", "video")
_BYTES_PER_PIXEL: Final = 0.2


def mask_json_blob(path: Path, *, video: Video, name: str) -> Blob:
    """Store the masks of a JSON file as the numbered pictures that every mask is read from.

    Raises BadInput when it cannot be read, or speaks of other frames than the video has.
    """
    found = read_mask_json(path, name=name)
    frames = video.frames or 0
    if video.state == IngestState.READY and len(found.runs) != frames:
        every = f", every {found.step}th frame" if found.step > 1 else ""
        raise BadInput(
            f"{name} has {len(found.runs)} frames{every}; video {video.name} has {frames}",
            hint=f"attach it to the clip of every {found.step}th frame"
            if found.step > 1
            else "cut both at the same frames",
        )
    return numbers_blob(found.frames(), f"mask-json-{video.pk}")


def numbers_blob(frames: Iterable[GrayFrame], purpose: str) -> Blob:
    """Store frames of object numbers as the numbered pictures that every mask is read from.

    ``purpose`` names the scratch folder: nobody else may use it at the same time.
    """
    with work_folder(purpose) as folder:
        packed = folder / "mask.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for number, frame in enumerate(frames):
                entry = zipfile.ZipInfo(f"{number:06d}.png")
                archive.writestr(entry, _palette_png(frame))
        return blob_from_file(packed)


def masks_export(
    *,
    video: Video,
    masks: Sequence[Mask],
    form: MaskForm,
    target: Path,
    should_stop: ShouldStop = never_stop,
    change: Callable[[GrayFrame], GrayFrame] | None = None,
) -> int:
    """Write masks of one video to ``target`` and return how many files.

    ``png``: a folder of gray pictures per mask. ``palette``: one folder of object numbers, as DAVIS
    has them. ``coco``: one JSON of runs. ``video``: a lossless file per mask. ``change``
    is done to each frame of the forms ``png`` and ``video``. Raises BadInput
    without masks, Conflict for masks that are not ready or a target that is there, NoSpace,
    Cancelled.
    """
    _require_ready(video, masks, target)
    pixels = (video.frames or 0) * (video.width or 0) * (video.height or 0)
    needed = int(pixels * _BYTES_PER_PIXEL) * len(masks)
    space_require_at(target.parent, needed, purpose=target.name)
    if form == "coco":
        labels = [mask.name for mask in masks] if not _is_index(masks) else []
        frames = _numbers(masks, should_stop)
        target.write_bytes(coco_bytes(frames, name=video.name, labels=labels))
        return 1
    target.mkdir(parents=True)
    if form == "palette":
        return _pictures(_numbers(masks, should_stop), target, "numbers")
    written, taken = 0, ("", set[str]())
    for mask in masks:
        source, name = _master(mask), portable_file(mask.name, taken)
        planes: Iterator[GrayFrame] = _stopping(read_gray(source), should_stop)
        if form == "png":
            inside = target / name
            inside.mkdir()
            written += _pictures(planes if change is None else map(change, planes), inside, "gray")
            continue
        path = target / f"{name}.mkv"
        if change is None:
            shutil.copyfile(source, path)
        else:
            _write_video(map(change, planes), path, video)
        written += 1
    return written


def _write_video(frames: Iterator[GrayFrame], path: Path, video: Video) -> None:
    size = FrameSize(video.width or 1, video.height or 1)
    rate = Fraction(video.fps_num or 1, video.fps_den or 1)
    with GrayMasterWriter(path, size, rate) as writer:
        for frame in frames:
            writer.write(frame)


def masks_of_objects(video: Video) -> list[Mask]:
    """Return the masks that speak of the objects of a video: its mask of object numbers, or all
    others that are ready."""
    ready = list(video.masks.filter(state=IngestState.READY, archived_at=None).order_by("pk"))
    numbered = [mask for mask in ready if mask.kind == MaskKind.INDEX]
    return numbered[:1] or ready


def _require_ready(video: Video, masks: Sequence[Mask], target: Path) -> None:
    if not masks:
        raise BadInput(f"video {video.name} has no mask to export", hint="attach one")
    for mask in masks:
        if mask.state != IngestState.READY or mask.master is None:
            raise Conflict(f"mask {mask.name} is {mask.state}", hint="wait until it is ready")
    if target.exists():
        raise Conflict(f"{target.name} is there already", hint="choose another name")


def _numbers(masks: Sequence[Mask], should_stop: ShouldStop) -> Iterator[GrayFrame]:
    """Yield object numbers: those of the one mask that has them, else mask k is object k + 1 where
    it is above 127, a later one over the earlier."""
    if _is_index(masks):
        yield from _stopping(read_gray(_master(masks[0])), should_stop)
        return
    with ExitStack() as stack:
        readers = [stack.enter_context(closing(read_gray(_master(mask)))) for mask in masks]
        for layers in zip(*readers, strict=True):
            if should_stop():
                raise Cancelled("the export was stopped")
            numbers = np.zeros(layers[0].shape, np.uint8)
            for number, layer in enumerate(layers, 1):
                numbers[layer > DEFAULT_THRESHOLD] = number
            yield numbers


def _stopping(frames: Iterator[GrayFrame], should_stop: ShouldStop) -> Iterator[GrayFrame]:
    for frame in frames:
        if should_stop():
            raise Cancelled("the export was stopped")
        yield frame


def _pictures(frames: Iterator[GrayFrame], folder: Path, form: Literal["gray", "numbers"]) -> int:
    written = 0
    for number, frame in enumerate(frames):
        write_picture(frame, folder / f"{number:05d}.png", form)
        written += 1
    return written


def _is_index(masks: Sequence[Mask]) -> bool:
    return len(masks) == 1 and masks[0].kind == MaskKind.INDEX


def _master(mask: Mask) -> Path:
    if mask.master is None:
        raise Conflict(f"mask {mask.name} has no lossless file", hint="read it again")
    return blob_path(mask.master)


def _palette_png(frame: GrayFrame) -> bytes:
    out = BytesIO()
    picture = Image.frombytes("P", (frame.shape[1], frame.shape[0]), frame.tobytes())
    picture.putpalette(number_palette())
    picture.save(out, "PNG")
    return out.getvalue()

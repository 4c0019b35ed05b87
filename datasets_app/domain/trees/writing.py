"""How every layout writes a tree: bytes are copied where they fit, else frames are written anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count, zip_longest
from pathlib import Path
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np
from PIL import Image

from datasets_app.domain.media.frames import AnyFrame, GrayFrame, frame_size
from datasets_app.domain.media.picture_file import read_picture_header
from datasets_app.domain.media.writer import GrayDeliveryWriter, RgbDeliveryWriter
from datasets_app.domain.progress import ShouldStop, never_stop
from datasets_app.domain.trees.entries import Footage
from datasets_app.domain.trees.footage import gray_frames, picture_paths, rgb_frames
from datasets_app.domain.trees.frame_numbers import FrameNumbers
from matteweb.errors import BadInput, Cancelled, Conflict

PictureForm: TypeAlias = Literal["jpg", "png", "gray", "numbers", "rgba"]
"""jpg and png: colour. gray: one channel. numbers: object numbers with a palette of colours. rgba:
colour with opacity, not premultiplied; only ever copied."""

JPEG_QUALITY: Final = 95
"""Chroma is kept at full size: mattes are judged on coloured edges."""

_LARGEST_SIDE: Final = 16384
_NAME_DIGITS: Final = 5


def fresh_folder(folder: Path) -> None:
    """Make ``folder``, or accept one that is empty. Raises Conflict."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(f"{folder.name} is not empty", hint="choose an empty or a new folder")


def copy_entry(source: Path, target: Path) -> None:
    """Copy a file or a folder of files to ``target``. Raises BadInput for what is neither, and when
    something else was written there already."""
    if target.exists():
        raise BadInput(
            f"{source.name} would be written over another {target.name}",
            hint="give the two different names",
        )
    if source.is_dir():
        target.mkdir(parents=True)
        for entry in sorted(source.iterdir()):
            copy_entry(entry, target / entry.name)
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    else:
        raise BadInput(f"{source.name} is no file that can be read", hint="copy it again")


def write_stream(footage: Footage, folder: Path, name: str) -> None:
    """Copy a stream into ``folder`` under ``name``: a video with its ending, pictures as a folder
    with the names that they have."""
    if isinstance(footage, Path):
        copy_entry(footage, folder / (name if footage.is_dir() else f"{name}{footage.suffix}"))
        return
    (folder / name).mkdir(parents=True)
    for file in footage.files:
        shutil.copyfile(file, folder / name / file.name)


def write_rgba(
    colour: Footage, alpha: Footage, targets: Iterable[Path], *, should_stop: ShouldStop
) -> int:
    """Write colour and opacity together as PNG, not premultiplied, and return how many. Raises
    BadInput when the two differ in length or size, Cancelled."""
    written, names = 0, iter(targets)
    with closing(rgb_frames(colour)) as colours, closing(gray_frames(alpha, "luma")) as alphas:
        for shown, opacity in zip_longest(colours, alphas):
            _go_on(should_stop)
            target = next(names, None)
            if shown is None or opacity is None or target is None:
                raise BadInput(f"{colour.name} and {alpha.name} differ in length at {written}")
            if shown.shape[:2] != opacity.shape:
                raise BadInput(f"{colour.name} and {alpha.name} differ in size")
            target.parent.mkdir(parents=True, exist_ok=True)
            write_picture(np.dstack([shown, opacity]), target, "rgba")
            written += 1
    return written


def frame_names(footage: Footage) -> list[str] | None:
    """Return the stems that the frames have as files; None for a video or ZIP, which has none."""
    files = picture_paths(footage)
    return [file.stem for file in files] or None


@dataclass(frozen=True, slots=True)
class NumberedTargets:
    """As many files 00000, 00001, ... in ``folder`` as a stream has frames."""

    folder: Path
    suffix: str
    digits: int = _NAME_DIGITS

    def __iter__(self) -> Iterator[Path]:
        return (self.folder / f"{number:0{self.digits}d}{self.suffix}" for number in count())


def frame_targets(
    footage: Footage,
    folder: Path,
    suffix: str,
    digits: int = _NAME_DIGITS,
    *,
    numbers: FrameNumbers | None = None,
) -> Iterable[Path]:
    """Return where the frames go: under the names that they have as files, else the ``numbers``
    that they had, else numbered from 0."""
    stems = frame_names(footage) or (numbers.stems(digits) if numbers else None)
    if stems is None:
        return NumberedTargets(folder, suffix, digits)
    return [folder / f"{stem}{suffix}" for stem in stems]


def written_stems(
    footage: Footage, written: int, digits: int = _NAME_DIGITS, *, numbers: FrameNumbers | None
) -> list[str]:
    """Return the names that `frame_targets` gave to so many frames, without ending."""
    return (
        frame_names(footage)
        or (numbers.stems(digits) if numbers else None)
        or numbered(written, digits)
    )


def numbered(frames: int, digits: int = _NAME_DIGITS) -> list[str]:
    """Return 00000, 00001, ... for so many frames."""
    return [f"{number:0{digits}d}" for number in range(frames)]


def write_frames(
    footage: Footage,
    targets: Iterable[Path],
    form: PictureForm,
    *,
    should_stop: ShouldStop = never_stop,
) -> int:
    """Write one picture per frame to ``targets`` and return how many; ``frame_targets`` makes
    them for a stream of unknown length.

    A picture that is in this form already is copied byte for byte. Raises BadInput when frames
    and targets differ in number, Cancelled.
    """
    written = 0
    sources = picture_paths(footage)
    if (
        sources
        and not isinstance(targets, NumberedTargets)
        and all(_is_in_form(file, form) for file in sources)
    ):
        places = list(targets)
        if len(places) != len(sources):
            raise BadInput(f"{footage.name} has {len(sources)} frames instead of {len(places)}")
        for file, target in zip(sources, places, strict=True):
            _go_on(should_stop)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            written += 1
        return written
    names, open_ended = iter(targets), isinstance(targets, NumberedTargets)
    for frame in _frames(footage, form):
        _go_on(should_stop)
        place = next(names, None)
        if place is None:
            raise BadInput(f"{footage.name} has more than {written} frames")
        place.parent.mkdir(parents=True, exist_ok=True)
        write_picture(frame, place, form)
        written += 1
    if not open_ended and next(names, None) is not None:
        raise BadInput(f"{footage.name} has only {written} frames")
    return written


def write_video(
    footage: Footage,
    path: Path,
    *,
    gray: bool,
    fps: Fraction,
    should_stop: ShouldStop = never_stop,
) -> None:
    """Write the frames as H.264; an odd column or row is left out. Raises BadInput, Cancelled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames: Iterator[AnyFrame] = gray_frames(footage, "luma") if gray else rgb_frames(footage)
    first = next(frames, None)
    if first is None:
        raise BadInput(f"{footage.name} has no frames")
    writer = GrayDeliveryWriter if gray else RgbDeliveryWriter
    with writer(path, frame_size(first), fps) as out:
        for frame in chain((first,), frames):
            _go_on(should_stop)
            out.write(frame)


def write_picture(frame: AnyFrame, target: Path, form: PictureForm) -> None:
    """Encode one frame; the same frame gives the same bytes."""
    if form == "jpg":
        Image.fromarray(frame).save(target, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    elif form == "numbers":
        _write_numbers(frame, target)
    else:
        channels = frame.shape[2] if frame.ndim == 3 else 1
        code = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}.get(channels)
        done, data = cv2.imencode(".png", frame if code is None else cv2.cvtColor(frame, code))
        if not done:
            raise BadInput(f"{target.name} cannot be written as PNG")
        target.write_bytes(data.tobytes())


def number_palette() -> list[int]:
    """Return 256 colours, R G B after each other, in which neighbouring numbers look unlike: bit
    k of the number goes to the next free high bit of red, green or blue in turn. The first ones
    are those of the PASCAL VOC label maps, as DAVIS and YouTube-VOS have them."""
    colours: list[int] = []
    for number in range(256):
        red = green = blue = 0
        for place in range(8):
            left = number >> (3 * place)
            red |= (left & 1) << (7 - place)
            green |= (left >> 1 & 1) << (7 - place)
            blue |= (left >> 2 & 1) << (7 - place)
        colours += [red, green, blue]
    return colours


def _write_numbers(frame: GrayFrame, target: Path) -> None:
    size = (frame.shape[1], frame.shape[0])
    picture = Image.frombytes("P", size, np.ascontiguousarray(frame).tobytes())
    picture.putpalette(number_palette())
    picture.save(target, "PNG", optimize=False, compress_level=6)


def _frames(footage: Footage, form: PictureForm) -> Iterator[AnyFrame]:
    if form == "rgba":
        raise BadInput(f"{footage.name} has no opacity of its own", hint="write it with its alpha")
    return rgb_frames(footage) if form in ("jpg", "png") else gray_frames(footage)


def _is_in_form(file: Path, form: PictureForm) -> bool:
    header = read_picture_header(file, file.name, _LARGEST_SIDE)
    if header.turned:
        return False
    if form == "jpg":
        return header.format == "JPEG" and header.mode in ("RGB", "L")
    if header.format != "PNG":
        return False
    if form == "numbers":
        return header.palette
    return header.mode == {"gray": "L", "png": "RGB", "rgba": "RGBA"}[form]


def _go_on(should_stop: ShouldStop) -> None:
    if should_stop():
        raise Cancelled("the export was stopped")

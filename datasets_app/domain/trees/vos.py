"""Clips as video object segmentation sets hold them: a folder of frames, a folder of annotations
with the same stems, object numbers in a palette."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import numpy as np

from datasets_app.domain.findings import Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.media.mask_reading import DEFAULT_THRESHOLD
from datasets_app.domain.media.picture_file import read_picture_header
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.checking import mask_misfits
from datasets_app.domain.trees.entries import (
    Footage,
    MaskObject,
    Pictures,
    ReadyTuple,
    SourceClip,
    SourceMask,
)
from datasets_app.domain.trees.footage import gray_frames, picture_paths
from datasets_app.domain.trees.reading import visible
from datasets_app.domain.trees.samples import clip_of_tuple, object_numbers
from datasets_app.domain.trees.writing import (
    PictureForm,
    frame_names,
    frame_targets,
    numbered,
    write_frames,
    write_picture,
)
from matteweb.errors import BadInput, Cancelled

MASK_NAME: Final = "objects"
MOST_OBJECTS: Final = 32
"""More numbers than this in one mask are brightness, or damage."""


def vos_clip(
    frames: Path,
    annotations: Path | None,
    *,
    split: str,
    objects: tuple[MaskObject, ...] = (),
    findings: list[Finding],
) -> SourceClip:
    """Return the clip of one folder of frames, with what is annotated of it.

    Where every k-th frame is annotated, the clip is those frames. Where only some first frames of
    objects are, the clip is whole and its mask partial.
    """
    name, pictures = frames.name, picture_paths(frames)
    findings += _strays(frames, pictures)
    if annotations is None:
        return SourceClip(name, frames, split=split)
    drawn = picture_paths(annotations)
    findings += _strays(annotations, drawn)
    stems = {file.stem: number for number, file in enumerate(pictures)}
    lost = [file for file in drawn if file.stem not in stems]
    for file in lost:
        where = f"{annotations.parent.name}/{name}/{file.name}"
        message = f"{where} belongs to no frame of {name}"
        findings.append(
            Finding("annotation_unpaired", "error", message, "give it its frame's name", where)
        )
    kept = tuple(file for file in drawn if file.stem in stems)
    numbers = tuple(stems[file.stem] for file in kept)
    if not kept:
        return SourceClip(name, frames, split=split)
    if len(kept) == len(pictures):
        whole: Footage = annotations if not lost else Pictures(kept)
        mask = SourceMask(MASK_NAME, whole, objects)
        return SourceClip(name, frames, (mask,), split=split)
    if _is_stride(numbers, len(pictures)):
        message = f"{len(kept)} of {len(pictures)} frames of {name} are annotated"
        hint = "the clip is brought in with these frames alone"
        findings.append(Finding("frames_unannotated", "warning", message, hint, name))
        chosen = Pictures(tuple(pictures[number] for number in numbers))
        mask = SourceMask(MASK_NAME, Pictures(kept), objects)
        return SourceClip(name, chosen, (mask,), split=split)
    mask = SourceMask(MASK_NAME, Pictures(kept), objects, frames=numbers)
    return SourceClip(name, frames, (mask,), split=split)


def vos_findings(clip: SourceClip, limits: Limits, should_stop: ShouldStop) -> Iterator[Finding]:
    """Yield what is wrong with the masks of a clip: length, size, object numbers. Raises BadInput
    when the clip cannot be read, Cancelled."""
    yield from mask_misfits(clip, limits, should_stop)
    yield from number_findings(clip, should_stop)


def number_findings(clip: SourceClip, should_stop: ShouldStop) -> Iterator[Finding]:
    """Yield what is wrong with the numbers of a clip's annotations. Decodes them. Raises BadInput
    for damage, Cancelled."""
    for mask in clip.masks:
        seen = seen_objects(mask, should_stop)
        told = {one.number: one for one in mask.objects}
        high = [number for number in seen if number > MOST_OBJECTS]
        if high and set(seen) != {255}:
            message = f"{clip.name} has object numbers up to {max(high)}, more than {MOST_OBJECTS}"
            hint = "annotations hold a number per object, as palette or gray PNG"
            yield Finding("object_numbers", "error", message, hint, clip.name)
            continue
        for number in sorted(set(seen) - set(told)) if told else ():
            message = f"{clip.name} shows object {number}, which its list does not name"
            yield Finding("object_unlisted", "warning", message, "name it in meta.json", clip.name)
        for number, one in told.items():
            missing = [stem for stem in one.frames if stem not in seen.get(number, ())]
            if missing:
                message = f"object {number} of {clip.name} is not on frame {missing[0]}"
                hint = f"its list says so for {len(missing)} frames: correct either"
                yield Finding("object_frames", "warning", message, hint, clip.name)


def seen_objects(mask: SourceMask, should_stop: ShouldStop) -> dict[int, list[str]]:
    """Return object number -> stems of the frames on which it has a pixel."""
    files = picture_paths(mask.path)
    seen: dict[int, list[str]] = {}
    with closing(gray_frames(mask.path)) as frames:
        for file in files:
            if should_stop():
                raise Cancelled("the check was stopped")
            frame = next(frames, None)
            if frame is None:
                raise BadInput(f"{file.name} cannot be read as a picture", hint="copy it again")
            for number in np.flatnonzero(np.bincount(frame.ravel(), minlength=256)[1:]) + 1:
                seen.setdefault(int(number), []).append(file.stem)
    return seen


def write_clip(
    entry: SourceClip | ReadyTuple, frames: Path, annotations: Path, *, should_stop: ShouldStop
) -> tuple[SourceClip, dict[int, list[str]]]:
    """Write frames as JPEG and annotations as palette PNG; return the clip, and object number ->
    stems of the frames that show it."""
    clip = clip_of_tuple(entry) if isinstance(entry, ReadyTuple) else entry
    targets = frame_targets(clip.video, frames / clip.name, ".jpg")
    written = write_frames(clip.video, targets, "jpg", should_stop=should_stop)
    stems = frame_names(clip.video) or numbered(written)
    seen: dict[int, list[str]] = {}
    if not clip.masks:
        return clip, seen
    covered = clip.masks[0].frames
    chosen = stems if covered is None else [stems[number] for number in covered]
    drawn = [annotations / clip.name / f"{stem}.png" for stem in chosen]
    only = clip.masks[0]
    if len(clip.masks) == 1 and not isinstance(entry, ReadyTuple) and _is_annotation(only.path):
        write_frames(only.path, drawn, _form(only.path), should_stop=should_stop)
        return clip, seen_objects(only, should_stop) if not only.objects else seen
    numbers = (
        object_numbers(entry) if isinstance(entry, ReadyTuple) else combined_numbers(clip.masks)
    )
    with closing(numbers) as every:
        for target, frame in zip(drawn, every, strict=True):
            if should_stop():
                raise Cancelled("the export was stopped")
            target.parent.mkdir(parents=True, exist_ok=True)
            write_picture(frame, target, "numbers")
            for number in np.flatnonzero(np.bincount(frame.ravel(), minlength=256)[1:]) + 1:
                seen.setdefault(int(number), []).append(target.stem)
    return clip, seen


def _strays(folder: Path, pictures: Iterable[Path]) -> Iterator[Finding]:
    known = set(pictures)
    for path in visible(folder):
        if path not in known:
            where = f"{folder.parent.name}/{folder.name}/{path.name}"
            message = f"{where} is no picture"
            yield Finding("not_a_frame", "note", message, "it is left out", where)


def _is_stride(numbers: tuple[int, ...], total: int) -> bool:
    """Whether frames are every k-th from the first to the end, k >= 2."""
    if len(numbers) < 2 or numbers[0] != 0:
        return False
    step = numbers[1]
    return list(numbers) == list(range(0, total, step))


def _is_annotation(footage: Footage) -> bool:
    return bool(picture_paths(footage))


def _form(footage: Footage) -> PictureForm:
    files = picture_paths(footage)
    return "numbers" if read_picture_header(files[0], files[0].name, 16384).palette else "gray"


def combined_numbers(masks: tuple[SourceMask, ...]) -> Generator[GrayFrame, None, None]:
    """Yield object numbers: mask k, where it is above 127, is object k + 1; a later one covers."""
    with ExitStack() as stack:
        readers = [stack.enter_context(closing(gray_frames(mask.path))) for mask in masks]
        for layers in zip(*readers, strict=True):
            numbers = np.zeros(layers[0].shape, np.uint8)
            for number, layer in enumerate(layers, 1):
                numbers[layer > DEFAULT_THRESHOLD] = number
            yield numbers

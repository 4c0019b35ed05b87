"""Clips with true labels, from any tree of clips with masks that a layout knows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from datasets_app.domain.layouts import find_layout
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.mask_reading import DEFAULT_THRESHOLD
from datasets_app.domain.media.picture_file import (
    read_picture_gray,
    read_picture_header,
    read_picture_rgb,
)
from datasets_app.domain.trees.entries import SourceClip, SourceMask
from datasets_app.domain.trees.footage import measure_footage, picture_paths
from datasets_app.domain.trees.vos import MOST_OBJECTS, combined_numbers
from inference_app.domain.evaluation.robot import Labels
from inference_app.domain.interactive.pictures import ClipPictures, Pictures
from matteweb.errors import BadInput

_LARGEST_SIDE: Final = Limits().max_side
_VOID: Final = 255
_TRAINING: Final = "train"
_VIDEO, _MASKS = "input_video.mp4", "mask_*.mp4"


class Truth(Protocol):
    """Labels by frame number."""

    def __getitem__(self, number: int) -> Labels: ...


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A clip, its true labels and how many objects they number.

    ``seen``: the numbers of the objects of a kind that clips for training show, too; None where
    that is not known, or where this clip is one of them.
    """

    name: str
    pictures: Pictures
    truth: Truth
    objects: int
    seen: frozenset[int] | None = None


class PictureFiles:
    """Frames that are picture files; each is read when it is asked for."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self._files = files
        self.frames = len(files)
        self.size = read_picture_header(files[0], files[0].name, _LARGEST_SIDE).size

    def __getitem__(self, number: int) -> RgbFrame:
        file = self._files[number]
        return read_picture_rgb(file, file.name, _LARGEST_SIDE)


class LabelFiles:
    """Labels in pictures: object numbers, where 255 (void) is background, or, in gray pictures
    that are brighter than any number, one object where they are above 127."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self.files = files

    def __getitem__(self, number: int) -> Labels:
        file = self.files[number]
        if read_picture_header(file, file.name, _LARGEST_SIDE).palette:
            labels = read_picture_gray(file, file.name, _LARGEST_SIDE, "number")
            return np.where(labels == _VOID, 0, labels).astype(np.uint8)
        gray = read_picture_gray(file, file.name, _LARGEST_SIDE, "luma")
        return (gray > DEFAULT_THRESHOLD).astype(np.uint8) if gray.max() > MOST_OBJECTS else gray


class LabelStack:
    """Labels that lie in memory, one byte per pixel: short clips with masks as videos."""

    def __init__(self, labels: list[Labels]) -> None:
        self._labels = labels

    def __getitem__(self, number: int) -> Labels:
        return self._labels[number]


def sequences_in(folder: Path, only: Collection[str] = ()) -> Iterator[Sequence]:
    """Yield the sequences of ``folder`` by name: clips with masks of a tree in a known layout, or
    of one with a folder per clip that holds a video and its masks. ``only``: as `clips_named`.

    Raises BadInput when there are none, when two have one name, or when frames and labels do not
    fit together.
    """
    clips = clips_in(folder)
    kinds = kinds_for_training(clips)
    for clip in clips_named(clips, only):
        yield sequence_of(clip, kinds)


def clips_named(clips: list[SourceClip], names: Collection[str]) -> list[SourceClip]:
    """Return the clips that are named, all without names. Raises BadInput for a name of none."""
    known = {clip.name for clip in clips}
    if missing := [name for name in names if name not in known]:
        raise BadInput(
            f"there is no clip {missing[0]!r}", hint=f"known: {', '.join(sorted(known)[:20])}"
        )
    return [clip for clip in clips if not names or clip.name in names]


def require_one_of_each(names: Iterable[str]) -> None:
    """Raise BadInput when two clips have one name: what is kept of a clip is found by it."""
    counted = Counter(names)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise BadInput(
            f"{counted[twice[0]]} clips are called {twice[0]!r}",
            hint="take one of them away, or give it another name",
        )


def file_key(clip: str) -> str:
    """Return what files about a clip are called, since its own name may hold anything."""
    return hashlib.sha256(clip.encode(errors="surrogateescape")).hexdigest()[:16]


def clips_in(folder: Path) -> list[SourceClip]:
    """Return the clips with masks of ``folder`` by name, unopened. Raises as `sequences_in`."""
    clips = [clip for clip in _clips(folder) if clip.masks]
    require_one_of_each(clip.name for clip in clips)
    if not clips:
        raise BadInput(
            f"{folder.name} holds no clips with masks",
            hint="for example JPEGImages/ and Annotations/ as DAVIS has them, or one folder per "
            f"clip with {_VIDEO} and mask_00.mp4, mask_01.mp4, ...",
        )
    return sorted(clips, key=lambda clip: clip.name)


def _clips(folder: Path) -> tuple[SourceClip, ...]:
    found = []
    for video in folder.glob(f"*/{_VIDEO}"):
        masks = sorted(video.parent.glob(_MASKS))
        named = tuple(SourceMask(mask.stem, mask) for mask in masks)
        found.append(SourceClip(video.parent.name, video, named))
    if found:
        return tuple(found)
    layout, inside = find_layout(folder)
    return layout.read(inside).clips


def kinds_for_training(clips: Iterable[SourceClip]) -> frozenset[str]:
    """Return the kinds of the objects of all clips that a list sets aside for training."""
    training = [clip for clip in clips if clip.split == _TRAINING]
    return frozenset(one.label for clip in training for mask in clip.masks for one in mask.objects)


def _seen(clip: SourceClip, kinds: frozenset[str]) -> frozenset[int] | None:
    objects = [one for mask in clip.masks for one in mask.objects]
    if not kinds or not objects or clip.split in ("", _TRAINING):
        return None
    return frozenset(one.number for one in objects if one.label in kinds)


def sequence_of(clip: SourceClip, kinds: frozenset[str] = frozenset()) -> Sequence:
    """Open a clip with its masks; ``kinds``: see `kinds_for_training`.

    Raises BadInput when frames and labels do not fit together.
    """
    for mask in clip.masks:
        if mask.frames is not None:
            raise BadInput(
                f"only {len(mask.frames)} frames of {clip.name} are annotated",
                hint="the protocols need one annotation per picture",
            )
    truth, frames, objects = _truth(clip)
    files = picture_paths(clip.video)
    if files:
        pictures: Pictures = PictureFiles(files)
    else:
        if not isinstance(clip.video, Path):
            raise BadInput(f"{clip.name} has no pictures")
        measured = measure_footage(clip.video, Limits(), name=clip.name)
        # Labels are compared at the size of the film, so nothing is made smaller.
        longest = max(measured.size.width, measured.size.height)
        pictures = ClipPictures(clip.video, measured.frames, measured.size, longest)
    size = FrameSize(truth[0].shape[1], truth[0].shape[0])
    if (pictures.frames, pictures.size) != (frames, size):
        raise BadInput(
            f"{clip.name} has {pictures.frames} frames of {pictures.size}, "
            f"its masks {frames} of {size}",
            hint="the protocols need one annotation of the same size per picture",
        )
    return Sequence(clip.name, pictures, truth, objects, _seen(clip, kinds))


def _truth(clip: SourceClip) -> tuple[Truth, int, int]:
    """Return labels, for how many frames, and how many objects."""
    files = picture_paths(clip.masks[0].path)
    if len(clip.masks) == 1 and files:
        truth = LabelFiles(files)
        named = max((one.number for one in clip.masks[0].objects), default=0)
        return truth, len(files), named or max(int(truth[i].max()) for i in range(len(files)))
    with closing(combined_numbers(clip.masks)) as numbers:
        labels = list(numbers)
    if not labels:
        raise BadInput(f"the masks of {clip.name} have no frames", hint="copy them again")
    return LabelStack(labels), len(labels), len(clip.masks)

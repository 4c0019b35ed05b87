"""Clips with true labels: folders in the DAVIS layout, and folders of a video with its masks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.picture_file import (
    read_picture_gray,
    read_picture_header,
    read_picture_rgb,
)
from datasets_app.domain.media.reader import read_gray
from inference_app.domain.evaluation.robot import Labels
from inference_app.domain.interactive.pictures import ClipPictures, Pictures
from matteweb.errors import BadInput

_LARGEST_SIDE: Final = 16384
_INSIDE: Final = 128
_RESOLUTIONS: Final = ("480p", "Full-Resolution", "")
_VIDEO, _MASKS = "input_video.mp4", "mask_*.mp4"


class Truth(Protocol):
    """Labels by frame number."""

    def __getitem__(self, number: int) -> Labels: ...


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A clip, its true labels and how many objects they number."""

    name: str
    pictures: Pictures
    truth: Truth
    objects: int


class PictureFiles:
    """Frames that are picture files; each is read when it is asked for."""

    def __init__(self, files: list[Path]) -> None:
        self._files = files
        self.frames = len(files)
        self.size = read_picture_header(files[0], files[0].name, _LARGEST_SIDE).size

    def __getitem__(self, number: int) -> RgbFrame:
        file = self._files[number]
        return read_picture_rgb(file, file.name, _LARGEST_SIDE)


class LabelFiles:
    """Labels in palette pictures; 255 (void) counts as background."""

    def __init__(self, files: list[Path]) -> None:
        self.files = files

    def __getitem__(self, number: int) -> Labels:
        file = self.files[number]
        labels = read_picture_gray(file, file.name, _LARGEST_SIDE, "number")
        return np.where(labels == 255, 0, labels).astype(np.uint8)


class LabelStack:
    """Labels that lie in memory, bit by bit small: short clips with masks as videos."""

    def __init__(self, labels: list[Labels]) -> None:
        self._labels = labels

    def __getitem__(self, number: int) -> Labels:
        return self._labels[number]


def sequences_in(folder: Path) -> Iterator[Sequence]:
    """Yield the sequences of ``folder`` by name, whichever of the two shapes it has.

    Raises BadInput when it has neither, or when frames and labels do not fit together.
    """
    for resolution in _RESOLUTIONS:
        annotations = folder / "Annotations" / resolution
        subfolders = sorted(path for path in annotations.glob("*") if path.is_dir())
        if subfolders and any(path.glob("*.png") for path in subfolders):
            pictures = folder / "JPEGImages" / resolution
            yield from (_davis(pictures / path.name, path) for path in subfolders)
            return
    clips = sorted(path.parent for path in folder.glob(f"*/{_VIDEO}"))
    marked = [path for path in clips if any(path.glob(_MASKS))]
    if not marked:
        raise BadInput(
            f"{folder.name} holds no clips with masks",
            hint="either JPEGImages/ and Annotations/ as DAVIS has them, or one folder per clip "
            f"with {_VIDEO} and mask_00.mp4, mask_01.mp4, ...",
        )
    yield from map(_clip, marked)


def _davis(pictures: Path, annotations: Path) -> Sequence:
    frames = sorted([*pictures.glob("*.jpg"), *pictures.glob("*.png")])
    labels = sorted(annotations.glob("*.png"))
    if len(frames) != len(labels) or not frames:
        raise BadInput(
            f"sequence {annotations.name} has {len(frames)} pictures but {len(labels)} annotations",
            hint="the protocol needs one annotation per picture",
        )
    truth = LabelFiles(labels)
    objects = max(int(truth[number].max()) for number in range(len(labels)))
    return Sequence(annotations.name, PictureFiles(frames), truth, objects)


def _clip(folder: Path) -> Sequence:
    masks = sorted(folder.glob(_MASKS))
    labels: list[Labels] = []
    for number, mask in enumerate(masks, 1):
        for frame, plane in enumerate(read_gray(mask)):
            if number == 1:
                labels.append(np.zeros(plane.shape, np.uint8))
            labels[frame][plane >= _INSIDE - 1] = number
    size = FrameSize(labels[0].shape[1], labels[0].shape[0])
    pictures = ClipPictures(folder / _VIDEO, len(labels), size)
    return Sequence(folder.name, pictures, LabelStack(labels), len(masks))

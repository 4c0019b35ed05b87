"""Clips with a true alpha that lie on the disk, as a source of training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from inference_app.domain.training.guidance import spoiled
from inference_app.domain.training.painted import MattingClip
from matteweb.errors import BadInput

_ON_THE_EDGE = 0.75
"""Share of crops that lie on the outline of the object."""
_SMALLEST, _LARGEST = 0.4, 1.0
"""Side of a crop as a share of the shorter side of the frame."""

MEASURED_AT = 960
"""The longer side in pixels up to which whole clips are measured as they are."""


@dataclass(frozen=True, slots=True)
class StoredClip:
    """One clip: files of its picture and its alpha, what names them, how often to draw it."""

    rgb: str
    alpha: str
    digest: str
    frames: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Stored:
    """Clips on the disk, each drawn with its weight."""

    clips: tuple[StoredClip, ...]

    def clip(self, seed: int, index: int, frames: int, side: int) -> MattingClip:
        """Return a crop of ``side`` squared from ``frames`` frames in a row.

        A clip that is too short goes back and forth. Raises BadInput when its files do not fit.
        """
        rng = np.random.default_rng([seed, index, 3])
        weights = np.array([one.weight for one in self.clips])
        one = self.clips[int(rng.choice(len(weights), p=weights / weights.sum()))]
        length = min(frames, one.frames)
        start = int(rng.integers(0, one.frames - length + 1))
        pictures, alphas = _read(one, start, start + length)
        window = _window(alphas[0], rng)
        flip = bool(rng.random() < 0.5)
        order = list(_back_and_forth(length, frames))
        rgb = np.stack([_cut(pictures[number], window, side, flip) for number in order])
        alpha = np.stack([_cut(alphas[number], window, side, flip) for number in order])
        mask = spoiled(np.asarray(alpha / np.float32(255), np.float32), rng)
        return MattingClip(rgb, alpha, (mask * 255).astype(np.uint8))

    def whole(self, number: int, frames: int) -> MattingClip:
        """Return the first ``frames`` frames of clip ``number`` as they are, to measure on.

        Pictures above ``MEASURED_AT`` are made smaller. The masks are spoiled in the same way each
        time.
        """
        one = self.clips[number]
        pictures, alphas = _read(one, 0, min(frames, one.frames))
        size = FrameSize(alphas[0].shape[1], alphas[0].shape[0]).fitted(MEASURED_AT)
        shape = (size.width, size.height)
        rgb, alpha = (
            np.stack([_sized(plane, shape) for plane in planes]) for planes in (pictures, alphas)
        )
        rng = np.random.default_rng([len(self.clips), number, 5])
        mask = spoiled(np.asarray(alpha / np.float32(255), np.float32), rng)
        return MattingClip(rgb, alpha, (mask * 255).astype(np.uint8))

    def __len__(self) -> int:
        return len(self.clips)


def _read(one: StoredClip, start: int, stop: int) -> tuple[list[RgbFrame], list[GrayFrame]]:
    with (
        closing(read_rgb(Path(one.rgb), start=start, stop=stop)) as pictures,
        closing(read_gray(Path(one.alpha), start=start, stop=stop)) as planes,
    ):
        found = [*pictures], [*planes]
    if len(found[0]) != stop - start or len(found[1]) != stop - start:
        raise BadInput(f"{one.digest} has no frames {start} to {stop}", hint="freeze it anew")
    if found[0][0].shape[:2] != found[1][0].shape:
        raise BadInput(f"picture and alpha of {one.digest} differ in size")
    return found


def _window(alpha: GrayFrame, rng: np.random.Generator) -> tuple[slice, slice]:
    """Choose a square, most often around a place that is neither inside nor outside."""
    height, width = alpha.shape
    side = max(1, round(min(height, width) * float(rng.uniform(_SMALLEST, _LARGEST))))
    y, x = (int(rng.integers(0, high)) for high in (height, width))
    if rng.random() < _ON_THE_EDGE:
        edge = np.argwhere((alpha > 5) & (alpha < 250))
        if not len(edge):
            edge = np.argwhere(cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0)
        if len(edge):
            y, x = (int(value) for value in edge[int(rng.integers(len(edge)))])
    top = min(max(0, y - side // 2), height - side)
    left = min(max(0, x - side // 2), width - side)
    return slice(top, top + side), slice(left, left + side)


def _sized(plane: npt.NDArray[np.uint8], shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    if (plane.shape[1], plane.shape[0]) == shape:
        return plane
    return np.asarray(cv2.resize(plane, shape, interpolation=cv2.INTER_AREA), np.uint8)


def _cut(
    plane: npt.NDArray[np.uint8], window: tuple[slice, slice], side: int, flip: bool
) -> npt.NDArray[np.uint8]:
    part = np.ascontiguousarray(plane[window])
    smaller = part.shape[0] > side
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    part = np.asarray(cv2.resize(part, (side, side), interpolation=method), np.uint8)
    return part[:, ::-1] if flip else part


def _back_and_forth(length: int, frames: int) -> Iterator[int]:
    turn = max(1, 2 * (length - 1))
    for number in range(frames):
        place = number % turn
        yield min(place, turn - place) if length > 1 else 0

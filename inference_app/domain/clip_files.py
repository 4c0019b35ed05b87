"""Clips, stills and folders of stills from a path, with the masks that belong to them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.footage import footage_kind
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.mask_reading import (
    MaskReading,
    choose_reading,
    read_mask,
    survey_mask,
)
from datasets_app.domain.media.picture_sequence import PictureSequence
from datasets_app.domain.media.probe import probe
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.predictors.base import Shot
from matteweb.errors import BadInput, NotFound

STILL_RATE = Fraction(24)
"""What pictures without a rate are played at."""


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A source of frames. ``is_still``: it is one picture, not a clip of one frame."""

    path: Path
    frames: int
    size: FrameSize
    fps: Fraction
    is_still: bool

    def read(self) -> Generator[RgbFrame, None, None]:
        """Yield its frames in order, one in memory at a time."""
        if self.path.is_dir() or self.path.suffix.lower() == ".zip":
            with PictureSequence(self.path) as pictures:
                yield from pictures.read_rgb()
        else:
            yield from read_rgb(self.path)


@dataclass(frozen=True, slots=True)
class MaskFile:
    """A source of masks, one per frame, or one for the first frame alone.

    ``reading``: how the values of the file are meant; None for a stored mask, whose values say it.
    """

    path: Path
    reading: MaskReading | None
    frames: int
    size: FrameSize

    def read(self) -> Generator[GrayFrame, None, None]:
        """Yield the masks, 255 = object."""
        if self.reading is None:
            yield from read_gray(self.path)
            return
        for mask in read_mask(self.path, self.reading):
            yield (mask > 0).astype(np.uint8) * 255 if self.reading.kind == "index" else mask


def open_clip(path: Path, limits: Limits, should_stop: ShouldStop) -> ClipFile:
    """Say what is at ``path``. Raises what the probe raises: NotFound, BadInput, Unsupported."""
    if not path.exists():
        raise NotFound(f"there is no {path}")
    if path.is_dir() or footage_kind(path.name) == "sequence":
        with PictureSequence(path, limits=limits) as pictures:
            return ClipFile(path, len(pictures), pictures.size, STILL_RATE, False)
    facts = probe(path, limits, should_stop=should_stop)
    size = FrameSize(facts.width, facts.height)
    return ClipFile(path, facts.frames, size, facts.fps or STILL_RATE, facts.kind == "still")


def open_mask(path: Path, clip: ClipFile, limits: Limits, should_stop: ShouldStop) -> MaskFile:
    """Say what masks are at ``path``, and that they fit ``clip``.

    Raises BadInput for another size, or a number of masks that is neither one nor the clip's.
    """
    if not path.exists():
        raise NotFound(f"there is no {path}")
    survey = survey_mask(path, limits, should_stop=should_stop)
    if survey.size != clip.size:
        raise BadInput(
            f"{path.name} is {survey.size} but {clip.path.name} {clip.size}",
            hint="give a mask of the clip's size",
        )
    if survey.frames not in (1, clip.frames):
        raise BadInput(
            f"{path.name} has {survey.frames} frames but {clip.path.name} {clip.frames}",
            hint="give a mask for every frame, or one for the first",
        )
    return MaskFile(path, choose_reading(survey), survey.frames, survey.size)


def shots_of(clip: ClipFile, mask: MaskFile | None, size: FrameSize | None) -> Iterator[Shot]:
    """Yield the frames with their masks, at ``size`` when given; closing it closes the files."""
    with closing(clip.read()) as frames, closing(mask.read() if mask else _nothing()) as masks:
        for rgb, hint in zip_longest(frames, masks):
            if rgb is None:
                return
            yield Shot(_sized_rgb(rgb, size), None if hint is None else _sized_mask(hint, size))


def _nothing() -> Generator[GrayFrame, None, None]:
    yield from ()


def _sized_rgb(rgb: RgbFrame, size: FrameSize | None) -> RgbFrame:
    if size is None or rgb.shape[:2] == (size.height, size.width):
        return rgb
    shrinks = size.width * size.height < rgb.shape[0] * rgb.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (size.width, size.height), interpolation=how), np.uint8)


def _sized_mask(mask: GrayFrame, size: FrameSize | None) -> GrayFrame:
    if size is None or mask.shape == (size.height, size.width):
        return mask
    small = cv2.resize(mask, (size.width, size.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8)

"""How hard a frame was for a model, told without a true alpha.

Three signs, each a share of the object's area, so that a small object counts as much as a large
one: what is neither object nor background, what changes although the picture under it moved along
unchanged, and what another model says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame, frame_size
from inference_app.domain.interactive.flow import warped

LOOKED_AT = 320
"""The longer side in pixels at which frames are looked at."""

_SMALLEST_SIDE = 16
_SAME_COLOUR = 10.0
"""Levels of 255 at which the trust that two places are the same has fallen to 1/e."""
_LEAST_AREA = 0.002
"""Share of the frame below which an object counts as this large."""

Plane = npt.NDArray[np.float32]
"""(H, W) float32 in 0..1."""


@dataclass(frozen=True, slots=True)
class FrameHardness:
    """One frame's signs; ``disagreement`` is None when no other model was asked."""

    frame: int
    uncertainty: float
    flicker: float
    disagreement: float | None

    @property
    def score(self) -> float:
        """The sum of the signs: the larger the harder."""
        return self.uncertainty + self.flicker + (self.disagreement or 0.0)


def hardness_of(
    frames: Iterable[RgbFrame],
    alphas: Iterable[GrayFrame],
    others: Sequence[Iterable[GrayFrame]] = (),
) -> Iterator[FrameHardness]:
    """Yield the hardness of each frame of a clip; ``others``: alphas of other models.

    All streams are as long as each other; ValueError otherwise.
    """
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    before: tuple[RgbFrame, Plane] | None = None
    for index, (frame, *planes) in enumerate(zip(frames, alphas, *others, strict=True)):
        rgb = _small(frame)
        plane, *rest = (_unit(one) for one in planes)
        area = max(_LEAST_AREA, *(float(one.mean()) for one in (plane, *rest)))
        flicker = 0.0 if before is None else _flicker(search, before, (rgb, plane))
        apart = max((float(np.abs(plane - one).mean()) for one in rest), default=None)
        yield FrameHardness(
            index,
            float((4 * plane * (1 - plane)).mean()) / area,
            flicker / area,
            None if apart is None else apart / area,
        )
        before = rgb, plane


def hardest(found: Iterable[FrameHardness], count: int, apart: int) -> list[FrameHardness]:
    """Return the ``count`` hardest frames, hardest first, each ``apart`` frames from the others."""
    chosen: list[FrameHardness] = []
    for one in sorted(found, key=lambda one: (-one.score, one.frame)):
        if len(chosen) == count:
            break
        if all(abs(one.frame - other.frame) >= apart for other in chosen):
            chosen.append(one)
    return chosen


def _flicker(
    search: cv2.DISOpticalFlow, before: tuple[RgbFrame, Plane], now: tuple[RgbFrame, Plane]
) -> float:
    (rgb_before, alpha_before), (rgb, alpha) = before, now
    if min(alpha.shape) < _SMALLEST_SIDE:
        flow = np.zeros((*alpha.shape, 2), np.float32)
    else:
        luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        luma_before = cv2.cvtColor(rgb_before, cv2.COLOR_RGB2GRAY)
        flow = np.asarray(search.calc(luma, luma_before, None), np.float32)
    moved = warped(alpha_before, flow)
    colour = np.stack(
        [warped(rgb_before[..., channel].astype(np.float32), flow) for channel in range(3)], -1
    )
    trust = np.exp(-((np.abs(colour - rgb).mean(2) / _SAME_COLOUR) ** 2))
    return float((trust * np.abs(alpha - moved)).mean())


def _small(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    size = frame_size(frame).fitted(LOOKED_AT)
    if frame.shape[:2] == (size.height, size.width):
        return frame
    shape = (size.width, size.height)
    return np.asarray(cv2.resize(frame, shape, interpolation=cv2.INTER_AREA), np.uint8)


def _unit(alpha: GrayFrame) -> Plane:
    return np.asarray(_small(alpha) / 255.0, np.float32)

"""A depth track as the lens needs it: one scale for the whole clip, and no flicker.

A track is a gray video, brighter is nearer, of whatever scale its maker had. A depth network
judges every frame a little differently; were each frame stretched by itself, the plane of focus
would jump with every object that enters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.synthesis.compositing.plate_fill import filled
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.references import MaskRef
from datasets_app.domain.synthesis.sources.source_frames import mask_frames, mask_looks

Floats = npt.NDArray[np.float32]

RADIUS = 2
"""Frames to both sides that are averaged."""

# Standard deviation over time in frames, and the change of disparity that counts as motion.
_SIGMA = 2.0
_MOTION = 0.08
# Spatial blur at a width of 640 px, against the steps of 8 bits.
_SPATIAL = 1.0
_LOOKS = 8
# Pixels around the subject that its surroundings are continued from.
_AROUND = 24
_FAR, _NEAR = 2, 98


@dataclass(frozen=True, slots=True)
class DepthScale:
    """Stored values ``far`` and ``near`` become disparity 0 and 1."""

    far: float
    near: float

    def disparity(self, stored: GrayFrame) -> Floats:
        """Return (H, W) float32 disparity, cut to 0..1; a flat track is 0 everywhere."""
        reach = max(self.near - self.far, 1.0)
        scaled = (stored.astype(np.float32) - np.float32(self.far)) / np.float32(reach)
        disparity: Floats = np.clip(scaled, 0, 1).astype(np.float32, copy=False)
        return disparity


def scale_of(track: MaskRef, sources: Mapping[str, Path], window: FrameWindow) -> DepthScale:
    """Measure the scale over frames spread over ``window``: percentiles 2 and 98 of all of them."""
    numbers = spread_numbers(window.length, _LOOKS)
    with closing(mask_looks(track, sources, window, numbers)) as frames:
        seen = [frame[::4, ::4].ravel() for frame in frames]
    far, near = np.percentile(np.concatenate(seen), (_FAR, _NEAR))
    return DepthScale(round(float(far), 3), round(float(near), 3))


def disparities(
    track: MaskRef, sources: Mapping[str, Path], window: FrameWindow, scale: DepthScale, first: int
) -> Generator[Floats, None, None]:
    """Yield the disparity of frames ``first``.. of ``window``, filtered over time and space.

    What a frame gets does not depend on ``first``. Memory: nine frames.
    """
    begin = max(0, first - RADIUS)
    with closing(mask_frames(track, sources, window.rest(begin))) as frames:
        scaled = (_smooth(scale.disparity(frame)) for frame in frames)
        yield from _steadied(scaled, first - begin)


def disparity_looks(
    track: MaskRef,
    sources: Mapping[str, Path],
    window: FrameWindow,
    scale: DepthScale,
    numbers: Sequence[int],
) -> Generator[Floats, None, None]:
    """Yield the disparity of these ascending numbers of ``window``, filtered over space alone."""
    with closing(mask_looks(track, sources, window, numbers)) as frames:
        for frame in frames:
            yield _smooth(scale.disparity(frame))


def _steadied(frames: Iterable[Floats], skip: int) -> Generator[Floats, None, None]:
    """Yield every frame but the first ``skip`` as the mean of its neighbours over time, those
    that differ counting less, so that what moves leaves no trace."""
    window: deque[tuple[int, Floats]] = deque(maxlen=2 * RADIUS + 1)
    likeness: dict[tuple[int, int], Floats] = {}
    due = skip
    for number, frame in enumerate(frames):
        window.append((number, frame))
        if number >= due + RADIUS:
            yield _mean_at(window, due, likeness)
            due += 1
    last = window[-1][0] if window else -1
    for number in range(due, last + 1):
        yield _mean_at(window, number, likeness)


def _mean_at(
    window: deque[tuple[int, Floats]], centre: int, likeness: dict[tuple[int, int], Floats]
) -> Floats:
    """``likeness`` of two frames is the same from both, and kept from the one for the other."""
    own = next(frame for number, frame in window if number == centre)
    total, weights = own.copy(), np.ones_like(own)
    for number, other in window:
        away = abs(number - centre)
        if away == 0 or away > RADIUS:
            continue
        pair = (min(number, centre), max(number, centre))
        alike = likeness.pop(pair, None)
        if alike is None:
            change = other - own
            change /= np.float32(_MOTION)
            np.multiply(change, change, out=change)
            np.negative(change, out=change)
            alike = likeness[pair] = np.exp(change, out=change)
        weight = alike * np.float32(np.exp(-(away**2) / (2 * _SIGMA**2)))
        weights += weight
        weight *= other
        total += weight
    total /= weights
    return total


def _smooth(disparity: Floats) -> Floats:
    sigma = max(0.5, _SPATIAL * disparity.shape[1] / 640)
    smooth: Floats = cv2.GaussianBlur(disparity, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return smooth


def parted(disparity: Floats, alpha: GrayFrame) -> tuple[Floats, Floats]:
    """Return the disparity of the subject and that of what lies behind it, each (H, W).

    Depth at an edge belongs to neither; each side is continued from where it is sure.
    """
    subject, behind = disparity.copy(), disparity.copy()
    left, top, width, height = cv2.boundingRect(alpha)
    if not width:
        return subject, behind
    size = FrameSize(alpha.shape[1], alpha.shape[0])
    part = Box(left, top, left + width, top + height).grown(_AROUND, size).slices
    ring = np.ones((5, 5), np.uint8)
    for side, low, high in ((subject, 230, 255), (behind, 0, 25)):
        sure = cv2.erode(cv2.inRange(alpha[part], low, high), ring).astype(np.float32)
        if sure.any():
            side[part] = filled(disparity[part], sure / np.float32(255))
    return subject, behind


def middle(disparity: Floats, alpha: GrayFrame) -> float | None:
    """Return the median disparity well inside the subject; None where there is no inside."""
    inside = cv2.erode(cv2.inRange(alpha, 128, 255), np.ones((5, 5), np.uint8)) > 0
    if not inside.any():
        return None
    return float(np.median(disparity[inside]))


def spread_numbers(length: int, most: int) -> list[int]:
    """Return up to ``most`` numbers of 0..``length`` - 1, first and last among them."""
    if length <= most:
        return list(range(length))
    return sorted({round(at * (length - 1) / (most - 1)) for at in range(most)})

"""What a place looks like without whatever moves through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from inference_app.domain.automatic.registration import Homography
from inference_app.domain.interactive.pictures import Pictures

LabFrame = npt.NDArray[np.uint8]
"""(H, W, 3), OpenCV's 8-bit Lab."""

Stack = npt.NDArray[np.uint8]
"""(N, ...)."""

_SAMPLES: Final = 31
# A moving camera: every so many frames one look, of those at most so far away.
_LOOK_APART, _REACH = 8, 64


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """``plate``: the place alone; ``spread``: (H, W), how much it varies by itself."""

    plate: LabFrame
    spread: GrayFrame


def still_ground(pictures: Pictures) -> Ground:
    """Return the median over looks spread over the whole clip. What rests in more than half of them
    is taken for the place."""
    places = np.unique(np.linspace(0, pictures.frames - 1, _SAMPLES).round().astype(int))
    return _ground(np.stack([lab(pictures[int(place)]) for place in places]))


def moving_grounds(
    ahead: Pictures, pictures: Pictures, steps: list[Homography]
) -> Iterator[tuple[RgbFrame, Ground]]:
    """Yield each frame with the median of looks up to 64 frames away, laid over it.

    Where too few looks show the place, the frame itself is taken for it. ``ahead`` reads the same
    clip as ``pictures``; both go forward only. At most 17 small frames are in memory.
    """
    looks: dict[int, LabFrame] = {}
    lies: dict[int, Homography] = {}
    size = pictures.size
    for number in range(pictures.frames):
        if number:
            lies = {look: steps[number - 1] @ way for look, way in lies.items()}
        for look in range(0, min(number + _REACH, pictures.frames - 1) + 1, _LOOK_APART):
            if look >= number - _REACH and look not in looks:
                looks[look], lies[look] = lab(ahead[look]), _way(steps, look, number)
        for old in [look for look in looks if look < number - _REACH]:
            del looks[old], lies[old]
        picture = pictures[number]
        own = lab(picture)
        stack = [
            _laid(looks[look], lies[look], own, (size.width, size.height))
            for look in looks
            if look != number
        ]
        yield picture, _ground(np.stack(stack or [own]))


def lab(picture: RgbFrame) -> LabFrame:
    """Return the picture in Lab, slightly blurred against noise."""
    smooth = cv2.GaussianBlur(picture, (0, 0), 0.8)
    return np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.uint8)


def _way(steps: list[Homography], start: int, end: int) -> Homography:
    """Return where the ground of frame ``start`` lies in frame ``end``."""
    way = np.eye(3)
    for number in range(min(start, end), max(start, end)):
        way = steps[number] @ way
    return way if start <= end else np.asarray(np.linalg.inv(way))


def _laid(look: LabFrame, way: Homography, own: LabFrame, size: tuple[int, int]) -> LabFrame:
    """Return ``look`` laid over a frame that is ``own``, which shows through where it ends."""
    laid = own.copy()
    cv2.warpPerspective(
        look, way, size, laid, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    return laid


def _ground(stack: Stack) -> Ground:
    plate = median_of(stack)
    away = np.maximum(stack, plate) - np.minimum(stack, plate)
    return Ground(plate, median_of(away.max(axis=3)))


def median_of(stack: Stack) -> Stack:
    """Return the median over the first axis, of an even count the upper one.

    Sorts by exchanging neighbours, plane by plane: NumPy's own is 40 times slower for so few.
    """
    planes = list(stack)
    for turn in range(len(planes)):
        for low in range(turn % 2, len(planes) - 1, 2):
            one, two = planes[low], planes[low + 1]
            planes[low], planes[low + 1] = np.minimum(one, two), np.maximum(one, two)
    return np.asarray(planes[len(planes) // 2])

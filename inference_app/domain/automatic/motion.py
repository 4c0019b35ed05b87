"""Masks of what moves before a place that rests, whether the camera stands or pans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, cast

import cv2
import numpy as np
from pydantic import Field

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.automatic.background import (
    Ground,
    LabFrame,
    lab,
    moving_grounds,
    still_ground,
)
from inference_app.domain.automatic.base import ClipFile, MakerParams, NoNetwork
from inference_app.domain.automatic.full_size import GUIDE_EPSILON, GUIDE_RADIUS, at_full_size
from inference_app.domain.automatic.registration import camera_steps, is_still
from inference_app.domain.automatic.steadying import Marked, steadied
from inference_app.domain.interactive.edges import guided
from inference_app.domain.interactive.planes import BoolMask, SoftMask, touching
from matteweb.errors import BadInput, Cancelled

_SIDE: Final = 480
_NOISE: Final = 2.5
# A shadow keeps the hue and takes away this share of the light.
_SHADOW_LEAST, _SHADOW_MOST = 0.05, 0.55
_SHADOW_HUE: Final = 6.0


class MotionParams(MakerParams):
    """What counts as moving."""

    camera: Literal["auto", "still", "moving"] = Field(
        "auto", title="Camera", description="Still: on a tripod. Moving: pans and turns; a camera "
        "that travels shows depth, which no background model of this kind knows"
    )  # fmt: skip
    threshold: float = Field(
        14, ge=4, le=60, title="Threshold", description="Difference to the place that counts",
        json_schema_extra={"unit": "levels"},
    )  # fmt: skip
    smallest: float = Field(
        0.001, ge=0, le=0.1, title="Smallest part", description="As a share of the frame"
    )
    shadows: bool = Field(False, title="Keep shadows")
    steady: bool = Field(True, title="Repair flicker")


class Motion(NoNetwork):
    """A background model: the median of what was seen of each place."""

    info = PluginInfo(
        "motion", "What moves", "Whatever passes before a place; no network", version=1
    )
    params: type[MakerParams] = MotionParams

    def make(
        self, clip: ClipFile, params: MotionParams, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[GrayFrame]:
        """Yield masks. Raises BadInput for a clip of fewer than three frames."""
        if clip.frames < 3:
            raise BadInput(
                f"{clip.name} has {clip.frames} frames", hint="motion needs at least three"
            )
        marked = _marked(clip, params, should_stop)
        if params.steady:
            marked = steadied(marked)
        for done, (picture, (_, mask)) in enumerate(zip(clip.each(), marked, strict=True), 1):
            progress(done, clip.frames)
            yield at_full_size(picture, mask)


def _marked(clip: ClipFile, params: MotionParams, should_stop: ShouldStop) -> Iterator[Marked]:
    pictures = clip.small(_SIDE)
    steps = [] if params.camera == "still" else camera_steps(clip.small(_SIDE), should_stop)
    still = params.camera == "still" or (
        params.camera == "auto" and is_still(steps, pictures.size.width, pictures.size.height)
    )
    if still:
        ground = still_ground(clip.small(_SIDE))
        pairs: Iterator[tuple[RgbFrame, Ground]] = (
            (pictures[number], ground) for number in range(pictures.frames)
        )
    else:
        pairs = moving_grounds(clip.small(_SIDE), pictures, steps)
    for picture, ground in pairs:
        if should_stop():
            raise Cancelled("looking for motion was stopped")
        yield picture, moving_part(picture, ground, params)


def moving_part(picture: RgbFrame, ground: Ground, params: MotionParams) -> SoftMask:
    """Return (H, W) in 0..1 where the picture is not the place.

    A pixel is compared with all that the place shows within one pixel, so that an edge that lies a
    little off is no difference. Parts are kept that are clearly different somewhere.
    """
    own = lab(picture)
    off = _off(own, ground.plate)
    bar = params.threshold + _NOISE * ground.spread
    weak, strong = off > 0.5 * bar, off > bar
    if not params.shadows:
        shadow = _shadow(own, ground.plate)
        weak, strong = weak & ~shadow, strong & ~shadow
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    sure = cv2.morphologyEx(strong.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    found = touching(weak, cast(BoolMask, sure & weak))
    closed = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, kernel, iterations=2)
    whole = _without_small(_filled(closed), params.smallest)
    soft = guided(picture, whole.astype(np.float32), GUIDE_RADIUS, GUIDE_EPSILON)
    return np.asarray(np.clip(1.5 * (soft - 0.5) + 0.5, 0, 1), np.float32)


def _off(own: LabFrame, plate: LabFrame) -> SoftMask:
    """Return the length, in Lab, by which each pixel leaves what the place has around it."""
    kernel = np.ones((3, 3), np.uint8)
    above = cv2.subtract(own, cv2.dilate(plate, kernel))
    below = cv2.subtract(cv2.erode(plate, kernel), own)
    off = cv2.max(above, below).astype(np.float32)
    return np.asarray(np.sqrt((off * off).sum(axis=2)), np.float32)


def _shadow(own: LabFrame, plate: LabFrame) -> BoolMask:
    light = own[..., 0] / np.maximum(plate[..., 0].astype(np.float32), 1)
    hue = cv2.absdiff(own, plate)[..., 1:].max(axis=2)
    darker = (light < 1 - _SHADOW_LEAST) & (light > 1 - _SHADOW_MOST)
    return cast(BoolMask, darker & (hue < _SHADOW_HUE))


def _filled(mask: GrayFrame) -> GrayFrame:
    """Return the mask without the holes that it encloses."""
    padded = np.pad(mask, 1)
    cv2.floodFill(padded, None, (0, 0), 2)
    return np.asarray(padded[1:-1, 1:-1] != 2, np.uint8)


def _without_small(mask: GrayFrame, smallest: float) -> GrayFrame:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    small = stats[:, cv2.CC_STAT_AREA] < smallest * mask.size
    small[0] = True
    return np.asarray(~small[labels], np.uint8)

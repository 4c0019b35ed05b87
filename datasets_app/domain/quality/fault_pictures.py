"""What each fault does to the pictures of one frame.

Layers are (H, W, 3) or (H, W) uint8; the object is white in an alpha and 0 in a trimask.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame, frame_size
from datasets_app.domain.quality.derived import Array, object_of
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.synthesis.compositing import trimask

Share = npt.NDArray[np.float32]
"""(H, W) float32, 0..1."""

_SPILL: Final = ((30, 220, 60), (40, 80, 230), (225, 40, 50))
_BRIGHT: Final = 235
# Widths are meant for a frame this long, and grow with larger ones.
_LONGEST: Final = 480


def shaded(frame: Layers, amount: float, place: tuple[float, float]) -> Layers:
    """Lay a shadow of the object beside it, into the picture behind it: by ``amount`` darker."""
    shade = 1 - amount * shadow_of(object_of(frame), place)
    visible = 1 - object_of(frame).astype(np.float32) / 255
    full, removed = frame["rgb_full"], frame["rgb_removed"]
    darker = _times(removed, shade)
    behind = visible[..., None] * (darker.astype(np.float32) - removed)
    return {**frame, "rgb_removed": darker, "rgb_full": _levels(full + behind)}


def shadow_of(alpha: GrayFrame, place: tuple[float, float]) -> Share:
    """Return (H, W) 0..1: the object flattened, sheared and softened at its feet.

    ``place``: -1..1 leftwards to rightwards, and -1..1 flat to upright.
    """
    height, width = alpha.shape
    _, top, wide, tall = cv2.boundingRect(cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1])
    if wide == 0:
        return np.zeros((height, width), np.float32)
    flat, shear, foot = 0.65 + 0.3 * place[1], 0.6 * place[0], top + tall
    across = [1, -shear, shear * foot + 0.2 * place[0] * wide]
    down = [0, flat, (1 - flat) * foot + 0.1 * tall]
    thrown = cv2.warpAffine(alpha, np.array([across, down], np.float32), (width, height))
    blurred = cv2.GaussianBlur(thrown, (0, 0), max(1.0, 0.02 * width))
    return np.asarray(blurred, np.float32) / np.float32(255)


def spilled(frame: Layers, amount: float, pixels: int, hue: float) -> Layers:
    """Mix a saturated colour into the rim of the object, in its colour and in the picture.

    At the outline its share is ``amount``, after 2 ``pixels`` 0; ``hue`` -1..1 chooses the colour.
    """
    alpha = object_of(frame)
    inside = cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1]
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    rim = np.clip(1 - (away - 1) / (2 * _wide(alpha, pixels)), 0, 1) * (alpha > 0)
    colour = np.array(_SPILL[int((hue + 1) * 1.5) % len(_SPILL)], np.float32)
    share = (amount * rim)[..., None]
    found = dict(frame)
    for name in sorted({"rgb_full", "fgr"} & set(frame)):
        seen = share * (alpha[..., None] / np.float32(255)) if name == "rgb_full" else share
        found[name] = _levels(frame[name] + seen * (colour - frame[name]))
    return found


def haloed(frame: Layers, amount: float, pixels: int) -> Layers:
    """Put a bright rim around the object into the picture; the object itself stays."""
    inside = object_of(frame).astype(np.float32) / np.float32(255)
    width = _wide(inside, pixels)
    rim = cv2.GaussianBlur(cv2.dilate(inside, _disk(width)), (0, 0), width / 2) * (1 - inside)
    full, share = frame["rgb_full"], (1.1 * amount * rim)[..., None]
    return {**frame, "rgb_full": _levels(full + share * (np.float32(_BRIGHT) - full))}


def resized(frame: Layers, names: tuple[str, ...], pixels: int) -> Layers:
    """Let the object grow (above 0) or shrink (below 0) by ``pixels`` in the mattes ``names``."""
    found = dict(frame)
    change = cv2.dilate if pixels > 0 else cv2.erode
    for name in names:
        width = _wide(frame[name], abs(pixels))
        if name == "alpha":
            found[name] = change(frame[name], _disk(width))
            continue
        inside = np.where(trimask.snap(frame[name]) == trimask.REMOVE, 255, 0).astype(np.uint8)
        other = change(inside, _disk(width))
        mask = np.where(inside > other, np.uint8(trimask.BACKGROUND), frame[name])
        found[name] = np.where(other > inside, np.uint8(trimask.REMOVE), mask)
    return found


def relit(frame: Layers, gain: float) -> Layers:
    """Make what stands in the object's place in the removed picture ``gain`` times as bright."""
    soft = cv2.GaussianBlur(object_of(frame), (0, 0), 3).astype(np.float32) / 255
    return {**frame, "rgb_removed": _times(frame["rgb_removed"], 1 + (gain - 1) * soft)}


def mirrored(frame: Layers, names: tuple[str, ...]) -> Layers:
    """Turn the mattes ``names`` left for right."""
    return {**frame, **{name: np.ascontiguousarray(frame[name][:, ::-1]) for name in names}}


def _wide(picture: Array, pixels: int) -> int:
    size = frame_size(picture)
    return max(pixels, round(pixels * max(size.width, size.height) / _LONGEST))


def _disk(radius: int) -> npt.NDArray[np.uint8]:
    side = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _times(picture: Array, gain: Share) -> RgbFrame:
    return _levels(picture * gain[..., None])


def _levels(picture: npt.NDArray[Any]) -> RgbFrame:
    whole: RgbFrame = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return whole

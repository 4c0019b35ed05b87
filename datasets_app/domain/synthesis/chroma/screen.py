"""The lit screen behind an object: which colour it has, and how that changes over the frame.

Everything is measured in the chroma plane (Cb, Cr of BT.601, gamma-encoded as stored): the light
on a screen varies in strength far more than in hue, and camera and codec mix colours there, so
that a half covered pixel lies half way. The mode over the border finds the colour, because a
screen is flat and what stands before it rarely touches all borders.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.synthesis.compositing.plate_fill import filled

Floats = npt.NDArray[np.float32]

# Chroma (distance from grey, of 127) below which no wall is a screen.
_LEAST_CHROMA = 28.0
# Share of the looked-at pixels that must lie around the mode, and how far around, in chroma units.
_LEAST_SHARE = 0.08
_NEAR = 18.0
# A screen is in one piece: so much of it is left without its outermost pixels, at 160 px.
_SOLID = 0.5
# Pixels of the border count this many times.
_BORDER_WEIGHT = 3
_BINS = 64
_PLATE_SHRINK = 8
# Beyond this angle to the screen's hue a colour is no screen: tan(45 degrees).
_SLOPE = 1.0


@dataclass(frozen=True, slots=True)
class ScreenColour:
    """Red, green, blue of the screen, each 0..255, as stored."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def chroma(self) -> tuple[float, float]:
        """Its (Cb, Cr), each -127.5..127.5."""
        blue, red = chroma(np.array([self.red, self.green, self.blue], np.float32))
        return float(blue), float(red)

    @property
    def saturated(self) -> bool:
        """Whether it can be told from grey."""
        return math.hypot(*self.chroma) >= _LEAST_CHROMA


def find_screen(frames: Iterable[RgbFrame]) -> ScreenColour | None:
    """Return the colour of the green or blue screen in ``frames``, or None without one.

    A few frames do; each is looked at in at most 160 px.
    """
    counts = np.zeros((_BINS, _BINS), np.float64)
    looked = [_small(frame, 160).astype(np.float32) for frame in frames]
    for pixels in looked:
        weights = _border_weights(pixels.shape[0], pixels.shape[1])
        blue, red = chroma(pixels)
        screenlike = _screen_hue(blue, red)
        cells = _cells(blue[screenlike], red[screenlike])
        np.add.at(counts, cells, weights[screenlike])
    if not counts.any():
        return None
    smooth = cv2.GaussianBlur(counts, (0, 0), 1.5)
    row, column = np.unravel_index(int(smooth.argmax()), smooth.shape)
    return _mean_around(looked, _centre(int(row)), _centre(int(column)))


def chroma(picture: RgbFrame | Floats) -> tuple[Floats, Floats]:
    """Return Cb and Cr of (..., 3) values 0..255, each -127.5..127.5, float32."""
    values = picture if picture.dtype == np.float32 else picture.astype(np.float32)
    red, green, blue = values[..., 0], values[..., 1], values[..., 2]
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return (blue - luma) * np.float32(0.564), (red - luma) * np.float32(0.713)


def screen_plate(frame: RgbFrame, screen: ScreenColour) -> Floats:
    """Return (H, W, 3) float32 0..255: the bare screen of this frame, continued under the object.

    So a dim corner or a hot spot is compared with itself and not with the mean.
    """
    height, width = frame.shape[:2]
    small = (max(2, width // _PLATE_SHRINK), max(2, height // _PLATE_SHRINK))
    pixels = cv2.resize(frame, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    likeness = screen_share(pixels, np.array([screen.chroma], np.float32))
    sure = cv2.erode(np.clip((likeness - 0.6) / 0.2, 0, 1), np.ones((3, 3), np.uint8))
    given = np.array([screen.red, screen.green, screen.blue], np.float32)
    if not float(sure.max()):
        return np.broadcast_to(given, (height, width, 3)).copy()
    smooth = cv2.GaussianBlur(filled(pixels, sure.astype(np.float32)), (0, 0), 2)
    plate: Floats = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return plate


def screen_share(picture: RgbFrame | Floats, key: Floats) -> Floats:
    """Return how much of each pixel is screen: 1 on it, 0 or less on what has no such hue.

    ``key`` holds the screen's (Cb, Cr), (1, 2) for the whole picture or (H, W, 2) for each pixel.
    """
    blue, red = chroma(picture)
    key_blue, key_red = key[..., 0], key[..., 1]
    square = np.maximum(key_blue * key_blue + key_red * key_red, np.float32(1))
    along = (blue * key_blue + red * key_red) / square
    across = np.abs(red * key_blue - blue * key_red) / square
    share = along - np.float32(_SLOPE) * np.maximum(across - np.float32(0.08), 0)
    return share.astype(np.float32, copy=False)


def _screen_hue(blue: Floats, red: Floats) -> npt.NDArray[np.bool_]:
    """Whether it is the green or the blue of a screen: neither that of leaves nor of the sky."""
    strong = np.hypot(blue, red) >= _LEAST_CHROMA
    green = (blue <= 0) & (red <= 0.5 * blue)
    bluish = (blue > 0) & (red <= 0) & (red >= -0.9 * blue)
    return strong & (green | bluish)


def _mean_around(looked: list[Floats], blue: float, red: float) -> ScreenColour | None:
    """Return the mean colour of the pixels near the mode; None when they are too few, or strewn."""
    total, whole, near, solid = np.zeros(3), 0, 0, 0
    for pixels in looked:
        own_blue, own_red = chroma(pixels)
        alike = np.hypot(own_blue - blue, own_red - red) <= _NEAR
        total += pixels[alike].sum(axis=0)
        whole += alike.size
        near += int(alike.sum())
        solid += int(cv2.erode(alike.astype(np.uint8), np.ones((5, 5), np.uint8)).sum())
    if near < _LEAST_SHARE * whole or solid < _SOLID * near:
        return None
    return ScreenColour(*(round(float(value)) for value in total / near))


def _cells(blue: Floats, red: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    step = 256 / _BINS
    return ((blue + 128) / step).astype(np.intp), ((red + 128) / step).astype(np.intp)


def _centre(cell: int) -> float:
    return (cell + 0.5) * 256 / _BINS - 128


def _border_weights(height: int, width: int) -> Floats:
    weights = np.ones((height, width), np.float32)
    inner = (slice(height // 8, height - height // 8), slice(width // 8, width - width // 8))
    border = np.ones((height, width), bool)
    border[inner] = False
    weights[border] = _BORDER_WEIGHT
    return weights


def _small(frame: RgbFrame, longest: int) -> RgbFrame:
    scale = min(1.0, longest / max(frame.shape[:2]))
    size = (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale)))
    small: RgbFrame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return small

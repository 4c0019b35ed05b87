"""Lays the object of one clip over the frames of another: alpha, foreground, composite.

Only the part of the frame that the object touches is computed; outside of it alpha is 0 and the
composite is the background, byte for byte. Colours are blended as stored (gamma-encoded), as
every trainer of such data recomposes them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame, frame_size
from datasets_app.domain.synthesis.compositing.foreground_colour import foreground_colour
from datasets_app.domain.synthesis.compositing.trimask import HALF
from datasets_app.domain.synthesis.geometry.placement import Box, Placement
from datasets_app.domain.synthesis.geometry.sampler import Sampler

# Alpha that 8 bits can hardly show; a matte that hazes over the whole frame would remove it all.
_HAZE = 2
# Pixels around the object that the colour estimate of a soft edge looks at.
_CONTEXT = 8


@dataclass(frozen=True, slots=True)
class Pasted:
    """One frame. ``alpha`` * ``foreground`` + (1 - ``alpha``) * background is ``full``.

    ``touched`` bounds every pixel whose alpha is above 0; the foreground is black outside.
    """

    alpha: GrayFrame
    foreground: RgbFrame
    full: RgbFrame
    touched: Box


class Compositor:
    """Pastes frame after frame at one ``Placement``; holds its sampling maps, nothing per frame.

    ``soft_edge``: 0 cuts the mask at half its height; above, a hard mask is feathered over about
    that many output pixels, half of them outside, and a mask that is ``soft`` keeps its own alpha.
    """

    def __init__(self, placement: Placement, *, soft: bool, soft_edge: int) -> None:
        self._placement = placement
        self._soft_edge = soft_edge > 0
        self._matte = soft and self._soft_edge
        self._feather = 0.0 if soft else soft_edge / 4
        self._spread = math.ceil(3 * self._feather)
        self._margin = self._spread + _CONTEXT if self._soft_edge else 0
        self._sampler = Sampler(placement, self._margin)

    def paste(self, picture: RgbFrame, mask: GrayFrame, background: RgbFrame) -> Pasted:
        """Lay the object that ``mask`` (white) cuts out of ``picture`` over ``background``.

        ``picture`` and ``mask`` have the placement's source size, ``background`` its frame size,
        else ValueError.
        """
        source, size = self._placement.source, self._placement.frame
        if not frame_size(picture) == frame_size(mask) == source or frame_size(background) != size:
            raise ValueError(f"a paste of {source} into {size} was given other pictures")
        alpha = np.zeros((size.height, size.width), np.uint8)
        foreground = np.zeros((size.height, size.width, 3), np.uint8)
        full = background.copy()
        cut = self._cut(mask)
        touched = self._landing(cut)
        if not touched.empty:
            part = touched.slices
            alpha[part], colours = self._object(picture, cut, touched)
            cv2.copyTo(colours, alpha[part], foreground[part])
            if self._soft_edge:
                full[part] = blend(foreground[part], background[part], alpha[part])
            else:
                cv2.copyTo(colours, alpha[part], full[part])
        return Pasted(alpha, foreground, full, touched)

    def _cut(self, mask: GrayFrame) -> GrayFrame:
        """Return the mask without the noise of a lossy codec or the haze of a matte."""
        return _cleared(mask) if self._matte else _binary(mask)

    def _landing(self, cut: GrayFrame) -> Box:
        left, top, width, height = cv2.boundingRect(cut)
        if width == 0:
            return Box(0, 0, 0, 0)
        source = Box(left, top, left + width, top + height)
        return self._placement.landing(source, self._sampler.reach + self._margin)

    def _object(
        self, picture: RgbFrame, cut: GrayFrame, touched: Box
    ) -> tuple[GrayFrame, RgbFrame]:
        """Return alpha and colours of the object within ``touched`` of the frame."""
        colours = self._sampler.sample(picture, touched, cv2.BORDER_REPLICATE)
        alpha = self._sampler.sample(cut, touched, cv2.BORDER_CONSTANT)
        if not self._soft_edge:
            return _binary(alpha), colours
        if self._feather:
            side = 2 * self._spread + 1
            alpha = cv2.GaussianBlur(alpha, (side, side), self._feather)
        alpha = _cleared(alpha)
        return alpha, foreground_colour(colours, alpha)


def blend(foreground: RgbFrame, background: RgbFrame, alpha: GrayFrame) -> RgbFrame:
    """Return alpha * foreground + (1 - alpha) * background, rounded; all of one (H, W).

    Within half a level of the exact value; equal to the background where alpha is 0 and to the
    foreground where it is 255.
    """
    share = alpha.astype(np.float32)
    mixed: RgbFrame = cv2.blendLinear(foreground, background, share, 255 - share)
    return mixed


def _binary(mask: GrayFrame) -> GrayFrame:
    cut: GrayFrame = cv2.threshold(mask, HALF, 255, cv2.THRESH_BINARY)[1]
    return cut


def _cleared(alpha: GrayFrame) -> GrayFrame:
    """Return ``alpha`` with 0 where it is next to nothing."""
    cleared: GrayFrame = cv2.threshold(alpha, _HAZE, 0, cv2.THRESH_TOZERO)[1]
    return cleared

"""Reads pixels of a placed picture, for any part of the frame, without aliasing.

A pixel's value does not depend on the part that was asked for: the sampling maps are made once
per placement and cut, so that an object whose bounding box moves does not shimmer.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.synthesis.geometry.placement import Box, Placement

# Less shrinking than this aliases too little to be seen.
_UNFILTERED = 0.95


class Sampler:
    """Bilinear sampling at 1/32 px after the Gaussian that the shrinking needs.

    ``margin``: frame pixels around the picture that may be asked for too. Memory: 6 bytes per
    frame pixel that the picture can land on, and 4 per source pixel.
    """

    def __init__(self, placement: Placement, margin: int = 0) -> None:
        self._placement = placement
        size = placement.source
        self._sigma = _sigma(placement.factor)
        self._radius = max(1, round(2 * self._sigma)) if self._sigma else 0
        whole = Box(0, 0, size.width, size.height)
        self._area = placement.landing(whole, self.reach + margin)
        self._cells, self._fractions = _maps(placement, self._area)
        self._buffers: dict[int, RgbFrame | GrayFrame] = {}

    @property
    def reach(self) -> int:
        """Frame pixels by which filter and interpolation widen a picture, at most."""
        return math.ceil(self._placement.factor * (self._radius + 1)) + 1

    def sample(self, picture: RgbFrame | GrayFrame, part: Box, border: int) -> RgbFrame | GrayFrame:
        """Return the pixels of ``part`` of the frame; beyond the picture's edge by ``border``.

        ``border``: cv2.BORDER_REPLICATE or cv2.BORDER_CONSTANT (0). ``part`` lies within
        reach and margin of the landed picture.
        """
        rows = slice(part.top - self._area.top, part.bottom - self._area.top)
        columns = slice(part.left - self._area.left, part.right - self._area.left)
        sampled: RgbFrame = cv2.remap(
            self._filtered(picture, part),
            self._cells[rows, columns],
            self._fractions[rows, columns],
            cv2.INTER_LINEAR,
            borderMode=border,
        )
        return sampled

    def _filtered(self, picture: RgbFrame | GrayFrame, part: Box) -> RgbFrame | GrayFrame:
        """Return a whole picture, of which only what ``part`` is computed from is filtered."""
        if not self._radius:
            return picture
        buffer = self._buffers.get(picture.ndim)
        if buffer is None:
            buffer = self._buffers[picture.ndim] = np.zeros_like(picture)
        seen = self._seen(part).slices
        side = 2 * self._radius + 1
        buffer[seen] = cv2.GaussianBlur(
            picture[seen], (side, side), self._sigma, borderType=cv2.BORDER_REPLICATE
        )
        return buffer

    def _seen(self, part: Box) -> Box:
        """Return the source pixels that ``part`` is computed from; never empty."""
        at = self._placement
        margin = self._radius + 2
        left, right = _span(part.left, part.right, at.left, at.factor, at.source.width)
        top, bottom = _span(part.top, part.bottom, at.top, at.factor, at.source.height)
        return Box(left, top, right, bottom).grown(margin, at.source)


def _span(first: int, last: int, start: float, factor: float, length: int) -> tuple[int, int]:
    """Return the source pixels of one axis that frame pixels ``first``..``last`` lie on.

    Never empty: beyond the picture, its outermost pixel is what is repeated.
    """
    low = min(max(math.floor((first - start) / factor), 0), length - 1)
    high = min(max(math.ceil((last - start) / factor), low + 1), length)
    return low, high


def _sigma(factor: float) -> float:
    """Return the blur in source pixels that leaves half an output pixel of blur in all."""
    return 0.5 * math.sqrt(1 / factor**2 - 1) if factor < _UNFILTERED else 0.0


def _maps(placement: Placement, area: Box) -> tuple[GrayFrame, GrayFrame]:
    """Return OpenCV's fixed-point maps of ``area``: source cell (h, w, 2) and fraction (h, w)."""
    xs = (np.arange(area.left, area.right) + 0.5 - placement.left) / placement.factor - 0.5
    ys = (np.arange(area.top, area.bottom) + 0.5 - placement.top) / placement.factor - 0.5
    shape = (len(ys), len(xs))
    across = np.broadcast_to(xs.astype(np.float32), shape)
    down = np.broadcast_to(ys.astype(np.float32)[:, None], shape)
    cells, fractions = cv2.convertMaps(
        np.ascontiguousarray(across), np.ascontiguousarray(down), cv2.CV_16SC2
    )
    return cells, fractions

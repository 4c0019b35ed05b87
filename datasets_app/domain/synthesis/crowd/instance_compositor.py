"""Lays several subjects over a background: visible alphas that sum to at most 1, one exact mix.

From the top down each subject takes its share of what is still free, so that the sum of the 8-bit
alphas never exceeds 255. The mix is summed in 16 bits from the alphas and colours as they are
stored and rounded once: recomposing the stored layers gives the picture within 1/255. Only the
part of the frame that subjects touch is computed, a strip of rows at a time, so that what is in
between stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.synthesis.crowd.instance_frames import Piece, Rgba
from datasets_app.domain.synthesis.geometry.placement import Box

_STRIP: Final = 128
_Sums = NDArray[np.uint16]
"""(h, w, 3) uint16: sums of alpha times colour, 0..255 * 255."""


@dataclass(frozen=True, slots=True)
class Composed:
    """One frame. ``alphas``: the visible alpha of each subject, the lowest first. ``colours``: what
    each contributes, where its alpha is above 0. ``merged``: their mean by alpha; black outside.
    ``colours`` or ``merged`` are empty or None when not asked for."""

    full: RgbFrame
    alphas: tuple[GrayFrame, ...]
    colours: tuple[RgbFrame, ...]
    merged: RgbFrame | None


def compose(
    background: RgbFrame, pieces: Sequence[Piece], *, each: bool = False, merged: bool = False
) -> Composed:
    """Lay ``pieces`` over ``background``, the first lowest."""
    height, width = background.shape[:2]
    composed = Composed(
        full=background.copy(),
        alphas=tuple(np.zeros((height, width), np.uint8) for _ in pieces),
        colours=tuple(np.zeros_like(background) for _ in pieces) if each else (),
        merged=np.zeros_like(background) if merged else None,
    )
    for strip, numbers in _touched(pieces, height):
        _compose_strip(strip, pieces, numbers, composed)
    return composed


def _compose_strip(
    strip: Box, pieces: Sequence[Piece], numbers: Sequence[int], composed: Composed
) -> None:
    free = np.full((strip.bottom - strip.top, strip.right - strip.left), 255, np.uint8)
    sums: _Sums = np.zeros((*free.shape, 3), np.uint16)
    for number in reversed(numbers):
        part, rgba = _within(pieces[number], strip)
        place = (
            slice(part.top - strip.top, part.bottom - strip.top),
            slice(part.left - strip.left, part.right - strip.left),
        )
        pure, visible = _shown(rgba, free[place])
        sums[place] += _weighed(pure, visible)
        composed.alphas[number][part.slices] = visible
        if composed.colours:
            cv2.copyTo(pure, visible, composed.colours[number][part.slices])
    if composed.merged is not None:
        taken = _thrice(cv2.bitwise_not(free)).astype(np.uint16)
        composed.merged[strip.slices] = cv2.convertScaleAbs(cv2.divide(sums, taken))
    behind = composed.full[strip.slices]
    sums += _weighed(behind, free)
    composed.full[strip.slices] = cv2.convertScaleAbs(sums, alpha=1 / 255)


def _shown(rgba: Rgba, free: GrayFrame) -> tuple[RgbFrame, GrayFrame]:
    """Return pure colours and visible alpha of one subject, and take its share from ``free``."""
    alpha = cv2.extractChannel(rgba, 3)
    visible: GrayFrame = cv2.multiply(alpha, free, scale=1 / 255)
    cv2.subtract(free, visible, dst=free)
    premultiplied = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    pure: RgbFrame = cv2.divide(premultiplied, _thrice(alpha), scale=255)
    return pure, visible


def _weighed(colours: RgbFrame, share: GrayFrame) -> _Sums:
    """Return colour times alpha. Widened first: NumPy casts bytes piece by piece while it
    multiplies, which takes twice the time."""
    product: _Sums = np.multiply(colours.astype(np.uint16), _thrice(share.astype(np.uint16)))
    return product


def _within(piece: Piece, strip: Box) -> tuple[Box, Rgba]:
    """Return the part of a piece that lies in the strip."""
    whole = piece.part
    part = Box(whole.left, max(whole.top, strip.top), whole.right, min(whole.bottom, strip.bottom))
    return part, piece.rgba[part.top - whole.top : part.bottom - whole.top]


def _thrice(plane: GrayFrame) -> RgbFrame:
    tripled: RgbFrame = cv2.merge([plane, plane, plane])
    return tripled


def _touched(pieces: Sequence[Piece], height: int) -> Iterator[tuple[Box, list[int]]]:
    """Yield what subjects touch of each strip of rows, in boxes that share no column, each with the
    numbers of its subjects, the lowest first."""
    shown = [number for number, piece in enumerate(pieces) if not piece.part.empty]
    from_left = sorted(shown, key=lambda number: pieces[number].part.left)
    for top in range(0, height, _STRIP):
        bottom = min(top + _STRIP, height)
        within: list[int] = []
        left = right = 0
        for number in from_left:
            part = pieces[number].part
            if part.bottom <= top or part.top >= bottom:
                continue
            if part.left >= right and within:
                yield Box(left, top, right, bottom), sorted(within)
                within = []
            if not within:
                left, right = part.left, part.right
            right = max(right, part.right)
            within.append(number)
        if within:
            yield Box(left, top, right, bottom), sorted(within)

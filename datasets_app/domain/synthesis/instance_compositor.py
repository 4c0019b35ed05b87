"""Lays several subjects over a background: visible alphas that sum to at most 1, one exact mix.

From the top down each subject takes its share of what is still free, so that the sum of the 8-bit
alphas never exceeds 255. The mix is summed in 16 bits from the alphas and colours as they are
stored and rounded once: recomposing the stored layers gives the picture within 1/255. Only the
part of the frame that subjects touch is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.synthesis.instance_frames import Piece
from datasets_app.domain.synthesis.placement import Box

_Sums = list[NDArray[np.uint16]]
"""One (h, w) uint16 plane per colour: sums of alpha times colour, 0..255 * 255."""


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
    touched = _union(pieces)
    alphas = [np.zeros((height, width), np.uint8) for _ in pieces]
    colours = [np.zeros_like(background) for _ in pieces] if each else []
    full = background.copy()
    whole = np.zeros_like(background) if merged else None
    if not touched.empty:
        free = np.full((touched.bottom - touched.top, touched.right - touched.left), 255, np.uint8)
        sums: _Sums = [np.zeros(free.shape, np.uint16) for _ in range(3)]
        for number in range(len(pieces) - 1, -1, -1):
            if pieces[number].part.empty:
                continue
            pure, visible = _add(pieces[number], touched, free, sums)
            alphas[number][pieces[number].part.slices] = visible
            if each:
                cv2.copyTo(pure, visible, colours[number][pieces[number].part.slices])
        if whole is not None:
            whole[touched.slices] = _mean(sums, free)
        full[touched.slices] = _mixed(background[touched.slices], free, sums)
    return Composed(full, tuple(alphas), tuple(colours), whole)


def _add(piece: Piece, touched: Box, free: GrayFrame, sums: _Sums) -> tuple[RgbFrame, GrayFrame]:
    """Add one subject below those that are in already; return its colours and visible alpha."""
    *premultiplied, alpha = cv2.split(piece.rgba)
    part = piece.part
    rows = slice(part.top - touched.top, part.bottom - touched.top)
    columns = slice(part.left - touched.left, part.right - touched.left)
    left = free[rows, columns]
    visible: GrayFrame = cv2.multiply(alpha, left, scale=1 / 255)
    cv2.subtract(left, visible, dst=left)
    pure = [cv2.divide(one, alpha, scale=255) for one in premultiplied]
    for plane, colour in zip(sums, pure, strict=True):
        place = plane[rows, columns]
        cv2.add(place, cv2.multiply(colour, visible, dtype=cv2.CV_16U), dst=place)
    return cv2.merge(pure), visible


def _mixed(background: RgbFrame, free: GrayFrame, sums: _Sums) -> RgbFrame:
    """Return the rounded mix: what is free shows the background."""
    planes = []
    for behind, plane in zip(cv2.split(np.ascontiguousarray(background)), sums, strict=True):
        total = cv2.add(plane, cv2.multiply(behind, free, dtype=cv2.CV_16U))
        planes.append(cv2.convertScaleAbs(total, alpha=1 / 255))
    mixed: RgbFrame = cv2.merge(planes)
    return mixed


def _mean(sums: _Sums, free: GrayFrame) -> RgbFrame:
    taken = cv2.bitwise_not(free).astype(np.uint16)
    planes = [cv2.convertScaleAbs(cv2.divide(plane, taken)) for plane in sums]
    mean: RgbFrame = cv2.merge(planes)
    return mean


def _union(pieces: Sequence[Piece]) -> Box:
    parts = [piece.part for piece in pieces if not piece.part.empty]
    if not parts:
        return Box(0, 0, 0, 0)
    return Box(
        min(part.left for part in parts),
        min(part.top for part in parts),
        max(part.right for part in parts),
        max(part.bottom for part in parts),
    )

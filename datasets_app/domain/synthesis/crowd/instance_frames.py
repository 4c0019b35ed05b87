"""Pixels of a placed subject, frame by frame: from its cut-out, or from its colour and its mask."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.assets.cutout import Cutout, Planes
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.synthesis.compositing.foreground_colour import foreground_colour
from datasets_app.domain.synthesis.crowd.instance import Affine, Instance, affine_at
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.source_frames import asset_alphas, asset_frames

Rgba = NDArray[np.uint8]
"""(h, w, 4) uint8: R, G, B premultiplied by the alpha behind them."""

# A mask from a clip is cut hard; feathered over about two pixels it does not look cut out.
_FEATHER = 0.7
_CONTEXT = 8


class Piece(NamedTuple):
    """What a subject puts on the pixels ``part`` of the frame."""

    part: Box
    rgba: Rgba


@dataclass(frozen=True, slots=True)
class _Crop:
    """A picture that shows the source ``scale`` times smaller, from ``left``, ``top`` on."""

    rgba: Rgba
    scale: float
    left: int
    top: int


def instance_pieces(
    instance: Instance,
    sources: Mapping[str, Path],
    frames: int,
    canvas: FrameSize,
    first: int = 0,
) -> Generator[Piece, None, None]:
    """Yield the subject as it lies on ``canvas`` in frame ``first`` and on of ``frames``.

    A still that does not move is decoded and scaled once. Raises BadInput or Corrupt when a source
    has changed.
    """
    still = instance.source.kind == "still"
    moves = instance.motion is not None
    shown = FrameWindow(instance.start, 1, 1 if still else frames)
    crops = _crops(instance, sources, shown if still else shown.rest(first))
    with closing(crops):
        crop = piece = None
        for number in range(first, frames):
            if crop is None or not still:
                crop = next(crops)
            if piece is None or not still or moves:
                piece = _landed(crop, instance, affine_at(instance, number, frames), canvas)
            yield piece


def _landed(crop: _Crop, instance: Instance, lands: Affine, canvas: FrameSize) -> Piece:
    part = lands.landing(Box(*instance.box), canvas)
    if part.empty:
        return Piece(Box(0, 0, 0, 0), np.zeros((0, 0, 4), np.uint8))
    matrix = lands.matrix(crop.scale, (crop.left, crop.top), part)
    size = (part.right - part.left, part.bottom - part.top)
    rgba = cv2.warpAffine(crop.rgba, matrix, size, flags=cv2.INTER_LINEAR)
    return Piece(part, rgba)


def _crops(
    instance: Instance, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[_Crop, None, None]:
    if instance.source.cutout:
        yield from _from_cutout(instance, sources, window)
    else:
        yield from _from_masters(instance, sources, window)


def _from_cutout(
    instance: Instance, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[_Crop, None, None]:
    cutout = Cutout(sources[instance.source.cutout])
    header = cutout.header
    level = header.level_for(_largest_factor(instance))
    with closing(cutout.read(level, start=window.start, length=window.length)) as pictures:
        for planes in pictures:
            yield _Crop(_packed(planes), 2.0**level, header.box.left, header.box.top)


def _largest_factor(instance: Instance) -> float:
    left, top, right, bottom = instance.box
    factor = max(instance.width / (right - left), instance.height / (bottom - top))
    return factor * max(1.0, instance.motion.zoom if instance.motion is not None else 1.0)


def _packed(planes: Planes) -> Rgba:
    packed: Rgba = cv2.merge([planes.red, planes.green, planes.blue, planes.alpha])
    return packed


def _from_masters(
    instance: Instance, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[_Crop, None, None]:
    """Cut the subject out by its mask, with estimated colour at its edge."""
    ref = instance.source
    size = FrameSize(ref.width, ref.height)
    around = Box(*instance.box).grown(_CONTEXT, size)
    with (
        closing(asset_frames(ref, sources, window)) as pictures,
        closing(asset_alphas(ref, sources, window)) as alphas,
    ):
        for picture, alpha in _pairs(pictures, alphas):
            rgba = _cut(picture[around.slices], alpha[around.slices], soft=ref.soft)
            yield _halved(rgba, around, _largest_factor(instance))


def _pairs(
    pictures: Generator[RgbFrame, None, None], alphas: Generator[GrayFrame, None, None]
) -> Iterator[tuple[RgbFrame, GrayFrame]]:
    return zip(pictures, alphas, strict=True)


def _cut(picture: RgbFrame, alpha: GrayFrame, *, soft: bool) -> Rgba:
    alpha = np.ascontiguousarray(alpha)
    if not soft:
        alpha = cv2.GaussianBlur(alpha, (0, 0), _FEATHER)
    alpha = cv2.threshold(alpha, 2, 0, cv2.THRESH_TOZERO)[1]
    pure = foreground_colour(np.ascontiguousarray(picture), alpha)
    share = cv2.merge([alpha, alpha, alpha])
    premultiplied = cv2.multiply(pure, share, scale=1 / 255)
    rgba: Rgba = np.dstack([premultiplied, alpha])
    return rgba


def _halved(rgba: Rgba, around: Box, factor: float) -> _Crop:
    """Halve by area until the rest of the way is less than a half, so that nothing aliases."""
    scale = 1.0
    while factor * scale <= 0.5 and min(rgba.shape[:2]) >= 4:
        height, width = rgba.shape[0] // 2 * 2, rgba.shape[1] // 2 * 2
        even = rgba[:height, :width]
        rgba = cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        scale *= 2
    return _Crop(rgba, scale, around.left, around.top)

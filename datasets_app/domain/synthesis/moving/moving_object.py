"""One object of a moving scene: where its pixels come from, and how it moves."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.synthesis.compositing.foreground_colour import foreground_colour
from datasets_app.domain.synthesis.compositing.trimask import HALF
from datasets_app.domain.synthesis.geometry.outline import SIDE, Outline
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.geometry.smooth_path import SmoothPath
from datasets_app.domain.synthesis.geometry.warp import Matrix, warped
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.references import AssetRef
from datasets_app.domain.synthesis.sources.source_frames import asset_alphas, asset_frames

Floats = npt.NDArray[np.float32]

_MARGIN = 8
"""Pixels around a cut-out that the estimate of its edge colour looks at."""


class MovingObject(BaseModel):
    """``source`` cut out at ``box`` (left, top, right, bottom; pixels of the source), or a shape
    with an ``outline``; ``texture`` replaces its colours, from ``texture_at`` (0..1 of the play).

    ``start``, ``step``: frames of a source that ``plays``; else frame ``start`` stands for all.
    ``anchor_across``, ``anchor_down``: where the object is in its source, in pixels; ``extent``
    how long it mostly is there. The anchor lands on ``across`` and ``down``, shares of the frame;
    ``size`` is the length there, as a share of the frame's shorter side, ``stretch`` what the
    width is multiplied by, ``turn`` degrees.
    The object with the larger ``nearness`` covers the other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: AssetRef | None
    outline: Outline | None
    texture: AssetRef | None
    texture_at: tuple[float, float]
    box: tuple[int, int, int, int]
    start: int
    step: int
    plays: bool
    extent: float
    anchor_across: SmoothPath
    anchor_down: SmoothPath
    size: SmoothPath
    stretch: SmoothPath
    across: SmoothPath
    down: SmoothPath
    turn: SmoothPath
    nearness: SmoothPath

    @property
    def files(self) -> tuple[str, ...]:
        """The digests that it reads."""
        own = () if self.source is None else self.source.files
        return own if self.texture is None else (*own, self.texture.digest)

    def sprites(
        self, sources: Mapping[str, Path], frames: int, first: int, soft_edge: int
    ) -> Generator[Floats, None, None]:
        """Yield the object of frames ``first``..``frames`` - 1 as (h, w, 4) float32: colour times
        alpha, 0..255, and alpha, 0..1. An array may come more than once."""
        texture = None if self.texture is None else _texture(self.texture, sources)
        if self.source is None:
            if self.outline is None or texture is None:
                raise ValueError("a shape has an outline and a texture")
            alpha = self.outline.alpha()
            painted = _painted(texture, FrameSize(SIDE, SIDE), self.texture_at)
            yield from repeat(_premultiplied(painted, alpha), frames - first)
            return
        window = FrameWindow(self.start, self.step, frames).rest(first)
        taken = window if self.plays else FrameWindow(self.start, 1, 1)
        with ExitStack() as stack:
            pictures = stack.enter_context(closing(asset_frames(self.source, sources, taken)))
            alphas = stack.enter_context(closing(asset_alphas(self.source, sources, taken)))
            for picture, alpha in zip(pictures, alphas, strict=True):
                sprite = self._cut(self.source, picture, alpha, texture, soft_edge)
                yield from repeat(sprite, 1 if self.plays else window.length)

    def matrix(self, frame: FrameSize, number: int, frames: int) -> Matrix:
        """Return where the points of its sprite land in frame ``number``."""
        factor = self.size.at(number, frames) * min(frame.width, frame.height) / self.extent
        wide = factor * self.stretch.at(number, frames)
        angle = math.radians(self.turn.at(number, frames))
        cosine, sine = math.cos(angle), math.sin(angle)
        linear = np.array([[wide * cosine, -factor * sine], [wide * sine, factor * cosine]])
        aim = (
            self.across.at(number, frames) * frame.width,
            self.down.at(number, frames) * frame.height,
        )
        part = self._part
        anchor = (
            self.anchor_across.at(number, frames) - part.left,
            self.anchor_down.at(number, frames) - part.top,
        )
        shift = np.array(aim) - linear @ np.array(anchor)
        return np.hstack([linear, shift[:, None]])

    @property
    def _part(self) -> Box:
        """What a sprite shows of its source."""
        if self.source is None:
            return Box(*self.box)
        size = FrameSize(self.source.width, self.source.height)
        return Box(*self.box).grown(_MARGIN, size)

    def _cut(
        self,
        source: AssetRef,
        picture: RgbFrame,
        alpha: GrayFrame,
        texture: RgbFrame | None,
        soft_edge: int,
    ) -> Floats:
        """Return the object with its edge free of the scene that it was filmed in."""
        part = self._part
        matte = np.ascontiguousarray(alpha[part.slices])
        if not source.soft:
            matte = cv2.threshold(matte, HALF, 255, cv2.THRESH_BINARY)[1]
            if soft_edge:
                matte = cv2.GaussianBlur(matte, (0, 0), soft_edge / 4)
        if texture is not None:
            colours = _painted(texture, FrameSize(matte.shape[1], matte.shape[0]), self.texture_at)
        else:
            colours = foreground_colour(np.ascontiguousarray(picture[part.slices]), matte)
        return _premultiplied(colours, matte)


def landed(sprite: Floats, matrix: Matrix, frame: FrameSize) -> tuple[Box, Floats] | None:
    """Return the part of the frame that the object touches and its pixels there; None outside."""
    height, width = sprite.shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], float).T
    xs, ys = matrix @ corners
    box = Box(
        max(0, math.floor(xs.min()) - 1),
        max(0, math.floor(ys.min()) - 1),
        min(frame.width, math.ceil(xs.max()) + 1),
        min(frame.height, math.ceil(ys.max()) + 1),
    )
    if box.empty:
        return None
    shifted = matrix.copy()
    shifted[:, 2] -= (box.left, box.top)
    size = FrameSize(box.right - box.left, box.bottom - box.top)
    return box, warped(sprite, shifted, size, cv2.BORDER_CONSTANT)


def _texture(texture: AssetRef, sources: Mapping[str, Path]) -> RgbFrame:
    with closing(asset_frames(texture, sources, FrameWindow(0, 1, 1))) as frames:
        return next(frames)


def _painted(texture: RgbFrame, size: FrameSize, at: tuple[float, float]) -> RgbFrame:
    """Return a part of ``texture`` that fills ``size``: half of what there is, aspect kept."""
    height, width = texture.shape[:2]
    factor = max(size.width / width, size.height / height) * 2
    across = min(width, max(1, round(size.width / factor)))
    down = min(height, max(1, round(size.height / factor)))
    left, top = round(at[0] * (width - across)), round(at[1] * (height - down))
    part = texture[top : top + down, left : left + across]
    painted: RgbFrame = cv2.resize(
        part,
        (size.width, size.height),
        interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR,
    )
    return painted


def _premultiplied(colours: RgbFrame, alpha: GrayFrame) -> Floats:
    share = alpha.astype(np.float32) / np.float32(255)
    sprite: Floats = np.dstack([colours.astype(np.float32) * share[..., None], share])
    return sprite

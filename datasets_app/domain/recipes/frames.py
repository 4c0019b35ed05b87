"""Frames: a part of each clip as it is, by ratio; what number a frame had stays known.

The extraction step of defocused_segmentation: one contiguous piece, or frames spread over the
clip, drawn by seed and read in one go. Frame i of a sample is frame ``start`` + i * ``step`` of its
source, from which its layouts take the names of pictures.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.recipes.base import (
    AssetRef,
    Layers,
    LayerSpec,
    Plan,
    Pool,
    RecipeParams,
    Rejected,
    Resumable,
    Survey,
)
from datasets_app.domain.synthesis.compositing.recomposition import Recomposition
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.plates.scene_draw import ANOTHERS_MATTE
from datasets_app.domain.synthesis.plates.scene_params import LONGEST
from datasets_app.domain.synthesis.plates.scene_pool import SceneLimits, ScenePool, Subjects
from datasets_app.domain.synthesis.sources.last_seen import LastSeen
from datasets_app.domain.synthesis.sources.pool import PoolForeground
from datasets_app.domain.synthesis.sources.source_frames import asset_alphas, asset_frames


class FramesParams(RecipeParams):
    """Which frames are taken."""

    subjects: Subjects = Field(
        "all",
        title="Clips",
        description="assets: foregrounds with alpha. clips: videos with a mask",
    )
    ratio: float = Field(
        0.2, gt=0, le=1, title="Ratio", description="Share of each clip's frames; one at least"
    )
    mode: Literal["contiguous", "strided"] = Field(
        "contiguous",
        title="Mode",
        description="contiguous: one piece. strided: spread evenly over the clip",
    )
    min_frames: int = Field(1, ge=1, le=LONGEST, title="Frames, at least")
    max_frames: int = Field(LONGEST, ge=1, le=LONGEST, title="Frames, at most")


class FramesPlan(Plan):
    """Frame i is frame ``start`` + i * ``step`` of ``foreground``."""

    foreground: AssetRef
    start: int
    step: int

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""
        return self.foreground.files

    @property
    def recomposition(self) -> Recomposition | None:
        """Return None: frames are taken as they are."""
        return None


class Frames(Resumable[FramesPlan]):
    """Takes a part of each clip, in turn."""

    info = PluginInfo(
        slug="frames",
        label="Frames",
        summary="A share of each clip's frames and alpha, under the numbers that they had",
        version=2,
    )
    params = FramesParams
    plan_model = FramesPlan
    category = "frames"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.1, 1
    needs = "foregrounds with alpha or clips with masks"
    layers = (
        LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
        LayerSpec("alpha", "gray", delivered=True),
    )

    def __init__(self) -> None:
        self._pool = LastSeen(_seen)

    def survey(self, params: FramesParams, pool: Pool) -> Survey:
        """Say which clips have frames to take."""
        return self._pool(params, pool).survey(background_needed=False)

    def plan(
        self, params: FramesParams, pool: Pool, rng: np.random.Generator
    ) -> FramesPlan | Rejected:
        """Make one try with any clip."""
        return self.plan_turn(params, pool, rng, int(rng.integers(2**31)))

    def plan_turn(
        self, params: FramesParams, pool: Pool, rng: np.random.Generator, turn: int
    ) -> FramesPlan | Rejected:
        """Take the clips one after the other; which frames is drawn."""
        clips = self._pool(params, pool).subjects
        if not clips:
            return Rejected("nothing in the pool has frames to take")
        clip = clips[turn % len(clips)]
        length = min(max(1, int(params.ratio * clip.frames)), params.max_frames)
        if length < params.min_frames:
            return Rejected("the ratio leaves fewer than min_frames")
        step = 1 if params.mode == "contiguous" else clip.frames // length
        start = int(rng.integers(clip.frames - (length - 1) * step))
        window = FrameWindow(start, step, length)
        return Rejected(ANOTHERS_MATTE) if clip.doubted(window) else _as_plan(clip, window)

    def frames_from(
        self, plan: FramesPlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Yield the layers of frame ``first`` and on, the same as `render` gives for them."""
        window = FrameWindow(plan.start, plan.step, plan.frames).rest(first)
        with ExitStack() as stack:
            pictures = stack.enter_context(closing(asset_frames(plan.foreground, sources, window)))
            alphas = stack.enter_context(closing(asset_alphas(plan.foreground, sources, window)))
            for picture, alpha in zip(pictures, alphas, strict=True):
                yield {"rgb_full": picture, "alpha": alpha}


def _seen(params: FramesParams, pool: Pool) -> ScenePool:
    return ScenePool(pool, SceneLimits(params.subjects, params.min_frames))


def _as_plan(clip: PoolForeground, window: FrameWindow) -> FramesPlan:
    fps = (clip.fps or Fraction(25)) / window.step
    return FramesPlan(
        frames=window.length,
        width=clip.width,
        height=clip.height,
        fps_num=fps.numerator,
        fps_den=fps.denominator,
        caption=clip.caption,
        foreground=AssetRef.of(clip),
        start=window.start,
        step=window.step,
    )

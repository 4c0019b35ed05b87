"""Composite: a subject with its alpha over another background, every layer kept.

The first step of defocused_segmentation and the virtual background of flow-based video matting:
one seeded choice per sample, the background's aspect kept, nothing rounded twice. A sample keeps
what it was mixed from, clean: foreground, background, alpha.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
from pydantic import Field
from pydantic.config import JsonDict

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.recipes.base import (
    AssetRef,
    Layers,
    LayerSpec,
    Plan,
    Pool,
    Rejected,
    Resumable,
    Survey,
)
from datasets_app.domain.synthesis.compositing.colour_match import ColourMatch, measured_match
from datasets_app.domain.synthesis.compositing.light_wrap import wrapped
from datasets_app.domain.synthesis.compositing.mixing import Light, mix
from datasets_app.domain.synthesis.compositing.recomposition import Recomposition, over
from datasets_app.domain.synthesis.plates.backdrop import Backdrop
from datasets_app.domain.synthesis.plates.scene_draw import SceneDraw, draw_scene
from datasets_app.domain.synthesis.plates.scene_frames import Scene, ScenePart, looked_at
from datasets_app.domain.synthesis.plates.scene_params import SceneParams
from datasets_app.domain.synthesis.plates.scene_pool import ScenePool
from datasets_app.domain.synthesis.sources.last_seen import LastSeen

_LOOK: JsonDict = {"group": "Look"}


class CompositeParams(SceneParams):
    """What a composite looks like, beyond its scene."""

    colour_match: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Colour match",
        description="How far the subject takes on the background's brightness and tint",
        json_schema_extra=_LOOK,
    )
    light_wrap: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Light wrap",
        description="How much of a brighter background creeps around the subject's edge",
        json_schema_extra=_LOOK,
    )
    light: Light = Field(
        "stored",
        title="Mixing",
        description="stored: as trainers recompose. linear: as light adds up in a camera",
        json_schema_extra=_LOOK,
    )


class CompositePlan(Plan):
    """Frame i shows frame ``start`` + i * ``step`` of ``foreground``, placed by ``scale`` and
    shifts as in a paste, before ``backdrop``."""

    foreground: AssetRef
    backdrop: Backdrop
    start: int
    step: int
    scale: float
    shift_x: float
    shift_y: float
    soft_edge: int
    colour_match: float
    light_wrap: float
    light: Light

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""
        return tuple(dict.fromkeys((*self.foreground.files, *self.backdrop.files)))

    @property
    def recomposition(self) -> Recomposition:
        """What holds between the layers."""
        return over("bgr", self.light)

    @property
    def scene(self) -> Scene:
        """The subject before its background."""
        return Scene.of(self)


class Composite(Resumable[CompositePlan]):
    """Lays a subject over a still, a clip, a colour or a gradient."""

    info = PluginInfo(
        slug="composite",
        label="Composite",
        summary="A subject over another background; every layer stays clean beside it",
        version=2,
    )
    params = CompositeParams
    plan_model = CompositePlan
    category = "composite"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.26, 3
    needs = "foregrounds with alpha or clips with masks; stills or clips of other scenes"
    layers = (
        LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
        LayerSpec("alpha", "gray", delivered=True),
        LayerSpec("fgr", "rgb", delivered=True),
        LayerSpec("bgr", "rgb", delivered=True),
    )

    def __init__(self) -> None:
        self._pool = LastSeen(_seen)

    def survey(self, params: CompositeParams, pool: Pool) -> Survey:
        """Say which subjects can be used and whether there is anything to put behind them."""
        needed = params.background in {"footage", "mixed"}
        return self._pool(params, pool).survey(background_needed=needed)

    def plan(
        self, params: CompositeParams, pool: Pool, rng: np.random.Generator
    ) -> CompositePlan | Rejected:
        """Make one try. The order of the draws belongs to the recipe's version."""
        drawable = self._pool(params, pool)
        if not drawable.subjects:
            return Rejected("nothing in the pool can be used as a subject")
        draw = draw_scene(drawable, params, rng)
        return draw if isinstance(draw, Rejected) else _as_plan(draw, params)

    def frames_from(
        self, plan: CompositePlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Yield the layers of frame ``first`` and on, the same as `render` gives for them."""
        match = _match(plan, sources) if plan.colour_match else None
        with closing(plan.scene.frames(sources, first)) as parts:
            yield from (_layers(plan, part, match) for part in parts)


def _seen(params: CompositeParams, pool: Pool) -> ScenePool:
    return ScenePool(pool.on_side(params.split), params.limits)


def _match(plan: CompositePlan, sources: Mapping[str, Path]) -> ColourMatch:
    """Measure a few frames of the whole sample, whichever frame is to come first."""
    parts: Iterator[tuple[RgbFrame, GrayFrame, RgbFrame]] = (
        (part.foreground, part.alpha, part.background) for part in looked_at(plan.scene, sources)
    )
    return measured_match(parts, plan.colour_match)


def _layers(plan: CompositePlan, part: ScenePart, match: ColourMatch | None) -> Layers:
    foreground = part.foreground
    if match is not None:
        foreground = match.apply(foreground, part.alpha)
    if plan.light_wrap:
        foreground = wrapped(foreground, part.alpha, part.background, plan.light_wrap)
    return {
        "rgb_full": mix(foreground, part.background, part.alpha, plan.light),
        "alpha": part.alpha,
        "fgr": foreground,
        "bgr": part.background,
    }


def _as_plan(draw: SceneDraw, params: CompositeParams) -> CompositePlan:
    return CompositePlan(
        frames=draw.window.length,
        width=draw.size.width,
        height=draw.size.height,
        fps_num=draw.fps.numerator,
        fps_den=draw.fps.denominator,
        caption=draw.caption,
        foreground=AssetRef.of(draw.subject),
        backdrop=draw.backdrop,
        start=draw.window.start,
        step=draw.window.step,
        scale=draw.scale,
        shift_x=draw.shift_x,
        shift_y=draw.shift_y,
        soft_edge=params.soft_edge,
        colour_match=params.colour_match,
        light_wrap=params.light_wrap,
        light=params.light,
    )

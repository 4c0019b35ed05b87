"""Defocus: what a lens with a shallow depth of field makes of a subject and its background.

The second step of defocused_segmentation, as a lens does it: the circle of confusion grows with
the distance from the plane of focus, to both sides alike, and is nothing at it. Alpha and colour
of the subject pass the same lens, so that the layers of a sample recompose.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic.config import JsonDict

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.recipes.base import (
    AssetRef,
    Layers,
    LayerSpec,
    MaskRef,
    Plan,
    Pool,
    Rejected,
    Resumable,
    Survey,
)
from datasets_app.domain.synthesis.compositing.mixing import Light
from datasets_app.domain.synthesis.compositing.recomposition import Recomposition, over
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.optics.defocusing import Optics, defocused_layers
from datasets_app.domain.synthesis.optics.lens import Aperture, FocusPull
from datasets_app.domain.synthesis.plates.backdrop import Backdrop, plain
from datasets_app.domain.synthesis.plates.scene_draw import (
    SceneDraw,
    draw_own_scene,
    draw_scene,
    rate_of,
)
from datasets_app.domain.synthesis.plates.scene_params import SceneParams
from datasets_app.domain.synthesis.plates.scene_pool import ScenePool
from datasets_app.domain.synthesis.sources.last_seen import LastSeen

FocusKind = Literal["subject", "follow", "background", "pull", "mixed"]

_DIGITS = 4
_LENS: JsonDict = {"group": "Lens"}
_DEPTH: JsonDict = {"group": "Depth"}


class DefocusParams(SceneParams):
    """The lens, and how deep the scene is."""

    scene: Literal["composited", "as filmed", "mixed"] = Field(
        "composited",
        title="Scene",
        description="composited: before another background. as filmed: where the subject is",
        json_schema_extra=_LENS,
    )
    blur_min: float = Field(
        1.5, ge=0, le=20, title="Blur, at least", json_schema_extra={"unit": "% of width", **_LENS}
    )
    blur_max: float = Field(
        5.0,
        ge=0,
        le=20,
        title="Blur, at most",
        description="Diameter to which a point spreads from the far end of the depth to the near",
        json_schema_extra={"unit": "% of width", **_LENS},
    )
    focus: FocusKind = Field(
        "subject",
        title="Focus",
        description="subject: fixed where it mostly is. follow: moves with it. pull: from one to "
        "the other. mixed: any of them, by chance",
        json_schema_extra=_LENS,
    )
    tolerance: float = Field(
        0.03,
        ge=0,
        le=0.5,
        title="Depth of field",
        description="Share of the depth around the focus that stays sharp",
        json_schema_extra=_LENS,
    )
    aperture: Aperture = Field(
        "disc",
        title="Aperture",
        description="disc: highlights become discs. gaussian: a smooth spread",
        json_schema_extra=_LENS,
    )
    linear_light: bool = Field(
        True,
        title="Blur in linear light",
        json_schema_extra=_LENS,
    )
    light: Light = Field(
        "stored",
        title="Mixing",
        description="stored: as trainers recompose. linear: as light adds up in a camera",
        json_schema_extra=_LENS,
    )
    depth: Literal["track", "layers"] = Field(
        "track",
        title="Depth from",
        description="track: a mask called depth, brighter is nearer, where the scene is as filmed "
        "and the clip has one. layers: one depth for the subject, one for the background",
        json_schema_extra=_DEPTH,
    )
    separation_min: float = Field(
        0.4, ge=0, le=1, title="Separation, at least", json_schema_extra=_DEPTH
    )
    separation_max: float = Field(
        0.8,
        ge=0,
        le=1,
        title="Separation, at most",
        description="Of subject and background without a track, as a share of the depth",
        json_schema_extra=_DEPTH,
    )
    ground: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Ground",
        description="How near the background comes at the bottom of the frame; 1 is the subject",
        json_schema_extra=_DEPTH,
    )

    @model_validator(mode="after")
    def _ordered_lens(self) -> DefocusParams:
        for low, high in (("blur_min", "blur_max"), ("separation_min", "separation_max")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} must not exceed {high}")
        return self


class DefocusPlan(Plan):
    """A scene as in Composite (``filmed``: the subject's own, without ``backdrop``), and the lens.

    ``blur`` is in percent of the width; disparities are 0 far to 1 near.
    """

    foreground: AssetRef
    filmed: bool
    backdrop: Backdrop
    depth: MaskRef | None
    start: int
    step: int
    scale: float
    shift_x: float
    shift_y: float
    soft_edge: int
    blur: float
    tolerance: float
    aperture: Aperture
    linear_light: bool
    light: Light
    near: float
    far: float
    ground: float
    focus: FocusPull
    follow: bool

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""
        depth = () if self.depth is None else (self.depth.digest,)
        return tuple(dict.fromkeys((*self.foreground.files, *self.backdrop.files, *depth)))

    @property
    def recomposition(self) -> Recomposition:
        """What holds between the layers."""
        return over("bgr", self.light)

    @property
    def optics(self) -> Optics:
        """The lens and where it is focused."""
        return Optics(
            blur=self.blur / 100 * self.width,
            tolerance=self.tolerance,
            aperture=self.aperture,
            linear_light=self.linear_light,
            light=self.light,
            near=self.near,
            far=self.far,
            ground=self.ground,
            focus=self.focus,
            follow=self.follow,
        )


class Defocus(Resumable[DefocusPlan]):
    """Blurs what is out of focus, subject or background, by depth."""

    info = PluginInfo(
        slug="defocus",
        label="Defocus",
        summary="Subject and background through a lens; alpha blurs with the light",
        version=2,
    )
    params = DefocusParams
    plan_model = DefocusPlan
    category = "defocus"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.4, 3
    needs = "foregrounds with alpha or clips with masks; a depth track makes more of a filmed scene"
    layers = (
        LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
        LayerSpec("alpha", "gray", delivered=True),
        LayerSpec("fgr", "rgb", delivered=True),
        LayerSpec("bgr", "rgb", delivered=True),
        LayerSpec("depth", "gray", delivered=True),
    )

    def __init__(self) -> None:
        self._pool = LastSeen(_seen)

    def survey(self, params: DefocusParams, pool: Pool) -> Survey:
        """Say which subjects can be used and whether there is anything to put behind them."""
        footage = params.background in {"footage", "mixed"}
        needed = footage and params.scene == "composited"
        return self._pool(params, pool).survey(background_needed=needed)

    def plan(
        self, params: DefocusParams, pool: Pool, rng: np.random.Generator
    ) -> DefocusPlan | Rejected:
        """Make one try. The order of the draws belongs to the recipe's version."""
        drawable = self._pool(params, pool)
        if not drawable.subjects:
            return Rejected("nothing in the pool can be used as a subject")
        filmed = params.scene == "as filmed" or (params.scene == "mixed" and rng.random() < 0.5)
        draw = (_own_scene if filmed else draw_scene)(drawable, params, rng)
        return draw if isinstance(draw, Rejected) else _as_plan(draw, params, filmed, rng)

    def frames_from(
        self, plan: DefocusPlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Yield the layers of frame ``first`` and on, the same as `render` gives for them."""
        return defocused_layers(plan, sources, first)


def _seen(params: DefocusParams, pool: Pool) -> ScenePool:
    return ScenePool(pool.on_side(params.split), params.limits)


def _own_scene(
    pool: ScenePool, params: DefocusParams, rng: np.random.Generator
) -> SceneDraw | Rejected:
    drawn = draw_own_scene(pool, params, rng)
    if isinstance(drawn, Rejected):
        return drawn
    subject, window, size = drawn
    return SceneDraw(
        subject=subject,
        window=window,
        backdrop=plain((0, 0, 0), (0, 0, 0)),
        size=size,
        fps=rate_of(subject) / window.step,
        caption=subject.caption,
        scale=1.0,
        shift_x=0.0,
        shift_y=0.0,
    )


def _as_plan(
    draw: SceneDraw, params: DefocusParams, filmed: bool, rng: np.random.Generator
) -> DefocusPlan:
    """Draw the lens, and return what is stored on the sample."""
    blur = round(float(rng.uniform(params.blur_min, params.blur_max)), _DIGITS)
    separation = float(rng.uniform(params.separation_min, params.separation_max))
    far = float(rng.uniform(0, 1 - separation))
    kind = _draw_focus(params.focus, rng)
    track = draw.subject.depth if filmed and params.depth == "track" else None
    return DefocusPlan(
        frames=draw.window.length,
        width=draw.size.width,
        height=draw.size.height,
        fps_num=draw.fps.numerator,
        fps_den=draw.fps.denominator,
        caption=draw.caption,
        foreground=AssetRef.of(draw.subject),
        filmed=filmed,
        backdrop=draw.backdrop,
        depth=None if track is None else MaskRef.of(track),
        start=draw.window.start,
        step=draw.window.step,
        scale=draw.scale,
        shift_x=draw.shift_x,
        shift_y=draw.shift_y,
        soft_edge=params.soft_edge,
        blur=blur,
        tolerance=params.tolerance,
        aperture=params.aperture,
        linear_light=params.linear_light,
        light=params.light,
        near=round(far + separation, _DIGITS),
        far=round(far, _DIGITS),
        ground=params.ground,
        focus=_draw_pull(kind, draw.window, rng),
        follow=kind == "follow",
    )


def _draw_focus(kind: FocusKind, rng: np.random.Generator) -> FocusKind:
    if kind != "mixed":
        return kind
    kinds: tuple[FocusKind, ...] = ("subject", "follow", "background", "pull")
    return kinds[rng.integers(len(kinds))]


def _draw_pull(kind: FocusKind, window: FrameWindow, rng: np.random.Generator) -> FocusPull:
    """Draw when the focus is pulled and which way; it takes at least a fifth of the sample."""
    length = window.length
    takes = round(length * float(rng.uniform(0.2, 0.6)))
    first = int(rng.integers(0, max(1, length - takes)))
    away = bool(rng.random() < 0.5)
    if kind != "pull":
        place = 1.0 if kind == "background" else 0.0
        return FocusPull(start=place, end=place, first=0, last=0)
    start, end = (0.0, 1.0) if away else (1.0, 0.0)
    return FocusPull(start=start, end=end, first=first, last=first + takes)

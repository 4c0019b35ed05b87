"""Moving objects: several cut-outs or textured shapes on smooth paths, covering each other.

Made for training of video object segmentation, after the scenes of BL30K (MiVOS, Cheng et al.,
CVPR 2021), without models or a renderer: subjects of the pool move over its backgrounds, so that
there is alpha as well. A sample has one number per object and pixel.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic.config import JsonDict

from datasets_app.domain.media.frames import FrameSize
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
from datasets_app.domain.synthesis.compositing.recomposition import Recomposition, over
from datasets_app.domain.synthesis.geometry.camera import draw_camera
from datasets_app.domain.synthesis.moving.moving_draw import Look, MotionLimits, draw_object
from datasets_app.domain.synthesis.moving.moving_object import MovingObject
from datasets_app.domain.synthesis.moving.moving_scene import moving_layers
from datasets_app.domain.synthesis.plates.backdrop import Backdrop
from datasets_app.domain.synthesis.plates.scene_params import LONGEST
from datasets_app.domain.synthesis.plates.scene_pool import SceneLimits, ScenePool, Subjects
from datasets_app.domain.synthesis.sources.last_seen import LastSeen
from datasets_app.domain.synthesis.sources.pool import PoolBackground, PoolForeground
from datasets_app.domain.synthesis.sources.sides import SplitChoice, split_field

_MOTION: JsonDict = {"group": "Motion"}
_FRAMES: JsonDict = {"group": "Frames"}
_BL30K = {
    "frames": 160,
    "width": 768,
    "height": 512,
    "objects_min": 3,
    "objects_max": 5,
    "texture": 0.5,
    "stops": True,
}


class MovingObjectsParams(RecipeParams):
    """Sizes are shares of the frame's shorter side."""

    preset: Literal["free", "bl30k"] = Field(
        "free",
        title="Preset",
        description="bl30k: 160 frames of 768x512, 3 to 5 objects, half of them with another "
        "texture, whatever stands below",
    )
    subjects: Subjects = Field(
        "all",
        title="Cut-outs",
        description="assets: foregrounds with alpha. clips: videos, cut out by their masks",
    )
    split: SplitChoice = split_field()
    shapes: float = Field(
        0.25,
        ge=0,
        le=1,
        title="Shapes",
        description="Share of objects that are textured shapes; all, where there are no cut-outs",
    )
    texture: float = Field(
        0.2,
        ge=0,
        le=1,
        title="Other texture",
        description="How often a cut-out gets the texture of a background instead of its colours",
    )
    objects_min: int = Field(2, ge=1, le=20, title="Objects, at least")
    objects_max: int = Field(4, ge=1, le=20, title="Objects, at most")
    soft_edge: int = Field(
        3,
        ge=0,
        le=32,
        title="Soft edge",
        description="Pixels over which the edge of a hard mask fades",
        json_schema_extra={"unit": "px"},
    )
    size_min: float = Field(0.25, gt=0.02, le=2, title="Smallest size", json_schema_extra=_MOTION)
    size_max: float = Field(
        0.6,
        gt=0.02,
        le=2,
        title="Largest size",
        description="Longer side, as a share of the frame's shorter side",
        json_schema_extra=_MOTION,
    )
    speed: float = Field(
        0.3,
        ge=0,
        le=2,
        title="Speed",
        description="Largest move in 40 frames, as a share of the frame",
        json_schema_extra=_MOTION,
    )
    spin: float = Field(
        25.0,
        ge=0,
        le=180,
        title="Turn",
        description="Largest turn in 40 frames",
        json_schema_extra={"unit": "°", **_MOTION},
    )
    growth: float = Field(
        1.25,
        ge=1,
        le=3,
        title="Growth",
        description="Largest change of size in 40 frames, as a factor",
        json_schema_extra=_MOTION,
    )
    separation: float = Field(
        0.5,
        ge=0,
        le=2,
        title="Separation",
        description="Least distance of two centres, in sizes; given up after 50 tries, so that "
        "objects still cover each other",
        json_schema_extra=_MOTION,
    )
    stops: bool = Field(True, title="Objects may rest", json_schema_extra=_MOTION)
    camera: float = Field(
        0.3,
        ge=0,
        le=1,
        title="Camera motion",
        description="0 stands still; 1 pans and zooms as far as the background reaches",
        json_schema_extra=_MOTION,
    )
    frames: int = Field(60, ge=1, le=LONGEST, title="Frames", json_schema_extra=_FRAMES)
    width: int = Field(
        768, ge=16, le=7680, title="Width", json_schema_extra={"unit": "px", **_FRAMES}
    )
    height: int = Field(
        512, ge=16, le=4320, title="Height", json_schema_extra={"unit": "px", **_FRAMES}
    )
    fps: int = Field(25, ge=1, le=240, title="Frames per second", json_schema_extra=_FRAMES)

    @model_validator(mode="after")
    def _ordered(self) -> MovingObjectsParams:
        for low, high in (("objects_min", "objects_max"), ("size_min", "size_max")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} must not exceed {high}")
        return self

    @property
    def settled(self) -> MovingObjectsParams:
        """These parameters with what the preset fixes."""
        return self.model_copy(update=_BL30K) if self.preset == "bl30k" else self

    @property
    def motion(self) -> MotionLimits:
        """How objects may move."""
        return MotionLimits(
            size_min=self.size_min,
            size_max=self.size_max,
            speed=self.speed,
            spin=self.spin,
            growth=self.growth,
            separation=self.separation,
            stops=self.stops,
        )


class MovingObjectsPlan(Plan):
    """Object k of ``objects`` has the number k + 1 in the layer ``instances``."""

    objects: tuple[MovingObject, ...]
    backdrop: Backdrop
    soft_edge: int

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""
        own = [digest for one in self.objects for digest in one.files]
        return tuple(dict.fromkeys([*own, *self.backdrop.files]))

    @property
    def recomposition(self) -> Recomposition:
        """What holds between the layers."""
        return over("bgr")


class MovingObjects(Resumable[MovingObjectsPlan]):
    """Moves cut-outs and shapes over a background."""

    info = PluginInfo(
        slug="moving_objects",
        label="Moving objects",
        summary="Cut-outs and shapes on smooth paths that cover each other, each with its number",
        version=2,
    )
    params = MovingObjectsParams
    plan_model = MovingObjectsPlan
    category = "moving-objects"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.35, 3
    needs = (
        "stills or clips as backgrounds; cut-outs are foregrounds with alpha or clips with masks"
    )
    layers = (
        LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
        LayerSpec("instances", "gray", delivered=True),
        LayerSpec("alpha", "gray", delivered=True),
        LayerSpec("fgr", "rgb", delivered=False),
        LayerSpec("bgr", "rgb", delivered=True),
    )

    def __init__(self) -> None:
        self._pool = LastSeen(_seen)

    def survey(self, params: MovingObjectsParams, pool: Pool) -> Survey:
        """Say which cut-outs can be used; shapes need nothing but a background."""
        found = self._pool(params, pool).survey(background_needed=False)
        behind = pool.on_side(params.split).as_backgrounds()
        reason = "" if behind else "there is no still or clip for a background"
        return Survey(found.admitted, found.left_out, not reason, reason)

    def plan(
        self, params: MovingObjectsParams, pool: Pool, rng: np.random.Generator
    ) -> MovingObjectsPlan | Rejected:
        """Make one try. The order of the draws belongs to the recipe's version."""
        asked = params.settled
        drawable = self._pool(params, pool)
        behind = _draw_behind(drawable, asked.frames, rng)
        if behind is None:
            return Rejected("no background is long enough")
        size = FrameSize(asked.width, asked.height)
        textures = drawable.strangers("")
        objects: list[MovingObject] = []
        for subject in _draw_subjects(drawable, asked, behind.group, rng):
            texture = textures[rng.integers(len(textures))]
            other = subject is None or rng.random() < asked.texture
            look = Look(subject, texture if other else None)
            drawn = draw_object(look, asked.frames, size, asked.motion, objects, rng)
            if drawn is None:
                return Rejected("a subject is not to be seen, or not by its own matte, where drawn")
            objects.append(drawn)
        return _as_plan(asked, behind, tuple(objects), rng)

    def frames_from(
        self, plan: MovingObjectsPlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Yield the layers of frame ``first`` and on, the same as `render` gives for them."""
        return moving_layers(plan, sources, first)


def _seen(params: MovingObjectsParams, pool: Pool) -> ScenePool:
    return ScenePool(pool.on_side(params.split), SceneLimits(params.subjects, min_frames=1))


def _draw_behind(pool: ScenePool, frames: int, rng: np.random.Generator) -> PoolBackground | None:
    """Draw a background that lasts; where none does, the frame of a clip stands still."""
    lasting = pool.draw_background("", frames, rng)
    return lasting if lasting is not None else pool.draw_background("", 1, rng)


def _draw_subjects(
    pool: ScenePool, params: MovingObjectsParams, scene: str, rng: np.random.Generator
) -> list[PoolForeground | None]:
    """Draw what the objects are, None for a shape: each cut-out at most once, none of ``scene``."""
    count = int(rng.integers(params.objects_min, params.objects_max + 1))
    strangers = [one for one in pool.subjects if one.group != scene]
    order = rng.permutation(len(strangers)).tolist()
    shapes = rng.random(count) < params.shapes
    found: list[PoolForeground | None] = []
    for shape in shapes:
        found.append(strangers[order.pop()] if order and not shape else None)
    return found


def _as_plan(
    params: MovingObjectsParams,
    behind: PoolBackground,
    objects: tuple[MovingObject, ...],
    rng: np.random.Generator,
) -> MovingObjectsPlan:
    plays = behind.kind == "clip" and behind.frames >= params.frames
    start = int(rng.integers(behind.frames - params.frames + 1)) if plays else 0
    source = AssetRef.of(behind)
    if not plays:
        source = source.model_copy(update={"kind": "still"})
    fps = Fraction(params.fps)
    return MovingObjectsPlan(
        frames=params.frames,
        width=params.width,
        height=params.height,
        fps_num=fps.numerator,
        fps_den=fps.denominator,
        caption=behind.caption,
        objects=objects,
        backdrop=Backdrop(
            source=source,
            start=start,
            step=1,
            camera=draw_camera(params.camera, params.frames, rng),
            top=(0, 0, 0),
            bottom=(0, 0, 0),
        ),
        soft_edge=params.soft_edge,
    )

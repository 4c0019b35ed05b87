"""What is asked of a run of rendered scenes: the ranges of the draw, labels, files of one's own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from datasets_app.domain.recipes.base import Pool, RecipeParams
from datasets_app.domain.scenes.description import SceneFile
from datasets_app.domain.scenes.draw import SceneRule, Stock
from datasets_app.domain.scenes.labels import ASKED_OF_RENDERER, Label
from datasets_app.domain.synthesis.sources.pool import PoolSceneFile
from datasets_app.domain.synthesis.sources.sides import SplitChoice, split_field


class EffectRemovalParams(RecipeParams):
    """Ranges and chances of the seed; lengths in metres, angles in degrees."""

    side: int = Field(
        256,
        ge=64,
        le=1024,
        multiple_of=16,
        title="Picture side",
        description="Width and height; trainers want multiples of 16",
        json_schema_extra={"unit": "px"},
    )
    frames: int = Field(
        81,
        ge=1,
        le=300,
        title="Frames",
        description="Trainers cut to 4n + 1: 17, 33, 49, 81, 85",
    )
    fps: int = Field(16, ge=1, le=60, title="Frame rate", json_schema_extra={"unit": "fps"})
    samples: int = Field(
        8,
        ge=1,
        le=1024,
        title="Samples per pixel",
        description="8 and the denoiser come as close to the truth as 30 to 50 without; 16 come "
        "closer, for nearly twice the time",
    )
    objects_min: int = Field(1, ge=1, le=12, title="Objects, at least")
    objects_max: int = Field(5, ge=1, le=12, title="Objects, at most")
    size_min: float = Field(
        0.8, ge=0.1, le=4, title="Smallest object", json_schema_extra={"unit": "m"}
    )
    size_max: float = Field(
        2.0, ge=0.1, le=4, title="Largest object", json_schema_extra={"unit": "m"}
    )
    resting: float = Field(
        0.5, ge=0, le=1, title="Resting", description="How often an object lies still"
    )
    alike: float = Field(
        0.5, ge=0, le=1, title="Alike", description="How often all objects have one shape"
    )
    wall: float = Field(0.25, ge=0, le=1, title="Wall", description="How often one stands behind")
    mirror: float = Field(
        0.5, ge=0, le=1, title="Mirror", description="How often the ground reflects: stone, water"
    )
    low_light: float = Field(
        0.5, ge=0, le=1, title="Low light", description="How often it is nearly dark"
    )
    sun_min: float = Field(
        10, ge=1, le=90, title="Sun, lowest", json_schema_extra={"unit": "degrees"}
    )
    sun_max: float = Field(
        80, ge=1, le=90, title="Sun, highest", json_schema_extra={"unit": "degrees"}
    )
    camera_path: float = Field(
        4.0, ge=0, le=20, title="Camera path, at most", json_schema_extra={"unit": "m"}
    )
    fur: float = Field(
        0,
        ge=0,
        le=1,
        title="Fur",
        description="How often an object has fur, finer than a pixel; models have none",
    )
    smoke: float = Field(
        0, ge=0, le=1, title="Smoke", description="How often an object is a cloud of smoke"
    )
    shutter: float = Field(
        0,
        ge=0,
        le=1,
        title="Motion blur",
        description="Of the time of a frame, how long the shutter is open: 0 is sharp, 0.5 is film",
    )
    mask_mode: Literal["trimask", "binary", "mixed"] = Field(
        "trimask",
        title="Mask",
        description="trimask: 0 remove, 128 background, 255 keep. binary: 0 remove, 255 the rest. "
        "mixed: either, drawn for each sample",
    )
    models: float = Field(
        0.5,
        ge=0,
        le=1,
        title="3D models",
        description="How often an object is one of the project's 3D models, where it has any",
    )
    lights: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Pictures of light",
        description="How often one of the project's HDRIs is the sky, where it has any",
    )
    split: SplitChoice = split_field()
    shortcut: bool = Field(
        False,
        title="Shortcut",
        description="Render the second picture only where hiding the objects can change it; "
        "elsewhere it is the first, byte for byte. Off is exact everywhere",
    )
    distance: bool = Field(
        False, title="Distance", description="Metres from the camera's plane, exact"
    )
    normals: bool = Field(False, title="Normals", description="Directions of surfaces, exact")
    flow: bool = Field(
        False, title="Flow", description="To the next frame and to the one before, exact"
    )
    shadows: bool = Field(
        False,
        title="Shadow and reflection",
        description="What the removed objects take from the light and add to it; one render more",
    )
    apart: bool = Field(
        False,
        title="Objects apart",
        description="Of each object its soft alpha, its own light and the scene behind it; more "
        "than a render each",
    )

    defocus: bool = Field(
        False,
        title="Defocus",
        description="The full picture once more through a lens, focused on the nearest object; its "
        "sharp twin is the full picture. One render more",
    )
    lens_blur: float = Field(
        0.02,
        ge=0.002,
        le=0.2,
        title="Lens blur",
        description="Of the picture's width, over which far points spread where Defocus is ticked",
    )

    @model_validator(mode="after")
    def _ordered(self) -> EffectRemovalParams:
        for low, high in (
            ("objects_min", "objects_max"),
            ("size_min", "size_max"),
            ("sun_min", "sun_max"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} must not exceed {high}")
        return self

    @property
    def labels(self) -> tuple[Label, ...]:
        """What was ticked, in the order of the layers."""
        return tuple(label for label in ASKED_OF_RENDERER if getattr(self, label))

    def for_trial(self) -> EffectRemovalParams:
        """Return a clip of 5 frames at no more than 256 pixels: seconds instead of minutes."""
        return self.model_copy(update={"frames": min(self.frames, 5), "side": min(self.side, 256)})

    @property
    def rule(self) -> SceneRule:
        """The ranges of a draw."""
        return SceneRule(
            width=self.side,
            height=self.side,
            frames=self.frames,
            fps=self.fps,
            samples=self.samples,
            objects=(self.objects_min, self.objects_max),
            size=(self.size_min, self.size_max),
            resting=self.resting,
            alike=self.alike,
            wall=self.wall,
            mirror=self.mirror,
            low_light=self.low_light,
            elevation=(self.sun_min, self.sun_max),
            path=self.camera_path,
            focal=(35.0, 45.0),
            fur=self.fur,
            smoke=self.smoke,
            shutter=self.shutter,
        )

    def stock(self, pool: Pool) -> Stock:
        """What of the project's own files a scene may use."""
        pool = pool.on_side(self.split)
        return Stock(
            models=tuple(_as_scene_file(one) for one in pool.models),
            model_share=self.models,
            lights=tuple(_as_scene_file(one) for one in pool.lights),
            light_share=self.lights,
        )


def _as_scene_file(one: PoolSceneFile) -> SceneFile:
    return SceneFile(digest=one.digest, ending=one.ending, name=one.name)

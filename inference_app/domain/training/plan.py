"""What a training is: everything that, with the code, gives the same weights again."""

from __future__ import annotations

import hashlib
import json
from typing import Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Trainable: TypeAlias = Literal["wavelet_refiner", "flow_unet"]
TRAINABLE: tuple[str, ...] = get_args(Trainable)
"""The networks that we train ourselves, named as their predictors are."""


class Stage(BaseModel):
    """One part of a training: ``batch`` clips of ``frames`` frames, ``side`` squared.

    ``steady`` is how much flicker counts beside the errors of single frames.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch: int = Field(5, ge=1, le=256, title="Clips per step")
    frames: int = Field(3, ge=1, le=16, title="Frames per clip")
    side: int = Field(128, ge=32, le=512, multiple_of=16, title="Side in pixels")
    steady: float = Field(0.0, ge=0, le=100, title="Weight of flicker")


class TrainingPlan(BaseModel):
    """Base of a training. The rate rises over ``warmup`` steps, stays, and falls to ``rate_end``
    of itself over the last ``decay`` of the steps, in which the sizes are those of ``last``.

    Nothing before the fall depends on ``steps``, ``decay`` or ``last``, so they may be changed in a
    training that runs until the fall begins.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: Trainable = "wavelet_refiner"
    shape: Literal["light", "heavy"] = "light"
    wavelet: Literal["haar", "db2", "db4", "cdf53"] = "haar"
    steps: int = Field(8000, ge=1, le=10_000_000, title="Steps")
    warmup: int = Field(100, ge=0)
    decay: float = Field(0.3, ge=0, le=1)
    rate: float = Field(1.5e-3, gt=0, le=1, title="Learning rate")
    rate_end: float = Field(0.02, ge=0, le=1)
    weight_decay: float = Field(1e-4, ge=0)
    clip_norm: float = Field(1.0, gt=0)
    ema: float = Field(0.998, ge=0, lt=1)
    seed: int = Field(1, ge=0)
    sprites: int = Field(600, ge=1, le=20_000)
    textures: int = Field(600, ge=1, le=20_000)
    first_only: float = Field(0.2, ge=0, le=1, title="Share of clips with a mask on frame 0 only")
    main: Stage = Stage()
    last: Stage = Stage(batch=2, frames=5, side=160)
    validate_every: int = Field(250, ge=1)
    save_every: int = Field(250, ge=1)
    patience: int = Field(0, ge=0, title="Validations without a better one before it stops; 0: all")
    dtype: Literal["float32", "bfloat16"] = "float32"
    data: str = Field("", max_length=64, title="Digest of stored clips; empty: painted ones alone")

    @model_validator(mode="after")
    def _heavy_chooses(self) -> TrainingPlan:
        if self.shape == "light" and self.wavelet != "haar":
            raise ValueError("the light shape uses the Haar wavelet; choose the heavy shape")
        return self

    @property
    def falls_at(self) -> int:
        """The step at which the rate begins to fall."""
        return round(self.steps * (1 - self.decay))

    def stage_at(self, step: int) -> Stage:
        """Return the sizes of a step."""
        return self.last if step >= self.falls_at else self.main

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        if step < self.warmup:
            return self.rate * (step + 1) / (self.warmup + 1)
        if step < self.falls_at:
            return self.rate
        gone = (step - self.falls_at) / max(1, self.steps - self.falls_at)
        return self.rate * (1 - (1 - self.rate_end) * gone)

    def digest(self) -> str:
        """Return the sha256 of the plan as canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

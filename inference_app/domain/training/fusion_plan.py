"""What a training of the fusion network is: with its data, everything that gives it again."""

from __future__ import annotations

import hashlib
import json
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SHAPE: Final = ("width", "blocks")
"""What a stage has to have as the one before."""


class FusionPlan(BaseModel):
    """``stage`` 0 learns from painted clips, 1 from real ones; a stage begins with the weights of
    the one before (``init``, their sha256).

    The rate falls to a tenth over the last quarter. Every pixel counts until ``all_until`` of the
    steps; from there to ``hard_from`` fewer and fewer, down to the hardest ``hard_share``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Literal[0, 1] = 0
    steps: int = Field(2000, ge=1, le=1_000_000, title="Steps")
    batch: int = Field(8, ge=1, le=256, title="Cases per step")
    side: int = Field(128, ge=32, le=512, multiple_of=4, title="Side in pixels")
    rate: float = Field(2e-3, gt=0, le=1, title="Learning rate")
    weight_decay: float = Field(1e-4, ge=0)
    all_until: float = Field(0.2, ge=0, le=1)
    hard_from: float = Field(0.5, ge=0, le=1)
    hard_share: float = Field(0.15, gt=0, le=1)
    aware: bool = Field(True, title="Is told what a correction added and took away")
    width: int = Field(32, ge=8, le=256)
    blocks: int = Field(3, ge=1, le=16)
    seed: int = Field(1, ge=0)
    save_every: int = Field(200, ge=1)
    data: str = Field("", max_length=64, title="Digest of the cases")
    init: str = Field("", max_length=64, title="Digest of the weights that it begins with")

    @model_validator(mode="after")
    def _begins_as_its_stage_does(self) -> FusionPlan:
        if self.stage == 1 and not self.init:
            raise ValueError("stage 1 begins with the weights of stage 0; name them")
        if self.stage == 0 and self.init:
            raise ValueError("stage 0 begins from nothing; leave out the weights, or take stage 1")
        return self

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        falls = 0.75 * self.steps
        if step < falls:
            return self.rate
        return self.rate * (1 - 0.9 * (step - falls) / max(1.0, self.steps - falls))

    def share_at(self, step: int) -> float:
        """Return which share of the pixels counts at a step, the hardest first."""
        done = step / self.steps
        if done <= self.all_until:
            return 1.0
        if done >= self.hard_from:
            return self.hard_share
        way = (done - self.all_until) / (self.hard_from - self.all_until)
        return 1 - way * (1 - self.hard_share)

    def digest(self) -> str:
        """Return the sha256 of the plan as canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

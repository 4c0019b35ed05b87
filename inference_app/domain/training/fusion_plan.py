"""What a training of the fusion network is: with its data, everything that gives it again."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from inference_app.domain.training.steps_plan import MOST_PER_STEP, StepsPlan

SHAPE: Final = ("width", "blocks")
"""What a stage has to have as the one before."""


class FusionPlan(StepsPlan):
    """``stage`` 0 learns from painted clips, 1 from real ones; a stage begins with the weights of
    the one before (``init``, their sha256).

    Every pixel counts until ``all_until`` of the steps; from there to ``hard_from`` fewer and
    fewer, down to the hardest ``hard_share``.
    """

    stage: Literal[0, 1] = 0
    steps: int = Field(2000, ge=1, le=1_000_000, title="Steps")
    batch: int = Field(8, ge=1, le=MOST_PER_STEP, title="Cases per step")
    side: int = Field(128, ge=32, le=512, multiple_of=4, title="Side in pixels")
    all_until: float = Field(0.2, ge=0, le=1)
    hard_from: float = Field(0.5, ge=0, le=1)
    hard_share: float = Field(0.15, gt=0, le=1)
    aware: bool = Field(True, title="Is told what a correction added and took away")
    width: int = Field(32, ge=8, le=256)
    blocks: int = Field(3, ge=1, le=16)
    data: str = Field("", max_length=64, title="Digest of the cases")
    init: str = Field("", max_length=64, title="Digest of the weights that it begins with")

    @model_validator(mode="after")
    def _begins_as_its_stage_does(self) -> FusionPlan:
        if self.stage == 1 and not self.init:
            raise ValueError("stage 1 begins with the weights of stage 0; name them")
        if self.stage == 0 and self.init:
            raise ValueError("stage 0 begins from nothing; leave out the weights, or take stage 1")
        return self

    def share_at(self, step: int) -> float:
        """Return which share of the pixels counts at a step, the hardest first."""
        done = step / self.steps
        if done <= self.all_until:
            return 1.0
        if done >= self.hard_from:
            return self.hard_share
        way = (done - self.all_until) / (self.hard_from - self.all_until)
        return 1 - way * (1 - self.hard_share)

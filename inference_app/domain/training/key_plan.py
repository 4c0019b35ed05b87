"""What a training of the propagation key is: everything that gives it again."""

from __future__ import annotations

from pydantic import Field

from inference_app.domain.training.steps_plan import MOST_PER_STEP, StepsPlan


class KeyPlan(StepsPlan):
    """Learns from ``clips`` painted clips of ``frames`` frames, from pairs of their frames."""

    steps: int = Field(1500, ge=1, le=1_000_000, title="Steps")
    batch: int = Field(4, ge=1, le=MOST_PER_STEP, title="Pairs per step")
    clips: int = Field(120, ge=1, le=10_000, title="Painted clips")
    bank: int = Field(60, ge=1, le=1000, title="Sprites, and as many surfaces")
    frames: int = Field(12, ge=2, le=100, title="Frames of a clip")
    height: int = Field(96, ge=16, le=512, multiple_of=4)
    width: int = Field(144, ge=16, le=512, multiple_of=4)
    channels: int = Field(32, ge=8, le=256)
    blocks: int = Field(3, ge=1, le=16)
    keys: int = Field(24, ge=4, le=128)

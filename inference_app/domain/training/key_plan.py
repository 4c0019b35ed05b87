"""What a training of the propagation key is: everything that gives it again."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel, ConfigDict, Field


class KeyPlan(BaseModel):
    """Learns from ``clips`` painted clips of ``frames`` frames, from pairs of their frames.

    The rate falls to a tenth over the last quarter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(1500, ge=1, le=1_000_000, title="Steps")
    batch: int = Field(4, ge=1, le=256, title="Pairs per step")
    clips: int = Field(120, ge=1, le=10_000, title="Painted clips")
    bank: int = Field(60, ge=1, le=1000, title="Sprites, and as many surfaces")
    frames: int = Field(12, ge=2, le=100, title="Frames of a clip")
    height: int = Field(96, ge=16, le=512, multiple_of=4)
    width: int = Field(144, ge=16, le=512, multiple_of=4)
    rate: float = Field(2e-3, gt=0, le=1, title="Learning rate")
    weight_decay: float = Field(1e-4, ge=0)
    channels: int = Field(32, ge=8, le=256)
    blocks: int = Field(3, ge=1, le=16)
    keys: int = Field(24, ge=4, le=128)
    seed: int = Field(1, ge=0)
    save_every: int = Field(200, ge=1)

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        falls = 0.75 * self.steps
        if step < falls:
            return self.rate
        return self.rate * (1 - 0.9 * (step - falls) / max(1.0, self.steps - falls))

    def digest(self) -> str:
        """Return the sha256 of the plan as canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

"""What every training of a small network says of its steps."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

MOST_PER_STEP: Final = 256
"""A step learns from at most so many cases, and has as many numbers to draw them by."""


class StepsPlan(BaseModel):
    """``batch`` cases per step. The rate falls to a tenth over the last quarter of the steps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int
    batch: int
    rate: float = Field(2e-3, gt=0, le=1, title="Learning rate")
    weight_decay: float = Field(1e-4, ge=0)
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

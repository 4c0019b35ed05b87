"""Steps of a training: one process of several tells, it is saved when it has to end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from datasets_app.domain.progress import ignore_progress
from inference_app.domain.device import Device
from inference_app.domain.training.crew import Crew
from inference_app.domain.training.fusion_plan import FusionPlan
from inference_app.domain.training.stepping import Drawn, Training, take_steps
from inference_app.domain.training.steps_plan import MOST_PER_STEP
from matteweb.errors import Cancelled, OutOfMemory

PLAN = FusionPlan(steps=5, save_every=2)


class Line:
    """Learns a straight line, saves nowhere else than in ``folder``; notes saves and reports."""

    def __init__(self, folder: Path, number: int = 0, short_at: int = -1) -> None:
        self.state, self.number, self.short_at = folder / "state.safetensors", number, short_at
        self.saved, self.told = list[int](), list[dict[str, float]]()

    def draw(self, number: int) -> Drawn:
        """Return a point of the line, unless memory is short."""
        if number // MOST_PER_STEP == self.short_at:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return np.array([number % 7], np.float32), np.array([number % 7 + 1], np.float32)

    def run(self, stop_at: int = -1) -> Training:
        """Take the steps of the plan, from where they were left."""
        torch.manual_seed(1)
        net = nn.Linear(1, 1)
        training = Training(
            PLAN, net, Crew(Device("cpu"), self.number), self.state, draw=self.draw,
            loss=lambda _, shown, asked: functional.mse_loss(net(shown), asked),
            write=lambda facts: self.saved.append(int(facts["step"])),
        )  # fmt: skip
        take_steps(
            training, progress=ignore_progress, should_stop=lambda: training.step == stop_at,
            report=self.told.append,
        )  # fmt: skip
        return training


def test_only_the_process_that_saves_tells(tmp_path: Path) -> None:
    first, second = Line(tmp_path / "first"), Line(tmp_path / "second", number=1)
    assert first.run().step == second.run().step == 5
    assert first.saved == [entry["step"] for entry in first.told] == [2, 4, 5]
    assert not second.saved and not second.told and not second.state.exists()


def test_what_ends_a_training_is_told_after_it_was_saved(tmp_path: Path) -> None:
    stopped, short = Line(tmp_path / "stopped"), Line(tmp_path / "short", short_at=3)
    with pytest.raises(Cancelled, match="stopped at step 3"):
        stopped.run(stop_at=3)
    with pytest.raises(OutOfMemory, match=r"step 3.*lower batch"):
        short.run()
    assert stopped.saved == short.saved == [2, 3]
    short.short_at = -1
    whole, again = Line(tmp_path / "whole").run(), short.run()
    assert again.step == 5 and again.recent == whole.recent

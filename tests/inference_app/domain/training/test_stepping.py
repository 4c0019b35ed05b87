"""Steps of a training: one process of several tells, all save when they have to end."""

from __future__ import annotations

import pytest

from datasets_app.domain.progress import ignore_progress
from inference_app.domain.device import Device
from inference_app.domain.training.crew import Crew
from inference_app.domain.training.fusion_plan import FusionPlan
from inference_app.domain.training.stepping import take_steps
from matteweb.errors import Cancelled, OutOfMemory

PLAN = FusionPlan(steps=5, save_every=2)


class Counting:
    """A training that counts."""

    def __init__(self, number: int, short_at: int = -1) -> None:
        self.crew, self.step, self.saved = Crew(Device("cpu"), number), 0, list[int]()
        self.short_at, self.told = short_at, list[dict[str, float]]()

    @property
    def recent(self) -> float:
        return 1 / (1 + self.step)

    def learn(self) -> None:
        """Go on, unless memory is short."""
        if self.step == self.short_at:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        self.step += 1

    def save(self) -> None:
        """Note where."""
        self.saved.append(self.step)

    def run(self, stop_at: int = -1) -> Counting:
        """Take the steps of the plan."""
        take_steps(
            self, PLAN, progress=ignore_progress, should_stop=lambda: self.step == stop_at,
            report=self.told.append,
        )  # fmt: skip
        return self


def test_only_the_process_that_saves_tells() -> None:
    first, second = Counting(0).run(), Counting(1).run()
    assert first.saved == second.saved == [2, 4, 5]
    assert [entry["step"] for entry in first.told] == [2, 4, 5] and second.told == []


def test_what_ends_a_training_is_told_after_it_was_saved() -> None:
    stopped, short = Counting(0), Counting(0, short_at=3)
    with pytest.raises(Cancelled, match="stopped at step 3"):
        stopped.run(stop_at=3)
    with pytest.raises(OutOfMemory, match=r"step 3.*lower batch"):
        short.run()
    assert stopped.saved == short.saved == [2, 3]
    short.short_at = -1
    assert short.run().step == 5

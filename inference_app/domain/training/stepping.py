"""Steps of a training, one after the other: stopped, saved and told of as it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.training.crew import Crew
from inference_app.domain.training.memory import memory_watched
from matteweb.errors import Cancelled, OutOfMemory

_LESS_MEMORY: Final = "lower batch or the size of what is learned from, or end other programs"

Report = Callable[[dict[str, float]], None]
"""Called after each save with step and loss, by the process that saves."""


class Run(Protocol):
    """The moving parts of a training. ``recent``: the mean loss of the last steps."""

    crew: Crew
    step: int

    @property
    def recent(self) -> float: ...
    def learn(self) -> None: ...
    def save(self) -> None: ...


class Plan(Protocol):
    """What a plan says of its steps."""

    @property
    def steps(self) -> int: ...
    @property
    def save_every(self) -> int: ...


def take_steps(
    run: Run, plan: Plan, *, progress: Progress, should_stop: ShouldStop, report: Report
) -> None:
    """Train from where ``run`` stands to the end. Raises Cancelled and OutOfMemory, with everything
    kept."""
    while run.step < plan.steps:
        try:
            with memory_watched(f"training, at step {run.step}", hint=_LESS_MEMORY):
                if run.crew.any(should_stop()):
                    run.save()
                    raise Cancelled(
                        f"training stopped at step {run.step}", hint="start it again to go on"
                    )
                run.learn()
                progress(run.step, plan.steps)
                if run.step % plan.save_every == 0 or run.step == plan.steps:
                    run.save()
                    if run.crew.leads:
                        report({"step": float(run.step), "loss": run.recent})
        except OutOfMemory:
            run.save()
            raise

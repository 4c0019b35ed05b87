"""Trainings as pages show them: how far, how the curve runs, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from datasets_app.models import Blob, Bundle
from datasets_app.models.bundle import BundleState
from datasets_app.selectors.bundles import bundles_of
from datasets_app.selectors.run_work import target_job
from inference_app.models import RunState, Training
from inference_app.models.training import TRAINING_KIND
from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

WIDTH, HEIGHT = 600, 120
"""Units of a drawn curve."""

CURVES = {"loss": "Loss", "band": "Band MAD", "dtssd": "dtSSD"}


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure over the steps, ``points`` as SVG takes them, lowest value at the bottom."""

    name: str
    label: str
    points: str
    first: float
    last: float
    lowest: float
    lowest_at: int


@dataclass(frozen=True, slots=True)
class TrainingStanding:
    """How far a training is. ``live``: it is queued or at work; ``left``: seconds, or None."""

    training: Training
    job: Job | None
    live: bool
    steps: int
    curves: tuple[Curve, ...]

    @property
    def run(self) -> Training:
        """The row, under the name that the words for states use."""
        return self.training

    @property
    def step(self) -> int:
        """The step that it has reached, as the job says while it is at work."""
        done = self.job.done if self.live and self.job else 0
        return max(done, self.training.step)

    @property
    def left(self) -> float | None:
        """Seconds until the last step at the present rate."""
        if not self.live or self.job is None or not self.job.rate:
            return None
        return (self.steps - self.step) / self.job.rate

    @property
    def plan(self) -> list[tuple[str, str]]:
        """The plan as rows for people; a stage as its numbers in one line."""
        return [(name, _told(value)) for name, value in self.training.plan.items()]

    @property
    def stopped(self) -> bool:
        """Whether it waits for a person to go on."""
        return not self.live and self.training.state != RunState.READY


def trainings_of(project: Project) -> QuerySet[Training]:
    """Return the project's trainings, newest first."""
    found = Training.objects.filter(project=project)
    return found.select_related("project", "created_by", "weights", "sheet")


def training_of(project: Project, pk: int) -> Training:
    """Return one training. Raises NotFound, also for another project's."""
    found = trainings_of(project).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no training {pk} in {project.name}")
    return found


def checkpoints_of(project: Project) -> QuerySet[Training]:
    """Return the trainings whose weights can be used."""
    return trainings_of(project).filter(state=RunState.READY, weights__isnull=False)


def training_standing(training: Training) -> TrainingStanding:
    """Return how far a training is."""
    job = target_job(TRAINING_KIND, training.pk)
    live = job is not None and job.state in LIVE
    steps = int(training.plan["steps"])
    curves = tuple(
        curve_of(name, label, training.curve) for name, label in CURVES.items() if training.curve
    )
    return TrainingStanding(training, job, live, steps, curves)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return "–" if value == "" else str(value)


def training_file(training: Training, what: str) -> Blob:
    """Return the stored "weights" or "sheet". Raises NotFound before there is one."""
    blob: Blob | None = {"weights": training.weights, "sheet": training.sheet}.get(what)
    if blob is None:
        raise NotFound(f"training {training} has no {what} yet")
    return blob


def frozen_bundles(project: Project) -> list[Bundle]:
    """Return the bundles that can be learned from."""
    return list(bundles_of(project).filter(state=BundleState.FROZEN))


def curve_of(name: str, label: str, entries: Sequence[dict[str, float]]) -> Curve:
    """Return one figure of the validations as a line of ``WIDTH`` x ``HEIGHT``."""
    values = [entry[name] for entry in entries]
    steps = [entry["step"] for entry in entries]
    low, high = min(values), max(values)
    span, last = (high - low) or 1.0, max(steps) or 1.0
    points = " ".join(
        f"{WIDTH * step / last:.1f},{HEIGHT - (HEIGHT - 8) * (value - low) / span - 4:.1f}"
        for step, value in zip(steps, values, strict=True)
    )
    at = int(steps[values.index(low)])
    return Curve(name, label, points, values[0], values[-1], low, at)

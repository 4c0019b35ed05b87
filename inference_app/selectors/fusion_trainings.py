"""Fusion networks of a project as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from datasets_app.models import Blob
from datasets_app.selectors.run_work import target_job, target_jobs
from inference_app.models import FusionTraining
from inference_app.models.fusion_training import FUSION_KIND
from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE


@dataclass(frozen=True, slots=True)
class FusionStanding:
    """A training with the job that makes its cases and trains."""

    training: FusionTraining
    job: Job | None

    @property
    def live(self) -> bool:
        """Whether it changes by itself."""
        return self.job is not None and self.job.state in LIVE

    @property
    def loss(self) -> float | None:
        """The newest loss, None before the first saved state."""
        return self.training.curve[-1]["loss"] if self.training.curve else None


def fusion_trainings_of(project: Project) -> QuerySet[FusionTraining]:
    """Return the trainings, newest first."""
    found = FusionTraining.objects.filter(project=project)
    return found.select_related("weights", "init")


def fusion_standings(project: Project) -> list[FusionStanding]:
    """Return the trainings with their jobs, newest first. Two queries."""
    found = list(fusion_trainings_of(project))
    jobs = target_jobs(FUSION_KIND, (one.pk for one in found))
    return [FusionStanding(one, jobs.get(one.pk)) for one in found]


def fusion_standing(training: FusionTraining) -> FusionStanding:
    """Return one training with its job."""
    return FusionStanding(training, target_job(FUSION_KIND, training.pk))


def fusion_training_of(project: Project, pk: int) -> FusionTraining:
    """Return one training. Raises NotFound, also for another project's."""
    found = fusion_trainings_of(project).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no training {pk} of fusion in {project.name}")
    return found


def finished_fusions(project: Project) -> QuerySet[FusionTraining]:
    """Return the trainings whose weights are there."""
    return fusion_trainings_of(project).filter(weights__isnull=False)


def fusion_weights(training: FusionTraining) -> Blob:
    """Return the weights. Raises NotFound before there are any."""
    if training.weights is None:
        raise NotFound(f"training {training} has no weights yet")
    return training.weights


def fusion_facts(standing: FusionStanding) -> dict[str, Any]:
    """Return what is known of a training, as plain JSON."""
    row = standing.training
    return {
        "id": row.pk,
        "name": row.name,
        "stage": row.plan["stage"],
        "plan": row.plan,
        "source": row.source,
        "init": row.init_id,
        "state": standing.job.state if standing.job else "",
        "cases": row.cases,
        "curve": row.curve,
        "weights": row.weights_id,
    }

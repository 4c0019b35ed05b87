"""Samples, runs and the review queue."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from datasets_app.models import Layer, Sample, SynthesisRun, Verdict
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.models.verdict import Decision
from matteweb.accounts.models import Project, User
from matteweb.errors import NotFound


@dataclass(frozen=True, slots=True)
class RunCounts:
    """How far a run is, in samples."""

    planned: int
    rendering: int
    ready: int
    failed: int
    accepted: int
    rejected: int

    @property
    def finished(self) -> int:
        """Samples that will not change state by themselves."""
        return self.ready + self.failed


def samples_of(project: Project) -> QuerySet[Sample]:
    """Return the project's samples in order of making. Two queries.

    Trial samples are left out, and so are the known-bad ones by which reviewers are measured.
    """
    layers = Layer.objects.select_related("poster", "filmstrip", "delivery", "frame_index")
    return (
        Sample.objects.filter(project=project, archived_at=None, calibration=None)
        .exclude(run__trial=True)
        .select_related("run")
        .prefetch_related(Prefetch("layers", queryset=layers))
    )


def sample_of(project: Project, sample_id: int) -> Sample:
    """Return one sample, a trial's included. Raises NotFound when it is not this project's."""
    sample = (
        Sample.objects.filter(project=project, pk=sample_id, archived_at=None)
        .select_related("run", "project")
        .prefetch_related(Prefetch("layers", queryset=Layer.objects.select_related("frame_index")))
        .first()
    )
    if sample is None:
        raise NotFound(f"there is no sample {sample_id} in {project.name}")
    return sample


def verdict_of(project: Project, verdict_id: int) -> Verdict:
    """Return one verdict. Raises NotFound when it is not this project's."""
    verdict = (
        Verdict.objects.filter(pk=verdict_id, sample__project=project)
        .select_related("sample__project")
        .first()
    )
    if verdict is None:
        raise NotFound(f"there is no verdict {verdict_id} in {project.name}")
    return verdict


def runs_of(project: Project) -> QuerySet[SynthesisRun]:
    """Return the project's runs, newest first, with ``ready`` and ``failed`` counted."""
    runs = SynthesisRun.objects.filter(project=project, archived_at=None, trial=False)
    return runs.annotate(
        ready=Count("samples", filter=Q(samples__state=SampleState.READY)),
        failed=Count("samples", filter=Q(samples__state=SampleState.FAILED)),
    ).order_by("-pk")


def run_of(project: Project, run_id: int) -> SynthesisRun:
    """Return one run. Raises NotFound when it is not this project's."""
    run = SynthesisRun.objects.filter(project=project, pk=run_id, archived_at=None).first()
    if run is None:
        raise NotFound(f"there is no run {run_id} in {project.name}")
    return run


def run_samples(run: SynthesisRun) -> QuerySet[Sample]:
    """Return a run's samples, newest first, with the layers that their cards show."""
    pictures = Layer.objects.filter(name="rgb_full")
    return (
        Sample.objects.filter(run=run, archived_at=None)
        .order_by("-index")
        .prefetch_related(Prefetch("layers", queryset=pictures, to_attr="pictures"))
    )


def run_counts(run: SynthesisRun) -> RunCounts:
    """Count a run's samples by state and by review. One query."""
    states = {state: Count("pk", filter=Q(state=state)) for state in SampleState.values}
    found = Sample.objects.filter(run=run).aggregate(
        **states,
        accepted=Count("pk", filter=Q(review=ReviewState.ACCEPTED)),
        rejected=Count("pk", filter=Q(review=ReviewState.REJECTED)),
    )
    return RunCounts(**found)


def review_queue(
    project: Project,
    *,
    review: str = ReviewState.PENDING,
    run_id: int | None = None,
    category: str = "",
    skipped_by: User | None = None,
) -> QuerySet[Sample]:
    """Return what waits for a verdict, oldest first; what ``skipped_by`` skipped comes last."""
    queue = samples_of(project).filter(state=SampleState.READY)
    if review:
        queue = queue.filter(review=review)
    if run_id is not None:
        queue = queue.filter(run_id=run_id)
    if category:
        queue = queue.filter(category=category)
    skips = Q()
    if skipped_by is not None:
        skips = Q(
            verdicts__reviewer=skipped_by,
            verdicts__decision=Decision.SKIP,
            verdicts__undone_at=None,
        )
        queue = queue.annotate(skips=Count("verdicts", filter=skips)).order_by("skips", "id")
    return queue


def pending_of_latest_run(project: Project) -> QuerySet[Sample]:
    """Return the pending samples of the newest run, imports when there is no run."""
    latest = runs_of(project).order_by("-id").first()
    queue = review_queue(project)
    return queue.filter(run=latest) if latest else queue

"""How a run is being worked on: its jobs taken together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datasets_app.models import SynthesisRun
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE, JobState

RUN_KINDS = ("synthesis_plan", "synthesis_render")


@dataclass(frozen=True, slots=True)
class RunWork:
    """``state`` is the one that a person should know of; ``rate`` is in samples per second and
    ``seconds_left`` None while nothing can be said."""

    state: str
    step: str
    rate: float | None
    seconds_left: float | None
    error: str
    hint: str

    @property
    def live(self) -> bool:
        """Whether something is queued or running."""
        return self.state in LIVE


def run_work(run: SynthesisRun, finished: int) -> RunWork:
    """Return the state of the run's jobs; ``finished`` samples are through. One query."""
    jobs = list(Job.objects.filter(kind__in=RUN_KINDS, target_id=run.pk).order_by("-pk")[:64])
    by_state: dict[str, Job] = {}
    for job in jobs:
        by_state.setdefault(job.state, job)
    order = [JobState.RUNNING, JobState.WAITING, JobState.QUEUED]
    shown = next((by_state[state] for state in order if state in by_state), None)
    if shown is None and jobs:
        shown = jobs[0]
    if shown is None:
        return RunWork(JobState.DONE, "", None, None, "", "")
    planning = shown.kind == RUN_KINDS[0]
    rate = shown.rate if not planning and shown.state == JobState.RUNNING else None
    left = (run.count - finished) / rate if rate else None
    return RunWork(shown.state, shown.step, rate, left, shown.error, shown.hint)


def target_job(kind: str, target_id: int) -> Job | None:
    """Return the newest job of ``kind`` for one object."""
    return Job.objects.filter(kind=kind, target_id=target_id).order_by("-pk").first()


def target_jobs(kind: str, target_ids: Iterable[int]) -> dict[int, Job]:
    """Return the newest job of ``kind`` for each object that has one. One query."""
    found = Job.objects.filter(kind=kind, target_id__in=list(target_ids)).order_by("pk")
    return {job.target_id: job for job in found if job.target_id is not None}

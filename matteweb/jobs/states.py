"""The life of a job: one table of allowed moves.

queued -> running -> done
  |          |-> failed -> queued (retry)
  |          |-> cancelled -> queued (resume)
  |          |-> queued   (its worker died, or it gave up its turn after a step)
  |          `-> waiting -> queued  (disk below the reserve; retried by the sweeper)
  `-> cancelled
"""

from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", "Queued"
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ALLOWED: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.WAITING: frozenset({JobState.QUEUED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {
            JobState.DONE,
            JobState.FAILED,
            JobState.CANCELLED,
            JobState.QUEUED,
            JobState.WAITING,
        }
    ),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
}

LIVE = frozenset({JobState.QUEUED, JobState.WAITING, JobState.RUNNING})
FINISHED = frozenset(JobState) - LIVE

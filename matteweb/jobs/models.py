"""One row per background job, whatever its kind, and one per pool of workers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from matteweb.accounts.models import Project, User
from matteweb.jobs.states import JobState


class Job(models.Model):
    """A piece of background work and all that a person may want to know of it.

    Only ``jobs.services`` assigns ``state``; a worker owns the row while ``claim`` is its token.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    target_id = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12, choices=JobState.choices, default=JobState.QUEUED, db_index=True
    )
    seq = models.BigIntegerField(
        default=0, db_index=True, help_text="number of the last change, over all jobs"
    )

    step = models.CharField(max_length=120, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=20, default="frames")
    rate = models.FloatField(null=True, help_text="units per second, smoothed")
    steps = models.JSONField(default=list, help_text="name, done, total, unit, seconds of each")

    claim = models.CharField(max_length=64, default="")
    heartbeat_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    attempt = models.IntegerField(default=0)
    crashes = models.IntegerField(default=0, help_text="deaths of a worker without progress")
    furthest_step = models.IntegerField(default=0, help_text="how far any attempt ever came")
    furthest_done = models.BigIntegerField(default=0)
    checkpoint = models.JSONField(default=dict)

    error = models.TextField(default="")
    error_code = models.CharField(max_length=20, default="", help_text="the error's name")
    hint = models.TextField(default="")
    traceback = models.TextField(default="")
    log = models.JSONField(default=list)

    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    enqueued_at = models.DateTimeField(null=True, help_text="when it last entered the queue")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["kind", "target_id"]),
            models.Index(fields=["project", "seq"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, claim__gt="")
                | (~Q(state=JobState.RUNNING) & Q(claim="")),
                name="exactly_running_jobs_are_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}: {self.title}"


class JobSequence(models.Model):
    """A single row that numbers every change of a job, so that a reader asks for what is newer."""

    value = models.BigIntegerField(default=0)


class WorkerPool(models.Model):
    """A running ``manage.py work``; its row is beaten every few seconds and goes at a clean end."""

    identity = models.CharField(max_length=64, unique=True)
    host = models.CharField(max_length=120)
    slots = models.IntegerField(help_text="jobs that it runs at once")
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.slots} workers on {self.host}"

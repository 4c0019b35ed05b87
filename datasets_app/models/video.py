"""A source clip, with what everything that was brought in has: rights, origin, state of ingest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models.blob import Blob, Stream
from matteweb.accounts.models import Project, User


class IngestState(models.TextChoices):
    """arriving -> ready | needs_decision | failed; needs_decision -> arriving once decided."""

    ARRIVING = "arriving", "Arriving"
    NEEDS_DECISION = "needs_decision", "Needs a decision"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Source(models.Model):
    """Material that a person brought in, and may be asked about: whose is it, may we use it?

    ``findings``: list of {code, message, hint, severity: note|warning|error, choices: [str]}.
    ``source_group``: sources that show the same scene share it; splits and pairings respect it.
    """

    name = models.CharField(max_length=200)
    filename = models.CharField(max_length=255, default="")
    original = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=16, choices=IngestState.choices, default=IngestState.ARRIVING, db_index=True
    )
    error = models.TextField(default="")
    hint = models.TextField(default="")
    findings = models.JSONField(default=list)
    facts = models.JSONField(default=dict, help_text="what the probe read: codec, range, rotation")
    decisions = models.JSONField(
        default=dict, help_text="answers to findings: fps, crop, keep copy"
    )
    licence = models.CharField(max_length=80, default="", help_text="SPDX identifier or free text")
    licence_url = models.URLField(default="", max_length=500)
    attribution = models.TextField(default="")
    source_group = models.CharField(max_length=120, default="", db_index=True)
    tags = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Video(Source, Stream):
    """A clip: N frames in, N frames out, at an exact rational rate.

    ``master`` stays empty when the untouched upload is itself the master.
    """

    noun: ClassVar[str] = "video"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="videos")
    split = models.CharField(
        max_length=60, default="", blank=True, help_text="where a published list puts it"
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=IngestState.values), name="video_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=IngestState.READY)
                | Q(frames__gt=0, fps_num__gt=0, fps_den__gt=0),
                name="ready_video_has_frames",
            ),
        ]

    def __str__(self) -> str:
        return self.name

"""A file that is on its way in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from matteweb.accounts.models import AuditEntry, Project, User


class UploadState(models.TextChoices):
    """receiving -> received -> finished | failed."""

    RECEIVING = "receiving", "Receiving"
    RECEIVED = "received", "Received"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"


class Upload(models.Model):
    """The row owns the offset: it never claims a byte that is not on the disk.

    ``purpose``: what becomes of it, as text: {"kind": "library" | "mask", "video": id, ...}.
    ``digest`` is set once the whole file was hashed, before it is moved into the blob store.
    """

    uid = models.CharField(max_length=40, unique=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10, choices=AuditEntry.Channel.choices)
    filename = models.CharField(max_length=255)
    relative_path = models.CharField(max_length=500, default="")
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    purpose = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    digest = models.CharField(max_length=64, default="")
    error = models.TextField(default="")
    hint = models.TextField(default="")
    result = models.JSONField(default=dict, help_text="what it became: {kind, id}")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=models.F("size")),
                name="upload_offset_inside",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

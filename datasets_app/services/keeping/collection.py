"""Bytes that nothing refers to any more: counted first, deleted when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from datasets_app.domain.progress import Progress, ignore_progress
from datasets_app.selectors.blob_references import blobs_unreferenced
from datasets_app.services.blobs import blob_discard, blob_store
from datasets_app.services.runs.long_samples import journals_sweep


@dataclass(frozen=True, slots=True)
class Collection:
    """How much is, or was, of no use. ``young`` was left alone: a job may be about to use it."""

    blobs: int
    bytes: int
    young: int
    deleted: bool


def blobs_collect(*, delete: bool, progress: Progress = ignore_progress) -> Collection:
    """Count the unreferenced blobs, and delete them when ``delete`` says so.

    Blobs younger than ``COLLECT_AFTER_HOURS`` stay. Each is checked again under the store's lock
    before it goes, so that a collection beside running jobs takes nothing in use.
    """
    oldest = timezone.now() - timedelta(hours=settings.COLLECT_AFTER_HOURS)
    unused = blobs_unreferenced()
    young = unused.filter(stored_at__gte=oldest).count()
    found = list(unused.filter(stored_at__lt=oldest).values_list("digest", "size"))
    freed = 0
    for number, (digest, size) in enumerate(found):
        freed += blob_discard(digest, stored_before=oldest) if delete else size
        progress(number + 1, len(found))
    if delete:
        blob_store().sweep_drafts(older_than_seconds=settings.COLLECT_AFTER_HOURS * 3600)
        journals_sweep()
    return Collection(blobs=len(found), bytes=freed, young=young, deleted=delete)

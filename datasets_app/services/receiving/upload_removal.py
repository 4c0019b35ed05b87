"""Uploads that are given up: by their sender, by time, or by a process that was killed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from datasets_app.adapters.upload_store import PartBusy, PartMissing, upload_store
from datasets_app.domain.tus import Locked
from datasets_app.models import Upload
from datasets_app.models.upload import UploadState
from datasets_app.services.receiving.uploads import FINISH_JOB
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

_ORPHAN_AFTER = timedelta(hours=1)


def upload_terminate(*, upload: Upload, actor: Actor) -> None:
    """Forget an upload and its bytes; what a finished one became stays.

    Raises Locked while a request writes, Conflict while a worker stores it.
    """
    if _being_stored(upload):
        raise Conflict(f"{upload.filename} is complete and being stored", hint="wait a moment")
    audit(
        actor=actor,
        project=upload.project,
        action="upload.terminate",
        target_kind="upload",
        target_id=upload.pk,
        detail={"filename": upload.filename, "offset": upload.offset, "size": upload.size},
    )
    _remove(upload)


def uploads_expire() -> int:
    """Remove uploads that nobody continued in time, and files without a row; return how many."""
    removed = 0
    for upload in Upload.objects.filter(expires_at__lt=timezone.now()):
        if _being_stored(upload):
            continue
        try:
            _remove(upload)
        except Locked:
            continue  # somebody goes on with it after all
        removed += 1
    return removed + _orphans_remove()


def _being_stored(upload: Upload) -> bool:
    if upload.state != UploadState.RECEIVED:
        return False
    return Job.objects.filter(kind=FINISH_JOB, target_id=upload.pk, state__in=LIVE).exists()


def _remove(upload: Upload) -> None:
    try:
        with upload_store().writing(upload.uid) as part:
            upload.delete()
            part.remove()
    except PartMissing:
        upload.delete()
    except PartBusy:
        raise Locked(f"{upload.filename} is being written", hint="wait a moment") from None


def _orphans_remove() -> int:
    """Remove files whose row was never written or is gone; young ones may still get theirs."""
    store = upload_store()
    oldest = (timezone.now() - _ORPHAN_AFTER).timestamp()
    removed = 0
    known = set(Upload.objects.values_list("uid", flat=True))
    for uid in store.uids():
        if uid in known:
            continue
        with suppress(FileNotFoundError):  # another process sweeps, too
            if store.path(uid).stat().st_mtime < oldest:
                store.path(uid).unlink()
                removed += 1
    return removed

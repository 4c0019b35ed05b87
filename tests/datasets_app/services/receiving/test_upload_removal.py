from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from datasets_app.adapters.upload_store import upload_store
from datasets_app.domain.tus import Gone, Locked
from datasets_app.models import Upload
from datasets_app.services.receiving.upload_removal import upload_terminate, uploads_expire
from datasets_app.services.receiving.uploads import (
    upload_offset,
)
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.errors import Conflict, NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.sweeper import housekeep
from tests.uploads import DATA, begin, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.UPLOAD_DIR = tmp_path / "uploads"


def test_what_is_terminated_leaves_no_bytes_and_an_audit_entry(
    project: Project, sender: Actor
) -> None:
    upload = send(begin(project, sender), DATA[:10])
    upload_terminate(upload=upload, actor=sender)
    assert not Upload.objects.exists()
    assert list(upload_store().uids()) == []
    assert AuditEntry.objects.filter(action="upload.terminate", project=project).exists()


def test_what_is_written_or_stored_right_now_is_not_terminated(
    project: Project, sender: Actor
) -> None:
    upload = begin(project, sender)
    with upload_store().writing(upload.uid), pytest.raises(Locked):
        upload_terminate(upload=upload, actor=sender)
    send(upload, DATA)
    with pytest.raises(Conflict, match="being stored"):
        upload_terminate(upload=upload, actor=sender)


def test_an_upload_that_was_removed_meanwhile_is_gone(project: Project, sender: Actor) -> None:
    upload = begin(project, sender)
    upload_terminate(upload=Upload.objects.get(), actor=sender)
    with pytest.raises(NotFound, match="is gone"):
        send(upload, DATA)
    assert list(upload_store().uids()) == []


def expire(upload: Upload) -> None:
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    upload.refresh_from_db()


def test_an_upload_that_nobody_continued_expires(project: Project, sender: Actor) -> None:
    old, young = begin(project, sender), begin(project, sender)
    expire(old)
    with pytest.raises(Gone):
        upload_offset(old)
    with pytest.raises(Gone):
        send(old, DATA)
    assert uploads_expire() == 1
    assert list(Upload.objects.all()) == [young]
    assert list(upload_store().uids()) == [young.uid]


def test_every_chunk_puts_the_expiry_off(project: Project, sender: Actor) -> None:
    upload = begin(project, sender)
    before = upload.expires_at
    assert send(upload, DATA[:1]).expires_at > before


def test_what_waits_for_a_worker_does_not_expire(project: Project, sender: Actor) -> None:
    upload = send(begin(project, sender), DATA)
    expire(upload)
    assert uploads_expire() == 0
    Job.objects.update(state="cancelled")
    assert uploads_expire() == 1


def test_a_file_without_a_row_is_swept_when_it_is_old() -> None:
    upload_store().create("f" * 32)
    assert uploads_expire() == 0
    os.utime(upload_store().path("f" * 32), (1, 1))
    assert uploads_expire() == 1


def test_uploads_expire_beside_the_workers() -> None:
    upload_store().create("e" * 32)
    old = upload_store().path("e" * 32)
    os.utime(old, (1, 1))
    housekeep()
    assert not old.exists()

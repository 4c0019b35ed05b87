from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasets_app.adapters.upload_store import upload_store
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Blob, Upload
from datasets_app.models.upload import UploadState
from datasets_app.services.blobs import blob_path, blob_store
from datasets_app.services.receiving import uploads
from datasets_app.services.receiving.uploads import (
    upload_finish,
    upload_offset,
)
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.errors import Cancelled, Corrupt, NoSpace, Unsupported
from tests.uploads import DATA, begin, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.UPLOAD_DIR = tmp_path / "uploads"


@pytest.fixture
def dispatched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Upload, Blob, Actor]]:
    """What was handed on; what receives it is another service's own test."""
    handed: list[tuple[Upload, Blob, Actor]] = []

    def note(upload: Upload, blob: Blob, actor: Actor) -> dict[str, Any]:
        handed.append((upload, blob, actor))
        return {"kind": "video", "id": 7}

    monkeypatch.setattr(uploads, "upload_dispatch", note)
    return handed


def finish(upload: Upload, should_stop: Callable[[], bool] = never_stop) -> None:
    upload_finish(upload_id=upload.pk, progress=ignore_progress, should_stop=should_stop)
    upload.refresh_from_db()


def test_a_finished_upload_is_a_blob_that_was_handed_on(
    project: Project, sender: Actor, dispatched: list[tuple[Upload, Blob, Actor]]
) -> None:
    upload = send(begin(project, sender), DATA)
    finish(upload)
    assert upload.state == UploadState.FINISHED
    assert upload.result == {"kind": "video", "id": 7}
    ((handed, blob, actor),) = dispatched
    assert handed == upload
    assert blob.digest == hashlib.sha256(DATA).hexdigest()
    assert blob_path(blob).read_bytes() == DATA
    assert (actor.user, actor.channel) == (sender.user, sender.channel)
    assert list(upload_store().uids()) == []
    assert upload_offset(upload) == len(DATA)


def test_finishing_twice_hands_on_once(
    project: Project, sender: Actor, dispatched: list[tuple[Upload, Blob, Actor]]
) -> None:
    upload = send(begin(project, sender), DATA)
    finish(upload)
    finish(upload)
    assert len(dispatched) == 1


@pytest.mark.parametrize("killed_in", ["blob_from_file", "upload_dispatch"])
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_step_is_healed_by_running_again(
    project: Project,
    sender: Actor,
    dispatched: list[tuple[Upload, Blob, Actor]],
    monkeypatch: pytest.MonkeyPatch,
    killed_in: str,
    after: bool,
) -> None:
    upload = send(begin(project, sender), DATA)
    real = getattr(uploads, killed_in)

    def killed(*args: Any, **options: Any) -> Any:
        if after:
            real(*args, **options)
        raise SystemExit  # ends the worker, as far as this function can see

    with monkeypatch.context() as patch:
        patch.setattr(uploads, killed_in, killed)
        with pytest.raises(SystemExit):
            finish(upload)
    upload.refresh_from_db()
    assert upload.state == UploadState.RECEIVED
    finish(upload)
    assert upload.state == UploadState.FINISHED
    assert Blob.objects.get().digest == upload.digest == hashlib.sha256(DATA).hexdigest()


def test_a_kill_between_the_rename_and_the_row_is_healed(
    project: Project, sender: Actor, dispatched: list[tuple[Upload, Blob, Actor]]
) -> None:
    upload = send(begin(project, sender), DATA)
    digest = blob_store().put_file(upload_store().path(upload.uid)).sha256
    Upload.objects.update(digest=digest)
    finish(upload)
    assert upload.state == UploadState.FINISHED
    assert Blob.objects.get().digest == digest


def test_what_cannot_be_used_is_told_on_the_upload_and_can_be_tried_again(
    project: Project,
    sender: Actor,
    dispatched: list[tuple[Upload, Blob, Actor]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload = send(begin(project, sender), DATA)

    def refuse(*_: Any) -> Any:
        raise Unsupported("kite.mp4 is a text", hint="send a video")

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "upload_dispatch", refuse)
        with pytest.raises(Unsupported):
            finish(upload)
    upload.refresh_from_db()
    assert (upload.state, upload.error) == (UploadState.FAILED, "kite.mp4 is a text")
    finish(upload)
    assert (upload.state, upload.error) == (UploadState.FINISHED, "")


@pytest.mark.parametrize("reason", [NoSpace("full"), Cancelled("stopped")])
def test_a_full_disk_or_a_stop_leaves_the_upload_to_be_finished_later(
    project: Project,
    sender: Actor,
    dispatched: list[tuple[Upload, Blob, Actor]],
    monkeypatch: pytest.MonkeyPatch,
    reason: Exception,
) -> None:
    upload = send(begin(project, sender), DATA)

    def fail(*_: Any, **__: Any) -> Any:
        raise reason

    monkeypatch.setattr(uploads, "blob_from_file", fail)
    with pytest.raises(type(reason)):
        finish(upload)
    upload.refresh_from_db()
    assert upload.state == UploadState.RECEIVED


def test_hashing_can_be_stopped_and_reports_bytes(project: Project, sender: Actor) -> None:
    upload = send(begin(project, sender), DATA)
    with pytest.raises(Cancelled):
        finish(upload, should_stop=lambda: True)
    seen: list[tuple[int, int | None]] = []
    with pytest.raises(Cancelled):
        upload_finish(
            upload_id=upload.pk,
            progress=lambda done, total: seen.append((done, total)),
            should_stop=lambda: bool(seen),
        )
    assert seen == [(1024**2, len(DATA))]


def test_a_file_of_another_length_than_was_sent_is_corrupt(
    project: Project, sender: Actor, dispatched: list[tuple[Upload, Blob, Actor]]
) -> None:
    upload = send(begin(project, sender), DATA)
    upload_store().path(upload.uid).write_bytes(DATA[:-1])
    with pytest.raises(Corrupt, match="send it again"):
        finish(upload)


def test_bytes_that_are_gone_are_told(project: Project, sender: Actor) -> None:
    upload = send(begin(project, sender), DATA)
    upload_store().path(upload.uid).unlink()
    with pytest.raises(Corrupt, match="are gone"):
        finish(upload)


def test_an_upload_that_is_deleted_meanwhile_finishes_as_nothing() -> None:
    upload_finish(upload_id=12345, progress=ignore_progress, should_stop=never_stop)

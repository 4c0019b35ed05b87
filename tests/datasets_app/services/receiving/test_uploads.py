from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets_app.adapters.upload_store import UploadStore, upload_store
from datasets_app.domain.tus import ChecksumMismatch, Locked, TooLarge, parse_checksum
from datasets_app.models import Asset, Upload, Video
from datasets_app.models.upload import UploadState
from datasets_app.services.receiving import uploads
from datasets_app.services.receiving.uploads import (
    FINISH_JOB,
    upload_append,
    upload_offset,
    upload_start,
)
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project, Role
from matteweb.errors import BadInput, Conflict, NoSpace, NotFound
from matteweb.jobs.models import Job
from tests import factories
from tests.fakes import FullDisk
from tests.uploads import DATA, begin, on_disk, send, wish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.UPLOAD_DIR = tmp_path / "uploads"


def test_chunks_are_put_together_and_the_last_one_queues_a_job(
    project: Project, sender: Actor
) -> None:
    upload = begin(project, sender)
    assert send(upload, DATA[:1000]).offset == 1000
    assert not Job.objects.exists()
    send(upload, DATA[1000:])
    assert upload.state == UploadState.RECEIVED
    assert on_disk(upload) == DATA
    job = Job.objects.get()
    assert (job.kind, job.target_id, job.created_by) == (FINISH_JOB, upload.pk, sender.user)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 40), max_size=12))
def test_the_row_never_claims_a_byte_that_is_not_on_the_disk(
    project: Project, sender: Actor, lengths: list[int]
) -> None:
    upload = begin(project, sender, 200)
    for length in lengths:
        try:
            send(upload, DATA[upload.offset : upload.offset + length])
        except (BadInput, Conflict):
            assert upload.offset + length > 200 or upload.state == UploadState.RECEIVED
        upload.refresh_from_db()
        assert on_disk(upload) == DATA[: upload.offset]
    Upload.objects.all().delete()


def test_a_chunk_at_another_offset_is_refused_with_the_right_one(
    project: Project, sender: Actor
) -> None:
    upload = begin(project, sender)
    send(upload, DATA[:1000])
    for offset in (0, 999, 1001):
        with pytest.raises(Conflict, match="stands at byte 1000"):
            send(upload, DATA[offset:], offset=offset)
    assert on_disk(upload) == DATA[:1000]


def test_bytes_that_were_never_confirmed_are_cut_off(project: Project, sender: Actor) -> None:
    upload = begin(project, sender)
    send(upload, DATA[:1000])
    with upload_store().path(upload.uid).open("ab") as stream:
        stream.write(b"written when the power went")
    assert upload_offset(upload) == 1000
    send(upload, DATA[1000:2000])
    assert on_disk(upload) == DATA[:2000]


@pytest.mark.parametrize("left", [0, 400])
def test_a_row_that_claims_lost_bytes_goes_back_to_those_that_are_there(
    project: Project, sender: Actor, left: int
) -> None:
    upload = begin(project, sender)
    send(upload, DATA[:1000])
    upload_store().path(upload.uid).write_bytes(DATA[:left])
    assert upload_offset(upload) == left
    with pytest.raises(Conflict, match=f"stands at byte {left}"):
        send(upload, DATA[1000:], offset=1000)
    send(upload, DATA[left:])
    assert on_disk(upload) == DATA


def test_an_upload_whose_file_is_lost_begins_again(project: Project, sender: Actor) -> None:
    upload = begin(project, sender)
    send(upload, DATA[:1000])
    upload_store().path(upload.uid).unlink()
    assert upload_offset(upload) == 0
    send(upload, DATA)
    assert on_disk(upload) == DATA


def test_a_chunk_beyond_the_announced_length_is_refused_whole(
    project: Project, sender: Actor
) -> None:
    upload = begin(project, sender, 1500)
    send(upload, DATA[:1000])
    with pytest.raises(BadInput, match="announced with 1500 bytes"):
        send(upload, DATA[1000:])
    assert on_disk(upload) == DATA[:1000]
    assert upload_offset(upload) == 1000


def test_a_chunk_with_a_wrong_checksum_is_dropped_whole(project: Project, sender: Actor) -> None:
    upload = begin(project, sender)
    checksum = parse_checksum("sha256 " + "A" * 43 + "=")
    with pytest.raises(ChecksumMismatch):
        upload_append(upload=upload, offset=0, read=io.BytesIO(DATA[:500]).read, checksum=checksum)
    upload.refresh_from_db()
    assert (upload.offset, on_disk(upload)) == (0, b"")


def test_a_disk_that_fills_up_keeps_what_was_complete(
    project: Project, sender: Actor, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    upload = begin(project, sender)
    send(upload, DATA[:1000])
    full = UploadStore(Path(settings.UPLOAD_DIR), FullDisk(room=500))
    monkeypatch.setattr(uploads, "upload_store", lambda: full)
    with pytest.raises(NoSpace):
        send(upload, DATA[1000:])
    upload.refresh_from_db()
    assert (upload.offset, on_disk(upload)) == (1000, DATA[:1000])


def test_a_second_request_is_locked_out_while_one_writes(project: Project, sender: Actor) -> None:
    upload = begin(project, sender)
    with upload_store().writing(upload.uid), pytest.raises(Locked, match="another request"):
        send(upload, DATA)


def test_a_complete_upload_takes_no_more(project: Project, sender: Actor) -> None:
    upload = begin(project, sender, 3)
    send(upload, b"abc")
    with pytest.raises(Conflict, match="is complete"):
        send(upload, b"")
    assert upload_offset(upload) == 3


def test_an_empty_file_is_refused_before_it_is_sent(project: Project, sender: Actor) -> None:
    with pytest.raises(BadInput, match=r"kite\.mp4 is empty"):
        begin(project, sender, 0)


def test_a_file_above_the_limit_is_refused_before_it_is_sent(
    project: Project, sender: Actor, settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    with pytest.raises(TooLarge, match=r"1\.0 kB"):
        begin(project, sender, 1001)
    assert not Upload.objects.exists()


def test_a_file_without_room_is_refused_before_it_is_sent(
    project: Project, sender: Actor, settings: Any
) -> None:
    settings.DISK_RESERVE_BYTES = 10**18
    with pytest.raises(NoSpace, match=r"kite\.mp4 needs"):
        begin(project, sender)
    settings.DISK_RESERVE_BYTES = 0
    project.quota_bytes = len(DATA) + 1
    begin(project, sender)
    with pytest.raises(NoSpace, match="of its"):
        begin(project, sender, 2)


@pytest.mark.parametrize("video", ["", "0", "x", "9" * 40, "theirs"])
def test_a_mask_needs_a_video_of_the_same_project(
    project: Project, sender: Actor, video: str
) -> None:
    theirs = Video.objects.create(project=factories.project(), name="v")
    number = str(theirs.pk) if video == "theirs" else video
    with pytest.raises(NotFound, match="mask of no video"):
        upload_start(project=project, wish=wish(kind="mask", video=number), size=1, actor=sender)
    mine = Video.objects.create(project=project, name="v")
    made = wish(kind="mask", video=str(mine.pk))
    assert upload_start(project=project, wish=made, size=1, actor=sender).purpose == made.purpose


@pytest.mark.parametrize("asset", ["", "x", "9" * 40, "²", "theirs"])
def test_a_matte_needs_an_asset_of_the_same_project(
    project: Project, sender: Actor, asset: str
) -> None:
    theirs = Asset.objects.create(project=factories.project(), kind="foreground_clip", name="a")
    number = str(theirs.pk) if asset == "theirs" else asset
    with pytest.raises(NotFound, match="matte of no asset"):
        upload_start(project=project, wish=wish(kind="matte", asset=number), size=1, actor=sender)


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_one_wins_and_the_bytes_are_whole() -> None:
    project = factories.project()
    sender = factories.actor(factories.member(project, Role.ANNOTATOR))
    upload = begin(project, sender)
    outcomes: list[str] = []

    def write() -> None:
        try:
            send(Upload.objects.get(pk=upload.pk), DATA[:1000], offset=0)
            outcomes.append("written")
        except (Locked, Conflict):
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 5 + ["written"]
    upload.refresh_from_db()
    assert (upload.offset, on_disk(upload)) == (1000, DATA[:1000])

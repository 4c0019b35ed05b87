from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.progress import ignore_progress
from datasets_app.models import Blob, Video
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_path
from datasets_app.services.receiving.ingest_resume import ingest_resume
from datasets_app.services.sources import footage
from datasets_app.services.sources.footage import (
    Rights,
    footage_add,
    footage_decide,
    footage_edit,
    footage_retry,
)
from matteweb.accounts.models import AuditEntry, Project
from matteweb.errors import BadInput, Cancelled, Conflict, Unsupported
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel
from tests import factories
from tests.encodings import Encoding, encode, encode_sound, gray_frames, numbered_pictures
from tests.footage import SIZE, add, add_still, clip_file, huge_png, png, read, zip_file

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


def test_a_clip_becomes_ready_with_everything_that_pages_show(
    project: Project, tmp_path: Path
) -> None:
    video = add(project, clip_file(tmp_path), rights=Rights(licence="CC0-1.0"))
    assert (video.state, video.error, video.findings) == (IngestState.READY, "", [])
    assert (video.frames, video.width, video.height) == (6, 64, 48)
    assert Fraction(video.fps_num or 0, video.fps_den or 1) == 16
    assert (video.name, video.filename, video.licence) == ("clip", "clip.mkv", "CC0-1.0")
    assert all([video.delivery_id, video.frame_index_id, video.poster_id, video.filmstrip_id])
    assert video.master_id is None, "the untouched upload is its own master"


def test_each_file_is_read_by_one_job_and_noted_in_the_audit(
    project: Project, tmp_path: Path
) -> None:
    video = add(project, clip_file(tmp_path))
    job = Job.objects.get(kind="ingest_footage", target_id=video.pk)
    assert (job.params, job.project) == ({"kind": "clip"}, project)
    assert AuditEntry.objects.filter(action="video.add", target_id=video.pk).count() == 1


def test_a_linked_file_stays_where_it_lies(project: Project, tmp_path: Path) -> None:
    path = clip_file(tmp_path)
    video = add(project, path, link=True)
    blob = Blob.objects.get(pk=video.original_id)
    assert (video.state, blob.external_path) == (IngestState.READY, str(path))
    assert blob_path(blob) == path


def write_hostile(folder: Path, name: str) -> Path:
    path = folder / name
    if name == "text.mp4":
        path.write_text("not a film\n" * 300)
    elif name == "empty.mp4":
        path.write_bytes(b"")
    elif name == "sound.mp4":
        encode_sound(path)
    elif name == "cut.mp4":
        frames = gray_frames(numbered_pictures(30, SIZE))
        whole = encode(folder / "whole.mp4", frames).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    return path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("text.mp4", "text.mp4 is a text file, not a video"),
        ("sound.mp4", "sound.mp4 holds only sound"),
        ("cut.mp4", "cut.mp4"),
        ("empty.mp4", "empty.mp4"),
    ],
)
def test_what_is_no_footage_ends_in_a_sentence_on_the_row(
    project: Project, tmp_path: Path, name: str, sentence: str
) -> None:
    video = add(project, write_hostile(tmp_path, name))
    assert video.state == IngestState.FAILED
    assert video.error.startswith(sentence)
    assert video.hint
    assert "blobs" not in video.error, "a person knows the file by its own name"


def test_a_picture_that_claims_to_be_huge_is_refused_by_its_header(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(huge_png())
    still = add_still(project, path)
    assert still.state == IngestState.FAILED
    assert "8192 px" in still.error


def test_a_file_of_an_unknown_ending_is_refused_before_a_row_is_made(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "notes.pdf"
    path.write_bytes(b"%PDF")
    with pytest.raises(Unsupported, match=r"notes\.pdf"):
        footage_add(project=project, path=path, actor=ACTOR)
    assert not Video.objects.exists()


def test_a_failed_file_is_read_again_on_request(project: Project, tmp_path: Path) -> None:
    video = add(project, write_hostile(tmp_path, "text.mp4"))
    footage_retry(footage=video, actor=ACTOR)
    assert (video.state, video.error) == (IngestState.ARRIVING, "")
    assert read(video).state == IngestState.FAILED
    assert Job.objects.filter(target_id=video.pk).count() == 2


def test_a_duplicate_waits_for_a_decision_and_may_be_kept(project: Project, tmp_path: Path) -> None:
    first = add(project, clip_file(tmp_path), name="first")
    second = add(project, clip_file(tmp_path))
    assert (first.state, second.state) == (IngestState.READY, IngestState.NEEDS_DECISION)
    (finding,) = second.findings
    assert finding["message"].startswith("Duplicate of first")
    with pytest.raises(BadInput, match="does not answer"):
        footage_decide(footage=second, code="duplicate", choice="maybe", actor=ACTOR)
    footage_decide(footage=second, code="duplicate", choice="keep", actor=ACTOR)
    assert read(second).state == IngestState.READY


def test_a_duplicate_that_is_discarded_leaves_every_list(project: Project, tmp_path: Path) -> None:
    add(project, clip_file(tmp_path))
    second = add(project, clip_file(tmp_path))
    footage_decide(footage=second, code="duplicate", choice="discard", actor=ACTOR)
    second.refresh_from_db()
    assert second.archived_at is not None


def test_the_same_bytes_in_another_project_are_no_duplicate(
    project: Project, tmp_path: Path
) -> None:
    add(factories.project(), clip_file(tmp_path))
    assert add(project, clip_file(tmp_path)).state == IngestState.READY


def sequence(folder: Path, numbers: tuple[int, ...] = (1, 2, 10)) -> Path:
    pictures = {
        f"take/f{number}.png": png(np.full((48, 64, 3), number * 10, np.uint8))
        for number in numbers
    }
    return zip_file(folder / "take.zip", pictures)


def test_numbered_pictures_ask_for_their_rate_and_keep_their_order(
    project: Project, tmp_path: Path
) -> None:
    video = add(project, sequence(tmp_path))
    assert video.state == IngestState.NEEDS_DECISION
    assert {finding["code"] for finding in video.findings} == {"frame_rate", "numbers_missing"}
    footage_decide(footage=video, code="frame_rate", choice="24000/1001", actor=ACTOR)
    assert video.state == IngestState.NEEDS_DECISION, "the gap is still open"
    footage_decide(footage=video, code="numbers_missing", choice="use", actor=ACTOR)
    read(video)
    assert (video.state, video.frames) == (IngestState.READY, 3)
    assert (video.fps_num, video.fps_den) == (24000, 1001)
    master = blob_path(Blob.objects.get(pk=video.master_id))
    assert [int(frame[0, 0, 0]) for frame in read_rgb(master)] == [10, 20, 100]


def test_a_rate_given_in_advance_is_not_asked_for(project: Project, tmp_path: Path) -> None:
    video = add(project, sequence(tmp_path, (1, 2, 3)), decisions={"frame_rate": "25"})
    assert (video.state, video.fps_num, video.fps_den) == (IngestState.READY, 25, 1)


def test_a_varying_rate_keeps_every_frame_once_the_rate_is_decided(
    project: Project, tmp_path: Path
) -> None:
    frames = gray_frames(numbered_pictures(8, SIZE))
    times = [0, 1, 2, 4, 5, 9, 10, 11]
    path = encode(tmp_path / "phone.mp4", frames, Encoding(times=times, tick=Fraction(1, 16)))
    video = add(project, path)
    assert [finding["code"] for finding in video.findings] == ["variable_frame_rate"]
    footage_decide(footage=video, code="variable_frame_rate", choice="16", actor=ACTOR)
    read(video)
    assert (video.state, video.frames, video.fps_num) == (IngestState.READY, 8, 16)


def test_an_odd_size_is_noted_and_asks_nothing(project: Project, tmp_path: Path) -> None:
    video = add(project, clip_file(tmp_path, size=FrameSize(63, 47)))
    assert (video.state, video.width, video.height) == (IngestState.READY, 63, 47)
    assert [finding["code"] for finding in video.findings] == ["odd_size"]


def test_a_kill_while_files_are_stored_is_healed_by_reading_again(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = footage_add(project=project, path=clip_file(tmp_path), actor=ACTOR)
    assert isinstance(row, Video)

    def killed(*_: Any, **__: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(footage, "state_move", killed)
        with pytest.raises(SystemExit):
            footage.footage_ingest(
                kind="clip", pk=row.pk, progress=ignore_progress, should_stop=lambda: False
            )
    row.refresh_from_db()
    assert row.state == IngestState.ARRIVING
    blobs = Blob.objects.count()
    assert read(row).state == IngestState.READY
    assert Blob.objects.count() == blobs, "equal bytes are one blob"
    assert list((tmp_path / "work").iterdir()) == []


def test_a_stopped_reading_leaves_the_row_and_goes_on_when_resumed(
    project: Project, tmp_path: Path
) -> None:
    row = footage_add(project=project, path=clip_file(tmp_path), actor=ACTOR)
    assert isinstance(row, Video)
    with pytest.raises(Conflict, match="is queued"):
        ingest_resume(row=row, actor=ACTOR)
    job_cancel(job=Job.objects.get(target_id=row.pk), actor=ACTOR)
    with pytest.raises(Cancelled):
        footage.footage_ingest(
            kind="clip", pk=row.pk, progress=ignore_progress, should_stop=lambda: True
        )
    row.refresh_from_db()
    assert row.state == IngestState.ARRIVING
    job = ingest_resume(row=row, actor=ACTOR)
    assert (job.state, Job.objects.count()) == ("queued", 1)
    assert read(row).state == IngestState.READY


def test_what_a_person_says_of_footage_is_cleaned(project: Project, tmp_path: Path) -> None:
    video = add(project, clip_file(tmp_path))
    footage_edit(footage=video, actor=ACTOR, name=" kite ", tags=["sea", " ", "sea", "air "])
    video.refresh_from_db()
    assert (video.name, video.tags) == ("kite", ["air", "sea"])
    with pytest.raises(BadInput, match="needs a name"):
        footage_edit(footage=video, actor=ACTOR, name=" ")

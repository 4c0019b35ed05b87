from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from datasets_app.adapters.disk import Disk
from datasets_app.models import Upload, Video
from datasets_app.models.upload import UploadState
from datasets_app.services import space
from datasets_app.services.blobs import blob_from_bytes
from datasets_app.services.space import (
    project_usage,
    space_require,
    space_require_at,
    spaces_require,
)
from matteweb.accounts.models import Project
from matteweb.errors import NoSpace
from tests import factories

pytestmark = pytest.mark.django_db

MANY = 10**18


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "data" / "blobs"
    settings.UPLOAD_DIR = tmp_path / "data" / "uploads"
    settings.DISK_RESERVE_BYTES = 0


@pytest.fixture
def project() -> Project:
    return factories.project()


def uploading(project: Project, size: int, *, offset: int = 0, state: str = "receiving") -> Upload:
    return Upload.objects.create(
        uid=f"u{Upload.objects.count()}",
        project=project,
        created_by=factories.user(),
        filename="clip.mp4",
        size=size,
        offset=offset,
        state=state,
        expires_at=timezone.now() + timedelta(hours=1),
    )


def test_what_fits_is_let_through(project: Project) -> None:
    space_require(project=project, needed=1000, purpose="clip.mp4")


def test_a_disk_without_room_says_how_much_there_is(project: Project, settings: Any) -> None:
    settings.PROJECT_QUOTA_BYTES = 2 * MANY
    with pytest.raises(NoSpace, match=r"clip\.mp4 needs 1,000\.0 PB, but the disk .* free"):
        space_require(project=project, needed=MANY, purpose="clip.mp4")


def test_the_reserve_is_never_touched(project: Project, settings: Any) -> None:
    settings.DISK_RESERVE_BYTES = MANY
    with pytest.raises(NoSpace, match=r"this run cannot begin.*kept in reserve"):
        space_require(project=project, needed=0, purpose="this run")


def test_what_uploads_still_have_to_write_counts_as_taken(project: Project) -> None:
    uploading(factories.project(), 2 * MANY, offset=MANY)
    with pytest.raises(NoSpace, match=r"1,000\.0 PB of it promised to uploads"):
        space_require(project=project, needed=1, purpose="clip.mp4")


def test_a_finished_upload_promises_nothing(project: Project) -> None:
    uploading(factories.project(), MANY, offset=MANY, state=UploadState.FINISHED)
    space_require(project=project, needed=1, purpose="clip.mp4")


def test_another_disk_has_no_reserve(settings: Any) -> None:
    settings.DISK_RESERVE_BYTES = MANY
    elsewhere = Path("/dev/shm")  # noqa: S108
    assert elsewhere.stat().st_dev != Path(settings.BLOB_DIR).parents[1].stat().st_dev
    space_require_at(elsewhere, 1, purpose="an export")


def test_what_goes_to_one_disk_is_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "free_bytes", lambda *_: 100)
    one, other = tmp_path / "one", tmp_path / "other"
    spaces_require(((one, 40), (other, 60)), purpose="an export")
    with pytest.raises(NoSpace, match="an export needs 101 B"):
        spaces_require(((one, 41), (other, 60)), purpose="an export")


def test_a_disk_that_gets_nothing_may_be_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Disk, "free_bytes", lambda *_: -1)
    spaces_require(((tmp_path, 0),), purpose="an export")
    with pytest.raises(NoSpace):
        spaces_require(((tmp_path, 1),), purpose="an export")


def test_a_quota_is_told_with_what_is_used(project: Project) -> None:
    project.quota_bytes = 1500
    Video.objects.create(project=project, name="v", original=blob_from_bytes(b"x" * 1000))
    space_require(project=project, needed=500, purpose="clip.mp4")
    with pytest.raises(NoSpace, match=r"clip\.mp4 needs 501 B, but project .* 1\.0 kB of its 1\.5"):
        space_require(project=project, needed=501, purpose="clip.mp4")


def test_a_run_does_not_begin_when_the_quota_is_used_up(project: Project) -> None:
    project.quota_bytes = 0
    with pytest.raises(NoSpace, match=r"this run cannot begin"):
        space_require(project=project, needed=0, purpose="this run")


def test_uploads_count_for_their_project_until_they_are_finished(project: Project) -> None:
    uploading(project, 100)
    uploading(project, 20, offset=20, state=UploadState.RECEIVED)
    uploading(project, 3, offset=3, state=UploadState.FINISHED)
    uploading(factories.project(), 7)
    assert project_usage(project) == 120


def test_a_project_that_takes_long_to_measure_is_not_measured_for_every_sample(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []

    def slow(of: Project) -> int:
        measured.append(of)
        sleep(0.51)
        return 7

    monkeypatch.setattr(space, "project_bytes", slow)
    try:
        assert [project_usage(project) for _ in range(5)] == [7] * 5
    finally:
        cache.clear()
    assert len(measured) == 1

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from django.utils import timezone

from datasets_app.models import Blob, Video
from datasets_app.selectors.blob_references import (
    blob_references,
    blobs_unreferenced,
    project_bytes,
    project_path,
)
from datasets_app.services.blobs import (
    blob_discard,
    blob_from_bytes,
    blob_from_file,
    blob_link,
    blob_locator,
    blob_path,
    blob_store,
)
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Corrupt

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"  # type: ignore[attr-defined]


@pytest.fixture
def linked_file(tmp_path: Path) -> Path:
    path = tmp_path / "library" / "clip.mp4"
    path.parent.mkdir()
    path.write_bytes(b"frames")
    return path


def test_equal_bytes_are_one_row_and_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"frames")
    first, second = blob_from_file(path), blob_from_bytes(b"frames")
    assert first.digest == second.digest == hashlib.sha256(b"frames").hexdigest()
    assert Blob.objects.count() == 1
    assert blob_path(first).read_bytes() == b"frames"
    assert not path.exists()


def test_bytes_that_come_in_again_are_young_again() -> None:
    first = blob_from_bytes(b"frames")
    assert blob_from_bytes(b"frames").stored_at > first.stored_at


def test_a_linked_file_stays_where_it_is(linked_file: Path) -> None:
    blob = blob_link(linked_file)
    assert blob_path(blob) == linked_file
    assert not blob_store().exists(blob.digest)


def test_a_linked_file_that_holds_other_bytes_is_not_read(linked_file: Path) -> None:
    blob = blob_link(linked_file)
    linked_file.write_bytes(b"FRAMES")
    os.utime(linked_file, ns=(1, 1))
    with pytest.raises(Corrupt, match="has changed since"):
        blob_path(blob)


def test_a_linked_file_of_another_size_is_not_read(linked_file: Path) -> None:
    blob = blob_link(linked_file)
    linked_file.write_bytes(b"more frames")
    with pytest.raises(Corrupt, match="has changed since"):
        blob_path(blob)


def test_a_linked_file_that_was_only_touched_is_read(linked_file: Path) -> None:
    blob = blob_link(linked_file)
    os.utime(linked_file, ns=(5, 5))
    assert blob_path(blob) == linked_file


def test_a_linked_file_that_is_gone_says_where_it_was(linked_file: Path) -> None:
    blob = blob_link(linked_file)
    linked_file.unlink()
    with pytest.raises(Corrupt, match=f"{linked_file} cannot be reached"):
        blob_path(blob)


def test_a_file_that_is_stored_already_is_not_linked(linked_file: Path) -> None:
    stored = blob_from_bytes(b"frames")
    assert blob_link(linked_file) == stored
    assert blob_path(stored) == blob_store().path(stored.digest)


def test_a_linked_file_that_is_then_uploaded_no_longer_needs_the_link(linked_file: Path) -> None:
    blob_link(linked_file)
    blob = blob_from_bytes(b"frames")
    linked_file.unlink()
    assert blob_path(blob).read_bytes() == b"frames"


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no file"):
        blob_link(tmp_path / "absent.mp4")


def test_bytes_that_the_store_lost_are_named() -> None:
    blob = blob_from_bytes(b"frames")
    with blob_store().exclusive():
        blob_store().delete(blob.digest)
    with pytest.raises(Corrupt, match="are missing from"):
        blob_path(blob)


def test_a_locator_needs_no_database(
    linked_file: Path, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    linked, stored = blob_link(linked_file), blob_from_bytes(b"other")
    locate = blob_locator([linked, stored])
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert locate(linked.digest) == linked_file
        assert locate(stored.digest).read_bytes() == b"other"


def test_a_blob_that_something_refers_to_cannot_be_discarded() -> None:
    project = Project.objects.create(slug="p", name="P")
    held, free = blob_from_bytes(b"held"), blob_from_bytes(b"free!")
    Video.objects.create(project=project, name="v", original=held)
    assert list(blobs_unreferenced()) == [free]
    assert blob_discard(held.digest) == 0
    assert blob_discard(free.digest) == 5
    assert blob_discard(free.digest) == 0
    assert blob_store().exists(held.digest)
    assert not blob_store().exists(free.digest)


def test_a_blob_that_came_in_again_is_not_discarded() -> None:
    before = timezone.now()
    blob = blob_from_bytes(b"again")
    assert blob_discard(blob.digest, stored_before=before) == 0
    assert blob_discard(blob.digest, stored_before=timezone.now()) == 5


def test_discarding_a_link_leaves_the_file_itself(linked_file: Path) -> None:
    assert blob_discard(blob_link(linked_file).digest) == 0
    assert not Blob.objects.exists()
    assert linked_file.exists()


def test_what_a_project_uses_twice_counts_once() -> None:
    mine, other = (Project.objects.create(slug=slug, name=slug) for slug in ("a", "b"))
    blob = blob_from_bytes(b"x" * 1000)
    Video.objects.create(project=mine, name="v", original=blob, master=blob)
    Video.objects.create(project=mine, name="w", original=blob)
    Video.objects.create(project=mine, name="p", poster=blob_from_bytes(b"y" * 10))
    Video.objects.create(project=other, name="o", original=blob_from_bytes(b"z" * 7))
    assert project_bytes(mine) == 1010
    assert project_bytes(other) == 7


def test_every_model_that_holds_blobs_leads_to_its_project() -> None:
    assert all(project_path(reference.model) for reference in blob_references())

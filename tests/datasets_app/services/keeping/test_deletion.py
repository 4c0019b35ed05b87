"""Taking away: archive, restore, delete, with what depends told first; then the bytes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from datasets_app.models import Blob, Bundle, Mask, Sample, SynthesisRun, Video
from datasets_app.selectors.blob_references import blobs_unreferenced
from datasets_app.services.blobs import blob_from_bytes, blob_path, blob_store
from datasets_app.services.keeping.collection import blobs_collect
from datasets_app.services.keeping.deletion import (
    dependents_of,
    row_archive,
    row_delete,
    row_restore,
    video_withdraw,
)
from matteweb.accounts.models import AuditEntry
from matteweb.errors import Conflict
from tests.rendered import Rendered, frozen

pytestmark = pytest.mark.django_db


def kinds(row: Video | Mask | Sample | SynthesisRun | Bundle) -> dict[str, int]:
    """Return kind -> count of what depends on a row."""
    return {one.kind: one.count for one in dependents_of(row)}


def test_what_depends_is_counted_by_kind(rendered: Rendered) -> None:
    bundle = frozen(rendered)
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    assert kinds(Video.objects.get(pk=rendered.videos[0].pk)) == {
        "mask": 1,
        "caption": 1,
        "sample": 2,
    }
    assert kinds(sample) == {"verdict": 1, "frozen bundle": 1}
    assert kinds(SynthesisRun.objects.get(pk=rendered.run.pk)) == {"sample": 2, "frozen bundle": 1}
    assert kinds(bundle) == {"sample": 2}


def test_only_what_is_archived_can_be_deleted(rendered: Rendered) -> None:
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    with pytest.raises(Conflict, match="is not archived"):
        row_delete(row=sample, actor=rendered.actor)
    row_archive(row=sample, actor=rendered.actor)
    row_restore(row=sample, actor=rendered.actor)
    with pytest.raises(Conflict):
        row_delete(row=sample, actor=rendered.actor)
    row_archive(row=sample, actor=rendered.actor)
    row_delete(row=sample, actor=rendered.actor)
    assert not Sample.objects.filter(pk=rendered.samples[0].pk).exists()
    told = AuditEntry.objects.filter(target_kind="sample", target_id=str(rendered.samples[0].pk))
    assert list(told.order_by("pk").values_list("action", flat=True))[-4:] == [
        "sample.archive",
        "sample.restore",
        "sample.archive",
        "sample.delete",
    ]


def test_archiving_twice_is_told_once(rendered: Rendered) -> None:
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    for _ in range(2):
        row_archive(row=sample, actor=rendered.actor)
    assert AuditEntry.objects.filter(action="sample.archive", target_id=str(sample.pk)).count() == 1


def test_a_withdrawal_marks_the_bundles_that_hold_the_source_and_no_other(
    rendered: Rendered,
) -> None:
    bundle = frozen(rendered)
    stranger = Video.objects.get(pk=rendered.videos[0].pk)
    stranger.pk = None
    stranger.original = stranger.master = blob_from_bytes(b"another film")
    stranger.save()
    assert video_withdraw(video=stranger, actor=rendered.actor, reason="x") == []
    used = Video.objects.get(pk=rendered.videos[1].pk)
    assert video_withdraw(video=used, actor=rendered.actor, reason="x") == [bundle]


def test_collect_counts_first_and_deletes_when_asked(rendered: Rendered) -> None:
    loose = blob_from_bytes(b"nobody refers to this")
    _age()
    counted = blobs_collect(delete=False)
    assert counted.blobs >= 1
    assert blob_path(loose).is_file()
    done = blobs_collect(delete=True)
    assert done.blobs == counted.blobs
    assert done.bytes == counted.bytes
    assert not Blob.objects.filter(pk=loose.pk).exists()
    assert not blob_store().exists(loose.digest)
    assert blobs_collect(delete=False).blobs == 0


def test_collect_leaves_what_is_young(rendered: Rendered) -> None:
    loose = blob_from_bytes(b"a job is about to use this")
    found = blobs_collect(delete=True)
    assert found.young >= 1
    assert blob_path(loose).is_file()


def test_collect_leaves_what_a_frozen_bundle_lists(rendered: Rendered) -> None:
    """Neither a deleted run nor a deleted video takes a byte from a bundle."""
    bundle = frozen(rendered)
    listed = set(bundle.files.values_list("blob_id", flat=True)) | {bundle.manifest_blob_id}
    SynthesisRun.objects.filter(pk=rendered.run.pk).delete()
    Video.objects.filter(project=rendered.project).delete()
    _age()
    unused = set(blobs_unreferenced().values_list("pk", flat=True))
    assert unused, "the clips themselves are free now"
    assert not unused & listed


def test_what_only_a_deleted_bundle_listed_is_free(rendered: Rendered) -> None:
    bundle = frozen(rendered)
    own = bundle.manifest_blob_id
    row_archive(row=bundle, actor=rendered.actor)
    assert not blobs_unreferenced().filter(pk=own).exists(), "archived is not deleted"
    row_delete(row=bundle, actor=rendered.actor)
    assert blobs_unreferenced().filter(pk=own).exists()


def _age() -> None:
    Blob.objects.update(stored_at=timezone.now() - timedelta(days=30))

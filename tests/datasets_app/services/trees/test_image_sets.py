"""Image sets are cut out of annotated videos, go on after a stop, and keep what they were asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from datasets_app.domain.annotation.cutting import CutParams
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Annotation, ImageSet, SetPicture, Video
from datasets_app.services.sources.annotations import annotation_map
from datasets_app.services.trees.image_sets import image_set_cut, image_set_start
from datasets_app.services.trees.imports import folder_import
from matteweb.accounts.models import AuditEntry, Role
from matteweb.errors import BadInput, Cancelled, Conflict
from tests import factories
from tests.footage import read
from tests.layout_cases import cvat_video

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def annotation(tmp_path: Path) -> Annotation:
    """Two bottles on a video of 8 frames; one has a scratch on frames 2 and 3."""
    tree = cvat_video.tree(tmp_path / "tree")
    folder_import(project=factories.project(), folder=tree, actor=ACTOR)
    read(Video.objects.get(name="1"))
    return Annotation.objects.select_related("video", "original").get(name="1")


def begin(annotation: Annotation, **params: Any) -> ImageSet:
    made, job = image_set_start(
        project=annotation.video.project,
        name="bottle",
        annotations=[annotation],
        params=CutParams(**params),
        actor=ACTOR,
    )
    assert (job.kind, job.target_id) == ("image_set_cut", made.pk)
    return made


def facts(found: ImageSet) -> set[tuple[str, str, str, str]]:
    rows = found.pictures.values_list("split", "label", "name", "picture_id")
    return set(rows)


def test_a_stopped_cut_goes_on_and_doubles_nothing(annotation: Annotation) -> None:
    made = begin(annotation, margin=0.1, test_share=0.5)
    asked = iter([False] * 4)
    with pytest.raises(Cancelled):
        image_set_cut(
            image_set_id=made.pk,
            progress=ignore_progress,
            should_stop=lambda: next(asked, True),
        )
    some = facts(made)
    assert 0 < len(some) < 14
    image_set_cut(image_set_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    whole = facts(made)
    assert some < whole
    assert len(whole) == 14
    image_set_cut(image_set_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    assert facts(made) == whole
    faulty = SetPicture.objects.filter(image_set=made, label="defective")
    assert [(one.split, one.mask is not None) for one in faulty] == [("test", True)] * 2
    assert faulty[0].origin["video"] == "1"


def test_a_set_keeps_the_meaning_of_labels_that_it_was_asked_with(annotation: Annotation) -> None:
    made = begin(annotation)
    mapping = annotation.mapping | {"overrides": {"0": "broken"}}
    annotation_map(annotation=annotation, mapping=mapping, actor=ACTOR)
    image_set_cut(image_set_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    assert {label for _, label, _, _ in facts(made)} == {"good", "defective"}


def test_what_cannot_be_cut_is_refused_before_a_job_is_made(annotation: Annotation) -> None:
    begin(annotation)
    with pytest.raises(Conflict, match="image set 'bottle' already"):
        begin(annotation)
    with pytest.raises(BadInput, match="no picture to cut"):
        nothing = annotation.mapping | {"labels": {"bottle": {"role": "ignore", "label": ""}}}
        annotation_map(annotation=annotation, mapping=nothing, actor=ACTOR)
        ImageSet.objects.all().delete()
        begin(annotation)
    Video.objects.filter(pk=annotation.video_id).update(state="failed")
    fresh = Annotation.objects.select_related("video", "original").get(pk=annotation.pk)
    with pytest.raises(Conflict, match="video 1 is not ready: failed"):
        begin(fresh)


def test_an_archived_set_comes_back_with_its_pictures_or_goes_for_good(
    annotation: Annotation, client: Client
) -> None:
    made = begin(annotation)
    image_set_cut(image_set_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    pictures = facts(made)
    client.force_login(factories.member(made.project, Role.LEAD))
    home = f"/p/{made.project.slug}"
    client.post(f"{home}/image-sets/{made.pk}/archive")
    assert client.get(f"{home}/image-sets/{made.pk}/").status_code == 404
    archived = client.get(f"{home}/library/archived").content.decode()
    assert f"{home}/library/image_set/{made.pk}/restore" in archived
    assert made.name in archived
    client.post(f"{home}/library/image_set/{made.pk}/restore")
    assert client.get(f"{home}/image-sets/{made.pk}/").status_code == 200
    assert facts(made) == pictures
    client.post(f"{home}/image-sets/{made.pk}/archive")
    asked = client.get(f"{home}/library/image_set/{made.pk}/delete").content.decode()
    assert f"{len(pictures)} picture" in asked
    client.post(f"{home}/library/image_set/{made.pk}/delete")
    assert not SetPicture.objects.filter(image_set=made.pk).exists()
    acts = AuditEntry.objects.filter(action__startswith="image_set.").values_list(
        "action", flat=True
    )
    assert {"image_set.archive", "image_set.restore", "image_set.delete"} <= set(acts)


def test_the_page_names_videos_without_annotations_and_says_what_was_found(
    annotation: Annotation, client: Client
) -> None:
    project = annotation.video.project
    finding = {"code": "x", "severity": "warning", "message": "a line", "hint": "left out"}
    Annotation.objects.filter(pk=annotation.pk).update(findings=[finding | {"where": "1.xml"}])
    Annotation.objects.filter(video__name="2").delete()
    client.force_login(factories.member(project, Role.VIEWER))
    page = client.get(f"/p/{project.slug}/image-sets/").content.decode()
    assert "1 video has no annotations" in page
    assert "1 finding<" in page
    found = client.get(f"/p/{project.slug}/annotations/{annotation.pk}/").content.decode()
    assert "a line: left out" in found

"""The demo project of a first start: made by the program, brought in like any footage."""

from __future__ import annotations

import pytest

from datasets_app.domain.media.demo_clip import demo_scenes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Blob, Caption, Mask, Video
from datasets_app.services.blobs import blob_path
from datasets_app.services.sources import demo
from matteweb.accounts.access import project_for
from matteweb.accounts.models import Role
from matteweb.errors import Cancelled
from matteweb.jobs.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_first_owner_gets_a_project_and_one_job_per_scene() -> None:
    owner = factories.user()
    project = demo.demo_project_create(actor=factories.actor(owner))
    assert project_for(owner, "demo", Role.OWNER) == project
    jobs = Job.objects.filter(project=project)
    assert {job.params["scene"] for job in jobs} == {scene.slug for scene in demo_scenes()}
    assert {job.state for job in jobs} == {"queued"}
    assert not Video.objects.filter(project=project).exists(), "painting is left to the workers"


def test_a_scene_comes_in_with_rights_caption_and_its_known_alpha() -> None:
    project = factories.project()
    for _ in range(2):  # as after a kill
        demo.demo_scene_add(
            project_id=project.pk,
            slug="kite",
            progress=ignore_progress,
            should_stop=never_stop,
            size=FrameSize(96, 64),
            frames=6,
        )
    video = Video.objects.get(project=project)
    assert (video.licence, video.state) == ("CC0-1.0", "arriving")
    assert Caption.objects.get(video=video).text
    mask = Mask.objects.get(video=video)
    assert mask.reading == {"kind": "alpha"}, "a thin soft edge is not cut by the rule"
    assert video.original is not None
    assert mask.original is not None
    assert blob_path(video.original).stat().st_size == video.original.size
    waiting = Job.objects.filter(project=project).values_list("kind", flat=True)
    assert sorted(waiting) == ["ingest_footage", "ingest_mask"]


def test_painting_stops_when_asked_and_leaves_nothing() -> None:
    project = factories.project()
    before = Blob.objects.count()
    with pytest.raises(Cancelled):
        demo.demo_scene_add(
            project_id=project.pk, slug="boat", progress=ignore_progress, should_stop=lambda: True
        )
    assert Blob.objects.count() == before
    assert not Video.objects.filter(project=project).exists()

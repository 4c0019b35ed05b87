"""Masks without a hand, from the page, the API and the command to a mask of the video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask, Video
from datasets_app.models.mask import MaskKind
from inference_app.domain.model_folders import use_weights
from inference_app.services.masks.automatic_masks import make_start, mask_make
from matteweb.accounts.models import AuditEntry, Project, Role
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.states import JobState
from tests import factories
from tests.footage import add, read_mask
from tests.inference_app.domain.automatic.test_makers import green, painted
from tests.inference_app.tiny_folders import write_detector, write_sam2

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def video(project: Project, tmp_path: Path) -> Video:
    return add(project, painted(tmp_path, green).path)


def started(project: Project, video: Video, **more: Any) -> Job:
    wish = {"maker_slug": "chroma", "params": {}} | more
    return make_start(project=project, videos=[video], actor=ACTOR, **wish)[0]


def made(job: Job) -> None:
    mask_make(job_id=job.pk, progress=ignore_progress, should_stop=never_stop)


def test_a_job_makes_one_soft_mask_that_knows_what_made_it(project: Project, video: Video) -> None:
    job = started(project, video, params={"tolerance": "0.2"})
    made(job)
    made(job)  # a second delivery changes nothing
    mask = read_mask(video.masks.get())
    assert mask.kind == MaskKind.ALPHA
    assert mask.coverage == pytest.approx(28 * 28 / (160 * 96), rel=0.1)
    assert (mask.made_from["by"], mask.made_from["version"]) == ("chroma", 1)
    assert mask.made_from["params"]["tolerance"] == 0.2
    source = video.master or video.original
    assert source is not None and mask.made_from["sources"] == [source.digest]
    assert AuditEntry.objects.filter(action="mask.make").count() == 1


def test_a_number_for_each_object_gives_a_mask_per_object_too(
    project: Project, video: Video, django_capture_on_commit_callbacks: Any
) -> None:
    made(started(project, video, per_object=True))
    read_mask(video.masks.get())
    single = video.masks.order_by("pk").last()
    assert single is not None and read_mask(single).kind == MaskKind.HARD
    assert single.made_from["per_object"] is True


def test_a_stopped_job_leaves_no_mask_and_can_be_done_again(project: Project, video: Video) -> None:
    job = started(project, video)
    with pytest.raises(Cancelled):
        mask_make(job_id=job.pk, progress=ignore_progress, should_stop=lambda: True)
    assert not Mask.objects.exists()
    made(job)
    assert Mask.objects.count() == 1


def test_what_makes_no_sense_is_refused_before_a_job_starts(project: Project, video: Video) -> None:
    with pytest.raises(BadInput, match="tolerance"):
        started(project, video, params={"tolerance": 5})
    with pytest.raises(BadInput, match="no mask maker"):
        started(project, video, maker_slug="magic")
    with pytest.raises(BadInput, match="0 videos"):
        make_start(project=project, videos=[], maker_slug="chroma", params={}, actor=ACTOR)
    video.state = "arriving"
    with pytest.raises(Conflict, match="arriving"):
        started(project, video)
    assert not Job.objects.filter(kind="mask_make").exists()


def test_the_page_starts_jobs_and_shows_what_came_of_them(
    project: Project, video: Video, client: Client
) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    page = reverse("automatic-masks", kwargs={"project": project.slug})
    shown = client.get(f"{page}?maker=chroma&video={video.pk}").content.decode()
    assert f'value="{video.pk}" checked' in shown and "Tolerance" in shown
    start = reverse("automatic-masks-start", kwargs={"project": project.slug})
    answer = client.post(start, {"maker": "chroma", "video": [video.pk], "steady": "0"})
    assert answer.status_code == 302
    job = Job.objects.get(kind="mask_make")
    assert job.params["params"]["steady"] == 0
    part = reverse("automatic-masks-made", kwargs={"project": project.slug})
    assert "hx-get" in client.get(part).content.decode()
    made(job)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    read_mask(video.masks.get())
    done = client.get(part).content.decode()
    assert "covers" in done and "hx-get" not in done


def test_the_api_lists_the_makers_and_takes_several_videos(
    project: Project, video: Video, client: Client
) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    address = reverse("api-automatic-masks", kwargs={"project": project.slug})
    slugs = [one["slug"] for one in client.get(address).json()]
    assert slugs == ["chroma", "motion", "person_box"]
    body = {"maker": "motion", "videos": [video.pk, video.pk], "params": {"threshold": 20}}
    answer = client.post(address, json.dumps(body), content_type="application/json")
    assert answer.status_code == 202 and len(answer.json()) == 1
    body["videos"] = [video.pk + 1]
    assert (
        client.post(address, json.dumps(body), content_type="application/json").status_code == 404
    )


def test_the_command_makes_masks_of_all_videos_and_waits(
    project: Project, video: Video, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("make_masks", project=project.slug, maker="chroma", wait=True, json=True)
    answer = json.loads(capsys.readouterr().out)
    mask = Mask.objects.get(name=answer["masks"][0])
    assert mask.state == "ready"


def test_people_need_files_that_the_page_names_and_a_mask_knows_their_digests(
    project: Project, video: Video, client: Client, tmp_path: Path
) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    page = reverse("automatic-masks", kwargs={"project": project.slug})
    use_weights(tmp_path)
    shown = client.get(f"{page}?maker=person_box").content.decode()
    assert str(tmp_path / "person-detector") in shown and str(tmp_path / "sam2") in shown
    with pytest.raises(Conflict, match=r"model\.safetensors"):
        started(project, video, maker_slug="person_box")
    write_sam2(tmp_path / "sam2")
    write_detector(tmp_path / "person-detector", "rt_detr")
    made(started(project, video, maker_slug="person_box", params={"most": 1}))
    made(started(project, video, maker_slug="person_box", params={"most": 2}, per_object=True))
    soft = video.masks.order_by("pk").first()
    assert soft is not None and read_mask(soft).kind == MaskKind.ALPHA
    assert set(soft.made_from["weights"]) == {"person-detector", "sam2"}

"""Many videos described by a job that asks a real service on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.models import Caption, Video
from datasets_app.services.sources.captions import caption_set
from datasets_app.services.sources.footage import Rights, footage_add
from inference_app.domain.captioners import openai_vision
from inference_app.domain.captioners.openai_vision import Endpoint, use_endpoint
from inference_app.services.captioning import captioning_start, captions_approve
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.runner import run_here
from matteweb.jobs.services import job_cancel, job_retry
from tests import factories
from tests.caption_server import Answer, CaptionServer, caption_server, failed, said

pytestmark = pytest.mark.django_db
SIZE = FrameSize(32, 24)


@pytest.fixture(autouse=True)
def _own_endpoint() -> Iterator[None]:
    before = list(openai_vision._endpoints)
    yield
    openai_vision._endpoints[:] = before


@pytest.fixture
def actor() -> Actor:
    return factories.actor(factories.user())


@pytest.fixture
def project(actor: Actor) -> Project:
    assert actor.user is not None
    return factories.project(owner=actor.user)


def videos_in(project: Project, actor: Actor, folder: Path, count: int = 2) -> list[Video]:
    made = []
    for number in range(count):
        path = folder / f"clip-{number}.mkv"
        with RgbMasterWriter(path, SIZE, Fraction(16)) as out:
            for frame in range(3):
                out.write(np.full((SIZE.height, SIZE.width, 3), 40 * number + frame, np.uint8))
        video = footage_add(
            project=project, path=path, actor=actor, rights=Rights(licence="CC0-1.0")
        )
        run_here(Job.objects.get(kind="ingest_footage", target_id=video.pk).pk)
        made.append(Video.objects.get(pk=video.pk))
    return made


def served(answers: Callable[[int, dict[str, Any]], Answer | None]) -> Any:
    """Return a server that the captioner asks; a pause between tries is hardly one."""
    return caption_server(answers)


def use(server: CaptionServer) -> None:
    use_endpoint(Endpoint(server.url, "eye", private=True, timeout=5, tries=2, pause=0.01))


def start(project: Project, videos: list[Video], actor: Actor, **more: Any) -> Job:
    return captioning_start(
        project=project, videos=videos, captioner_slug="openai_vision", actor=actor, **more
    )


def test_every_length_of_every_video_is_described_once(
    project: Project, actor: Actor, tmp_path: Path
) -> None:
    videos = videos_in(project, actor, tmp_path)
    with served(lambda number, _: said(f"Caption {number}.")) as server:
        use(server)
        job = start(project, videos, actor)
        run_here(job.pk)
        assert len(server.asked) == 8
        run_here(start(project, videos, actor).pk)
        assert len(server.asked) == 8, "nothing was missing any more"
    job.refresh_from_db()
    assert (job.state, job.checkpoint["spent"]) == ("done", 800)
    made = Caption.objects.filter(video=videos[0])
    assert {one.length for one in made} == {"short", "prompt", "verbose", "summary"}
    for one in made:
        assert (one.origin, one.approved) == ("model", False)
        assert one.made_from["model"] == "eye-1"
        assert one.made_from["job"] == job.pk
    assert AuditEntry.objects.filter(action="captions.make", target_id=job.pk).exists()


def test_what_a_person_wrote_or_approved_stays(
    project: Project, actor: Actor, tmp_path: Path
) -> None:
    (video,) = videos_in(project, actor, tmp_path, 1)
    caption_set(video=video, length="short", text="My own words", actor=actor)
    with served(lambda number, _: said(f"Caption {number}.")) as server:
        use(server)
        run_here(start(project, [video], actor).pk)
        Caption.objects.filter(video=video, length="prompt").update(approved=True)
        run_here(start(project, [video], actor, again=True).pk)
    texts = {one.length: one.text for one in Caption.objects.filter(video=video)}
    assert texts["short"] == "My own words"
    assert texts["verbose"] == "Caption 4."
    assert texts["prompt"] == "Caption 1."


def test_a_job_goes_on_where_the_service_went_away(
    project: Project, actor: Actor, tmp_path: Path
) -> None:
    videos = videos_in(project, actor, tmp_path, 3)
    broken = True

    def answers(number: int, _: dict[str, Any]) -> Answer:
        return failed(503, "away") if broken and number >= 4 else said(f"Caption {number}.")

    with served(answers) as server:
        use(server)
        job = start(project, videos, actor)
        run_here(job.pk)
        job.refresh_from_db()
        assert job.state == "failed"
        assert "no answer in 2 tries: away" in job.error
        assert Caption.objects.count() == 4
        asked, broken = len(server.asked), False
        job_retry(job=job, actor=actor)
        run_here(job.pk)
        assert len(server.asked) == asked + 8
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert Caption.objects.count() == 12


def test_a_cancelled_job_keeps_what_it_has(project: Project, actor: Actor, tmp_path: Path) -> None:
    videos = videos_in(project, actor, tmp_path, 1)
    with served(lambda *_: said("A boat.")) as server:
        use(server)
        job = start(project, videos, actor)
        job_cancel(job=job, actor=actor)
        run_here(job.pk)
        assert server.asked == []
    assert Job.objects.get(pk=job.pk).state == "cancelled"


def test_a_video_that_is_refused_does_not_stop_the_others(
    project: Project, actor: Actor, tmp_path: Path
) -> None:
    videos = videos_in(project, actor, tmp_path)
    with served(
        lambda number, _: failed(400, "not allowed") if number == 0 else said("A boat.")
    ) as server:
        use(server)
        job = start(project, videos, actor)
        run_here(job.pk)
    job.refresh_from_db()
    assert job.state == "done"
    assert "clip-0" in str(job.log)
    assert "not allowed" in str(job.log)
    assert Caption.objects.filter(video=videos[1]).count() == 4


def test_a_budget_is_of_the_whole_job(
    project: Project, actor: Actor, tmp_path: Path, settings: Any
) -> None:
    settings.CAPTION_TOKENS_PER_JOB = 900
    videos = videos_in(project, actor, tmp_path)
    with served(lambda *_: said("A boat.")) as server:
        use(server)
        job = start(project, videos, actor)
        run_here(job.pk)
        asked = len(server.asked)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "of 900 tokens are spent" in job.error
    assert asked < 8
    assert Caption.objects.count() == 4


def test_nothing_is_queued_that_cannot_work(project: Project, actor: Actor, tmp_path: Path) -> None:
    videos = videos_in(project, actor, tmp_path, 1)
    use_endpoint(Endpoint("", ""))
    with pytest.raises(Conflict, match="MATTEWEB_CAPTION_URL"):
        start(project, videos, actor)
    use_endpoint(Endpoint("http://127.0.0.1:1/v1", "eye", private=True))
    with pytest.raises(BadInput, match="0 videos"):
        start(project, [], actor)
    assert not Job.objects.filter(kind="captions_make").exists()


def test_the_page_shows_mends_and_approves(
    project: Project, actor: Actor, tmp_path: Path, client: Client
) -> None:
    videos = videos_in(project, actor, tmp_path)
    use_endpoint(Endpoint("", ""))
    for video in videos:
        caption_set(video=video, length="short", text=f"Words of {video.name}", actor=actor)
    assert actor.user is not None
    client.force_login(actor.user)
    address = reverse("captions", kwargs={"project": project.slug})
    page = client.get(f"{address}?show=waiting").content.decode()
    assert "Words of clip-0" in page
    assert "set MATTEWEB_CAPTION_URL and MATTEWEB_CAPTION_MODEL" in page
    write = reverse("captions-write", kwargs={"project": project.slug, "pk": videos[0].pk})
    client.post(write, {"short": "Better words", "prompt": "", "approve": ""})
    mended = Caption.objects.get(video=videos[0], length="short")
    assert (mended.text, mended.approved) == ("Better words", True)
    approve = reverse("captions-approve", kwargs={"project": project.slug})
    client.post(approve, {"video": [str(video.pk) for video in videos]})
    assert not Caption.objects.filter(approved=False).exists()
    assert "No video of this kind" in client.get(f"{address}?show=waiting").content.decode()


def test_the_api_queues_and_answers_for_this_project_alone(
    project: Project, actor: Actor, tmp_path: Path, client: Client
) -> None:
    (video,) = videos_in(project, actor, tmp_path, 1)
    use_endpoint(Endpoint("http://127.0.0.1:1/v1", "eye", private=True))
    stranger = factories.user()
    other = factories.project(owner=stranger)
    assert actor.user is not None
    client.force_login(actor.user)
    url = f"/api/projects/{project.slug}/captioning/"
    assert client.get(url).json()[0]["slug"] == "openai_vision"
    body = {"captioner": "openai_vision", "videos": [video.pk]}
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 202
    assert answer.json()["kind"] == "captions_make"
    client.force_login(stranger)
    url = f"/api/projects/{other.slug}/captioning/"
    assert client.post(url, body, content_type="application/json").status_code == 404


def test_approving_is_told_and_counted(project: Project, actor: Actor, tmp_path: Path) -> None:
    videos = videos_in(project, actor, tmp_path, 1)
    caption_set(video=videos[0], length="short", text="Words", actor=actor)
    assert captions_approve(videos=videos, actor=actor) == 1
    assert captions_approve(videos=videos, actor=actor) == 0
    assert AuditEntry.objects.filter(action="captions.approve").count() == 1

"""The pages of models: what is offered, how a run is started, watched and taken away."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.models import Mask, Video
from datasets_app.services.blobs import blob_from_bytes
from datasets_app.services.sources.footage import footage_add
from inference_app.adapters.run_folders import run_folder
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.guided_filter import GuidedFilter
from inference_app.models import ModelRun, RunState, Training
from inference_app.services.runs import model_runs
from inference_app.services.runs.model_runs import run_create
from inference_app.services.runs.run_leftovers import WATCHED_SECONDS, run_pieces_expire
from inference_app.views import models
from matteweb.accounts.models import Project, Role, User
from matteweb.errors import Cancelled
from matteweb.jobs.models import Job
from matteweb.jobs.waiting import wait_for_target
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, read_mask, squares
from tests.inference_app.made_runs import make

pytestmark = pytest.mark.django_db
FRAMES = 9


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    monkeypatch.setattr(model_runs, "PIECE", 4)


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def person(project: Project) -> User:
    return factories.member(project, Role.ANNOTATOR)


@pytest.fixture
def browser(person: User, client: Client) -> Client:
    client.force_login(person)
    return client


@pytest.fixture
def video(project: Project, tmp_path: Path) -> Video:
    return add(project, clip_file(tmp_path, frames=FRAMES))


@pytest.fixture
def mask(video: Video, tmp_path: Path) -> Mask:
    return attach(video, mask_file(tmp_path, squares(FRAMES)))


def start(browser: Client, project: Project, mask: Mask) -> ModelRun:
    url = reverse("model-run-start", kwargs={"project": project.slug})
    answer = browser.post(url, {"predictor": "guided_filter", "mask": mask.pk})
    assert answer.status_code == 302
    return ModelRun.objects.get()


def page(browser: Client, name: str, run: ModelRun, **parts: Any) -> Any:
    address = {"project": run.video.project.slug, "pk": run.pk} | parts
    return browser.get(reverse(name, kwargs=address))


def test_the_page_shows_every_model_and_offers_those_that_can_run(
    browser: Client, project: Project, mask: Mask
) -> None:
    text = browser.get(reverse("models", kwargs={"project": project.slug})).content.decode()
    for predictor in PREDICTORS:
        assert predictor.info.label in text
    assert '<option value="guided_filter"' in text
    assert '<option value="dis_flow"' not in text
    assert mask.name in text and "nothing" not in text.lower().split("<form")[1]


def test_without_a_mask_there_is_no_form_but_the_way_to_one(
    browser: Client, project: Project, video: Video
) -> None:
    text = browser.get(reverse("models", kwargs={"project": project.slug})).content.decode()
    assert "model-run-start" not in text and "<form" not in text.split('id="run"')[1]
    assert reverse("library", kwargs={"project": project.slug}) in text.split('id="run"')[1]


def test_what_is_finished_can_be_watched_while_the_rest_is_made(
    browser: Client, project: Project, mask: Mask
) -> None:
    run = start(browser, project, mask)
    assert page(browser, "model-run-player", run).status_code == 409
    with pytest.raises(Cancelled):
        make(run, stop_after=6)
    told = page(browser, "model-run-player", run).json()
    assert told["frames"] == 4
    assert [stream["name"] for stream in told["streams"]] == ["clip", "mask", "alpha", "fgr"]
    for stream in told["streams"]:
        shown = sorted(chunk[3] for chunk in stream["index"]["chunks"])
        assert stream["index"]["frames"] == 4 and shown == [0, 1, 2, 3]
    for stream in told["streams"][2:]:
        offset, size, *_ = stream["index"]["chunks"][1]
        header = f"bytes={offset}-{offset + size - 1}"
        part = browser.get(stream["url"], headers={"Range": header})
        assert part.status_code == 206 and len(part.content) == size
        whole = browser.get(stream["url"])
        assert whole.status_code == 200 and whole.content[offset : offset + size] == part.content
        beyond = browser.get(stream["url"], headers={"Range": "bytes=99999999-"})
        assert beyond.status_code == 416
    assert b"4 of 9 frames" in page(browser, "model-run", run).content


def test_a_finished_run_shows_its_alpha_and_its_foreground(
    browser: Client, project: Project, mask: Mask
) -> None:
    run = start(browser, project, mask)
    make(run)
    assert run.result is not None
    told = page(browser, "model-run-player", run).json()
    assert [stream["name"] for stream in told["streams"]] == ["clip", "mask", "alpha", "fgr"]
    assert told["frames"] == FRAMES, "shown by its pieces while the result is read"
    assert page(browser, "model-run-live", run, layer="alpha").status_code == 200
    assert "ProRes" not in page(browser, "model-run-part", run).content.decode()
    read_mask(run.result)
    run_pieces_expire()
    assert page(browser, "model-run-live", run, layer="alpha").status_code == 200, "it is watched"
    noted = run_folder(run.pk) / "seen"
    os.utime(noted, (0, noted.stat().st_mtime - WATCHED_SECONDS))
    run_pieces_expire()
    part = page(browser, "model-run-part", run).content.decode()
    assert 'id="take-away" hx-swap-oob="true"' in part and "ProRes" in part
    told = page(browser, "model-run-player", run).json()
    assert told["frames"] == FRAMES
    assert [stream["name"] for stream in told["streams"]] == [
        "clip",
        "mask",
        run.result.name,
        "fgr",
    ]
    for what in ("delivery", "index", "master", "deep"):
        assert page(browser, "model-run-file", run, what=what).status_code == 200
    assert page(browser, "model-run-file", run, what="original").status_code == 404
    assert page(browser, "model-run-live", run, layer="alpha").status_code == 404
    assert json.loads(page(browser, "model-run-player", run).content)["name"] == str(run)


def test_stopping_and_going_on_are_buttons_of_their_time(
    browser: Client, project: Project, mask: Mask
) -> None:
    run = start(browser, project, mask)
    parts = {"project": project.slug, "pk": run.pk}
    Job.objects.filter(target_id=run.pk, kind="model_run").update(rate=3.0, done=0)
    part = page(browser, "model-run-part", run).content.decode()
    assert "Stop" in part and f"{FRAMES // 3} s left" in part
    stopped = browser.post(reverse("model-run-stop", kwargs=parts))
    assert b"Go on" in stopped.content and b"stopped" in stopped.content
    going = browser.post(reverse("model-run-resume", kwargs=parts))
    assert b"Stop" in going.content
    make(run)
    assert run.state == RunState.READY
    remove = reverse("model-run-delete", kwargs=parts)
    assert remove not in page(browser, "model-run", run).content.decode()
    assert browser.post(remove).status_code == 403
    Job.objects.update(state="done")
    browser.force_login(factories.member(project, Role.LEAD))
    assert remove in page(browser, "model-run", run).content.decode()
    assert browser.post(remove).status_code == 302 and not ModelRun.objects.exists()


def test_a_mask_of_another_project_cannot_be_chosen(browser: Client, project: Project) -> None:
    url = reverse("model-run-start", kwargs={"project": project.slug})
    answer = browser.post(url, {"predictor": "guided_filter", "mask": 4711})
    assert answer.status_code == 400 and b"no mask was chosen" in answer.content


def test_two_runs_over_a_video_are_shown_beside_each_other(
    browser: Client, project: Project, mask: Mask
) -> None:
    start(browser, project, mask)
    url = reverse("model-run-start", kwargs={"project": project.slug})
    browser.post(url, {"predictor": "guided_filter", "mask": mask.pk})
    one, other = ModelRun.objects.order_by("pk")
    for run in (one, other):
        make(run)
        assert run.result is not None
        read_mask(run.result)
    assert one.result is not None and other.result is not None
    page_url = reverse("model-run", kwargs={"project": project.slug, "pk": one.pk})
    assert other.result.name in browser.get(page_url).content.decode()
    told = browser.get(
        reverse("model-run-player", kwargs={"project": project.slug, "pk": one.pk}),
        {"beside": other.pk},
    ).json()
    names = [stream["name"] for stream in told["streams"]]
    assert one.result.name in names and other.result.name in names
    alone = page(browser, "model-run-player", one).json()["streams"]
    assert other.result.name not in [stream["name"] for stream in alone]


def test_each_ticked_mask_is_a_run_of_its_own_or_none_is(
    browser: Client, project: Project, mask: Mask, tmp_path: Path
) -> None:
    other = attach(
        add(project, clip_file(tmp_path, "other", frames=2)), mask_file(tmp_path, squares(2), "two")
    )
    url = reverse("model-run-start", kwargs={"project": project.slug})
    given = {"predictor": "guided_filter", "mask": [mask.pk, 4711]}
    assert browser.post(url, given).status_code == 400 and not ModelRun.objects.exists()
    assert browser.post(url, {"predictor": "guided_filter"}).status_code == 400
    answer = browser.post(url, given | {"mask": [mask.pk, other.pk]})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("models", kwargs={"project": project.slug})
    assert {run.mask for run in ModelRun.objects.all()} == {mask, other}
    assert Job.objects.filter(kind="model_run").count() == 2


def test_the_form_begins_with_what_the_address_names(
    browser: Client, project: Project, mask: Mask, tmp_path: Path
) -> None:
    url = reverse("models", kwargs={"project": project.slug})
    alone = f'name="mask" value="{mask.pk}" checked'
    assert alone in browser.get(url).content.decode()
    other = attach(mask.video, mask_file(tmp_path, squares(FRAMES), "other"), name="other")
    depth = attach(mask.video, mask_file(tmp_path, squares(FRAMES), "far"), name="depth 7")
    text = browser.get(url).content.decode()
    assert alone not in text and f'name="mask" value="{depth.pk}"' not in text
    made = Training.objects.create(
        project=project, name="ours", plan={"network": "flow_unet"}, state=RunState.READY,
        weights=blob_from_bytes(b"few"),
    )  # fmt: skip
    chosen: dict[str, str | int] = {"mask": other.pk, "predictor": f"flow_unet:{made.pk}"}
    text = browser.get(url, chosen).content.decode()
    assert f'name="mask" value="{other.pk}" checked' in text
    assert f'<option value="flow_unet:{made.pk}" selected>ours' in text


def test_older_runs_are_on_further_pages(
    browser: Client, project: Project, mask: Mask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "SHOWN", 1)
    for _ in range(2):
        run = run_create(
            video=mask.video, mask=mask, predictor_slug="guided_filter", actor=factories.actor()
        )
    url = reverse("models", kwargs={"project": project.slug})
    first, second = (browser.get(url, {"page": n}).content.decode() for n in (1, 2))
    address = reverse("model-run", kwargs={"project": project.slug, "pk": run.pk})
    assert address in first and address not in second
    assert "Older" in first and "Newer" in second


def test_a_model_that_needs_no_mask_runs_over_a_video_alone(
    browser: Client, project: Project, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("models", kwargs={"project": project.slug})
    start_url = reverse("model-run-start", kwargs={"project": project.slug})
    given = {"predictor": "wavelet_refiner", "mask": f"video:{video.pk}"}
    refused = browser.post(start_url, given)
    assert refused.status_code == 400 and b"needs a mask" in refused.content
    assert not ModelRun.objects.exists()
    free = dataclasses.replace(GuidedFilter.traits, hints_on="none")
    monkeypatch.setattr(GuidedFilter, "traits", free)
    assert f'value="video:{video.pk}"' in browser.get(url).content.decode()
    assert browser.post(start_url, given | {"predictor": "guided_filter"}).status_code == 302
    assert ModelRun.objects.get().mask is None


def test_a_video_of_another_project_cannot_be_chosen_without_a_mask(
    browser: Client, project: Project, tmp_path: Path
) -> None:
    other = add(factories.project(), clip_file(tmp_path, frames=2))
    url = reverse("model-run-start", kwargs={"project": project.slug})
    given = {"predictor": "guided_filter", "mask": f"video:{other.pk}"}
    assert browser.post(url, given).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_stills_become_a_clip_that_models_run_over(
    browser: Client, project: Project, tmp_path: Path
) -> None:
    stills = []
    for number in range(2):
        path = tmp_path / f"still{number}.png"
        cv2.imwrite(str(path), np.full((48, 64, 3), 60 + 90 * number, np.uint8))
        asset = footage_add(project=project, path=path, actor=factories.actor())
        wait_for_target("ingest_footage", asset.pk)
        stills.append(asset.pk)
    address = {"project": project.slug}
    assert "still0" in browser.get(reverse("models", kwargs=address)).content.decode()
    made = browser.post(reverse("model-stills", kwargs=address), {"still": stills, "name": "two"})
    assert made.status_code == 302
    clip = Video.objects.get(name="two")
    wait_for_target("ingest_footage", clip.pk)
    clip.refresh_from_db()
    assert (clip.state, clip.frames, clip.width, clip.height) == ("ready", 2, 64, 48)
    none = browser.post(reverse("model-stills", kwargs=address), {})
    assert none.status_code == 400

"""Forms to take away: what each holds, that half is never kept, who may ask."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.domain.media.reader import read_gray, read_measured
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask, Video
from datasets_app.services.blobs import blob_path
from inference_app.models import ModelRun
from inference_app.services.runs.model_runs import run_create, run_make
from inference_app.services.runs.run_deliveries import run_delivery_make, run_delivery_start
from matteweb.accounts.models import Project, Role
from matteweb.errors import Cancelled, Conflict, NotFound
from matteweb.jobs.models import Job
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, read_mask, squares
from tests.inference_app.made_runs import finished

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
FRAMES = 3


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def mask(project: Project, tmp_path: Path) -> Mask:
    video: Video = add(project, clip_file(tmp_path, frames=FRAMES))
    return attach(video, mask_file(tmp_path, squares(FRAMES)))


@pytest.fixture
def run(mask: Mask) -> ModelRun:
    return finished(mask, "guided_filter", ACTOR)


def write(run: ModelRun, form: str) -> None:
    run_delivery_start(run=run, form_slug=form, actor=ACTOR)
    run_delivery_make(
        run_id=run.pk, form_slug=form, progress=ignore_progress, should_stop=never_stop
    )
    run.refresh_from_db()


@pytest.mark.parametrize(
    ("form", "column", "depth"),
    [("png", "pictures", np.uint8), ("png16", "deep_pictures", np.uint16)],
)
def test_a_zip_of_pictures_holds_each_frame_with_its_exact_alpha(
    run: ModelRun, form: str, column: str, depth: type[np.integer[Any]]
) -> None:
    write(run, form)
    assert run.result is not None and run.result.master is not None and run.deep is not None
    if depth is np.uint16:
        stored = np.stack(list(read_measured(blob_path(run.deep))))
    else:
        stored = np.stack(list(read_gray(blob_path(run.result.master))))
    with zipfile.ZipFile(blob_path(getattr(run, column))) as archive:
        names = archive.namelist()
        pictures = [
            cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_UNCHANGED)
            for name in names
        ]
    assert names == ["00000.png", "00001.png", "00002.png"]
    for picture, alpha in zip(pictures, stored, strict=True):
        assert picture is not None
        assert picture.dtype == depth and picture.shape == (48, 64, 4)
        assert np.array_equal(picture[..., 3], alpha)


def test_16_bits_say_more_than_8_and_the_same(run: ModelRun) -> None:
    assert run.result is not None and run.result.master is not None and run.deep is not None
    coarse = np.stack(list(read_gray(blob_path(run.result.master))))
    fine = np.stack(list(read_measured(blob_path(run.deep))))
    assert fine.dtype == np.uint16 and fine.shape == coarse.shape
    assert np.abs(fine / 257 - coarse).max() <= 0.5
    assert np.unique(fine).size > np.unique(coarse).size


def test_a_run_of_before_16_bits_leaves_what_it_has(run: ModelRun) -> None:
    ModelRun.objects.filter(pk=run.pk).update(deep=None)
    write(run, "png16")
    assert run.result is not None and run.result.master is not None
    assert run.deep_pictures is not None
    first = next(iter(read_gray(blob_path(run.result.master))))
    with zipfile.ZipFile(blob_path(run.deep_pictures)) as archive:
        data = np.frombuffer(archive.read("00000.png"), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert picture is not None and np.array_equal(picture[..., 3], first.astype(np.uint16) * 257)


@pytest.mark.parametrize(("form", "codec"), [("prores", "prores"), ("vp9", "vp9")])
def test_a_video_has_every_frame_at_its_rate_and_an_alpha(
    run: ModelRun, form: str, codec: str
) -> None:
    write(run, form)
    with av.open(str(blob_path(getattr(run, form)))) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == codec
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
        assert stream.average_rate == Fraction(16)
        if form == "prores":
            assert str(stream.codec_context.pix_fmt).startswith("yuva444p")
        else:
            assert stream.metadata.get("alpha_mode") == "1"


def test_asking_twice_writes_once_and_a_stop_leaves_nothing(run: ModelRun) -> None:
    run_delivery_start(run=run, form_slug="png", actor=ACTOR)
    run_delivery_start(run=run, form_slug="png", actor=ACTOR)
    assert Job.objects.filter(kind="run_delivery").count() == 1
    with pytest.raises(Cancelled):
        run_delivery_make(
            run_id=run.pk, form_slug="png", progress=ignore_progress, should_stop=lambda: True
        )
    run.refresh_from_db()
    assert run.pictures is None


def test_what_is_not_finished_or_not_a_form_is_refused(mask: Mask, run: ModelRun) -> None:
    with pytest.raises(NotFound, match="no form"):
        run_delivery_start(run=run, form_slug="gif", actor=ACTOR)
    young = run_create(video=mask.video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    with pytest.raises(Conflict, match="not finished"):
        run_delivery_start(run=young, form_slug="png", actor=ACTOR)


def test_the_api_runs_a_model_and_hands_out_what_came_of_it(mask: Mask, project: Project) -> None:
    user = factories.member(project, Role.ANNOTATOR)
    client = Client(headers={"Authorization": f"Bearer {factories.token(user)}"})

    def url(name: str, **parts: object) -> str:
        return reverse(name, kwargs={"project": project.slug, **parts})

    models = {row["slug"]: row for row in client.get(url("api-models")).json()}
    assert models["guided_filter"]["why_not"] == "" and models["wavelet_refiner"]["weights"]
    given = {"predictor": "guided_filter", "mask": mask.pk}
    answer = client.post(url("api-model-runs"), given, content_type="application/json")
    assert answer.status_code == 201 and answer.json()["state"] == "running"
    pk = answer.json()["id"]
    run_make(run_id=pk, progress=ignore_progress, should_stop=never_stop)
    run = ModelRun.objects.get(pk=pk)
    assert run.result is not None
    read_mask(run.result)
    assert client.get(url("api-model-runs")).json()["results"][0]["alpha_mask"] == run.result_id
    parts = {"pk": pk, "form": "png"}
    assert client.get(url("api-model-run-delivery-file", **parts)).status_code == 409
    assert client.post(url("api-model-run-delivery", **parts)).json()["state"] == "queued"
    run_delivery_make(run_id=pk, form_slug="png", progress=ignore_progress, should_stop=never_stop)
    rows = {row["form"]: row for row in client.get(url("api-model-run-deliveries", pk=pk)).json()}
    assert (rows["png"]["state"], rows["vp9"]["state"]) == ("ready", "absent")
    data = client.get(url("api-model-run-delivery-file", **parts))
    assert len(data.content) == rows["png"]["bytes"] and data.content[:2] == b"PK"
    for layer in ("alpha", "fgr"):
        assert client.get(url("api-model-run-layer", pk=pk, layer=layer)).status_code == 200


def test_a_run_without_mask_or_video_is_refused_by_the_api(project: Project) -> None:
    user = factories.member(project, Role.ANNOTATOR)
    client = Client(headers={"Authorization": f"Bearer {factories.token(user)}"})
    url = reverse("api-model-runs", kwargs={"project": project.slug})
    for given, words in (
        ({"predictor": "guided_filter"}, "neither a mask nor a video"),
        ({"predictor": "guided_filter", "mask": 4711}, "no mask 4711"),
    ):
        answer = client.post(url, given, content_type="application/json")
        assert answer.status_code == 400 and words in answer.content.decode()

"""Weights and clips at the edge of what there is: refused in words, or answered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask
from inference_app.adapters.warm_predictors import cool_predictors
from inference_app.domain.predictors import PREDICTORS
from inference_app.models import ModelRun, RunState
from inference_app.services.runs.model_runs import run_create, run_make
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.models import Job
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, squares
from tests.inference_app.tiny_models import TinyOnnxMatting

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
PICKLE = b"\x80\x04\x95 a pickle that nobody opens"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> Path:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    settings.WEIGHTS_DIR.mkdir()
    cool_predictors()
    return Path(settings.WEIGHTS_DIR)


def masked(folder: Path, size: FrameSize = FrameSize(64, 48), frames: int = 2) -> Mask:  # noqa: B008  # frozen
    video = add(factories.project(), clip_file(folder, frames=frames, size=size))
    return attach(video, mask_file(folder, squares(frames, size)))


@pytest.mark.parametrize("slug", ["vitmatte", "rvm"])
def test_missing_and_wrong_weights_are_refused_before_a_job_is_queued(
    own_folders: Path, tmp_path: Path, slug: str
) -> None:
    mask, name = masked(tmp_path), PREDICTORS[slug].weights[0].name
    before = Job.objects.count()
    with pytest.raises(Conflict, match="is not in"):
        run_create(video=mask.video, mask=mask, predictor_slug=slug, actor=ACTOR)
    (own_folders / name).write_bytes(PICKLE)
    with pytest.raises(BadInput, match="its sha256 differs"):
        run_create(video=mask.video, mask=mask, predictor_slug=slug, actor=ACTOR)
    assert Job.objects.count() == before and not ModelRun.objects.exists()


def test_a_network_of_ones_own_that_is_none_ends_the_run_in_words(
    own_folders: Path, tmp_path: Path
) -> None:
    mask = masked(tmp_path)
    (own_folders / "matting.onnx").write_bytes(b"\x08 and nothing that it should be")
    run = run_create(video=mask.video, mask=mask, predictor_slug="onnx_matting", actor=ACTOR)
    with pytest.raises(BadInput, match="cannot be read as ONNX"):
        run_make(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    run.refresh_from_db()
    assert run.state == RunState.FAILED and "matting.onnx" in run.error


@pytest.mark.parametrize("slug", ["onnx_matting", "birefnet"])
def test_a_pickle_under_the_name_of_a_network_is_refused_before_a_job_is_queued(
    own_folders: Path, tmp_path: Path, slug: str
) -> None:
    mask = masked(tmp_path)
    before = Job.objects.count()
    (own_folders / PREDICTORS[slug].weights[0].name).write_bytes(PICKLE)
    with pytest.raises(BadInput, match="is no onnx file"):
        run_create(video=mask.video, mask=mask, predictor_slug=slug, actor=ACTOR)
    assert Job.objects.count() == before and not ModelRun.objects.exists()


def test_a_network_of_ones_own_runs_over_a_video(own_folders: Path, tmp_path: Path) -> None:
    mask = masked(tmp_path)
    TinyOnnxMatting().prepare(own_folders)
    run = run_create(video=mask.video, mask=mask, predictor_slug="onnx_matting", actor=ACTOR)
    run_make(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    run.refresh_from_db()
    assert (run.state, run.done) == (RunState.READY, 2)


@pytest.mark.parametrize("size", [FrameSize(47, 33), FrameSize(16, 90)])
def test_one_frame_and_odd_sides_come_back_as_they_were(tmp_path: Path, size: FrameSize) -> None:
    mask = masked(tmp_path, size, frames=1)
    run = run_create(video=mask.video, mask=mask, predictor_slug="wavelet_refiner", actor=ACTOR)
    run_make(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    run.refresh_from_db()
    assert (run.state, run.frames) == (RunState.READY, 1)
    assert (run.width, run.height) == (mask.video.width, mask.video.height)


@pytest.mark.parametrize(("size", "frames"), [(FrameSize(40, 40), 2), (FrameSize(64, 48), 1)])
def test_a_mask_of_another_size_or_length_starts_no_run(
    tmp_path: Path, size: FrameSize, frames: int
) -> None:
    video = add(factories.project(), clip_file(tmp_path, frames=2, size=FrameSize(64, 48)))
    mask = attach(video, mask_file(tmp_path, squares(frames, size)))
    assert mask.state == "failed" and mask.error
    before = Job.objects.count()
    with pytest.raises(BadInput, match=f"cannot be used: {re.escape(mask.error)}"):
        run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    assert Job.objects.count() == before and not ModelRun.objects.exists()

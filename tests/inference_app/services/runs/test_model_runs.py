"""Runs over videos: what they leave, what survives a stop, what is refused before it starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.reader import read_gray, read_measured, read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_path
from inference_app.adapters.run_folders import live_streams, run_folder
from inference_app.adapters.warm_predictors import cool_predictors
from inference_app.models import ModelRun, RunState
from inference_app.services.runs import model_runs
from inference_app.services.runs.model_runs import run_create, run_delete, run_make
from inference_app.services.runs.run_leftovers import run_pieces_expire
from matteweb.accounts.models import AuditEntry, Project
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, read_mask, squares
from tests.inference_app.made_runs import make

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
FRAMES = 11


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    monkeypatch.setattr(model_runs, "PIECE", 4)
    cool_predictors()


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def video(project: Project, tmp_path: Path) -> Video:
    return add(project, clip_file(tmp_path, frames=FRAMES))


@pytest.fixture
def mask(video: Video, tmp_path: Path) -> Mask:
    return attach(video, mask_file(tmp_path, squares(FRAMES)))


def alpha_of(run: ModelRun) -> bytes:
    assert run.result is not None
    result = read_mask(run.result)
    assert result.state == IngestState.READY and result.kind == MaskKind.ALPHA
    assert result.master is not None
    return b"".join(frame.tobytes() for frame in read_gray(blob_path(result.master)))


def deep_of(run: ModelRun) -> bytes:
    assert run.deep is not None
    return b"".join(frame.tobytes() for frame in read_measured(blob_path(run.deep)))


def test_a_run_leaves_a_soft_mask_and_the_objects_own_colour(video: Video, mask: Mask) -> None:
    run = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    make(run)
    assert (run.state, run.done, run.frames) == (RunState.READY, FRAMES, FRAMES)
    run_pieces_expire()
    assert run_folder(run.pk).exists(), "what is watched while the result is read"
    assert len(alpha_of(run)) == FRAMES * 64 * 48
    run_pieces_expire()
    assert run.master is not None and run.delivery is not None and run.frame_index is not None
    colours = list(read_rgb(blob_path(run.master)))
    assert len(colours) == FRAMES and colours[0].shape == (48, 64, 3)
    assert not run_folder(run.pk).exists()
    assert AuditEntry.objects.filter(action="model_run.create").exists()
    assert Job.objects.get(kind="model_run").target_id == run.pk


def test_a_stopped_run_shows_what_it_has_and_goes_on_to_the_same_bytes(
    video: Video, mask: Mask
) -> None:
    whole = make(run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR))
    run = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    with pytest.raises(Cancelled):
        make(run, stop_after=6)
    run.refresh_from_db()
    assert (run.state, run.done) == (RunState.RUNNING, 4)
    alpha, colour = live_streams(run)
    assert alpha.frames_done() == colour.frames_done() == 4
    assert sum(1 for _ in alpha.read()) == 4
    make(run)
    assert run.state == RunState.READY
    assert alpha_of(run) == alpha_of(whole)
    assert deep_of(run) == deep_of(whole) and len(deep_of(run)) == 2 * FRAMES * 64 * 48


def test_pieces_go_when_the_reading_of_their_result_was_stopped(video: Video, mask: Mask) -> None:
    run = make(run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR))
    assert run.result is not None
    job_cancel(job=Job.objects.get(kind="ingest_mask", target_id=run.result.pk), actor=ACTOR)
    run_pieces_expire()
    assert not run_folder(run.pk).exists()


def test_pieces_of_runs_that_are_gone_go_those_of_stopped_ones_stay(
    video: Video, mask: Mask
) -> None:
    run = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    with pytest.raises(Cancelled):
        make(run, stop_after=6)
    run_folder(run.pk + 1).mkdir()
    beside = run_folder(run.pk).with_name("model-run-end-1")
    beside.mkdir()
    run_pieces_expire()
    assert run_folder(run.pk).exists() and beside.exists()
    assert not run_folder(run.pk + 1).exists()


def test_the_growing_file_and_its_index_fit_each_other(video: Video, mask: Mask) -> None:
    run = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    with pytest.raises(Cancelled):
        make(run, stop_after=9)
    alpha, _ = live_streams(run)
    index = alpha.index()
    assert index is not None and index["frames"] == 8
    data = alpha.live.read_bytes()
    assert index["bytes"] == len(data)
    assert sorted(chunk[3] for chunk in index["chunks"]) == list(range(8))
    assert [chunk[3] for chunk in index["chunks"] if chunk[2]] == [0, 4]
    for offset, size, *_ in index["chunks"]:
        # Each packet is NAL units with their lengths before them, filling it exactly.
        packet, at = data[offset : offset + size], 0
        while at < len(packet):
            at += 4 + int.from_bytes(packet[at : at + 4], "big")
        assert at == len(packet)
    assert json.loads((alpha.folder / "alpha.json").read_text()) == index


def test_a_kill_between_the_two_streams_of_a_piece_leaves_no_trace(
    video: Video, mask: Mask, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make(run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR))
    run = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    with pytest.raises(Cancelled):
        make(run, stop_after=6)
    alpha, _ = live_streams(run)
    shorter = alpha.index()
    make_more = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    with pytest.raises(Cancelled):
        make(make_more, stop_after=9)
    ahead = live_streams(make_more)[0]
    # The alpha of the second piece is unwritten again, as if the process had died before it.
    (ahead.folder / "alpha.json").write_text(json.dumps(shorter))
    assert live_streams(make_more)[1].frames_done() == 8
    make(make_more)
    assert alpha_of(make_more) == alpha_of(whole)
    assert deep_of(make_more) == deep_of(whole)
    assert make_more.master_id == whole.master_id


def test_what_cannot_run_is_refused_before_a_job_is_queued(
    video: Video, mask: Mask, project: Project, tmp_path: Path
) -> None:
    other = add(project, clip_file(tmp_path, "other", frames=FRAMES))
    several = attach(video, mask_file(tmp_path, squares(FRAMES), "objects"), name="objects")
    Mask.objects.filter(pk=several.pk).update(kind=MaskKind.INDEX)
    several.refresh_from_db()
    refused: list[tuple[Video, Mask | None, str, str]] = [
        (video, None, "guided_filter", "needs a mask"),
        (video, mask, "dis_flow", "makes neither alpha nor depth"),
        (video, mask, "nobody", "there is no predictor"),
        (other, mask, "guided_filter", "is no mask of other"),
        (video, several, "guided_filter", "several objects"),
    ]
    before = Job.objects.count()
    for of, by, slug, words in refused:
        with pytest.raises(BadInput, match=words):
            run_create(video=of, mask=by, predictor_slug=slug, actor=ACTOR)
    assert Job.objects.count() == before and not ModelRun.objects.exists()


def test_a_run_that_fails_says_why_on_its_row(video: Video, mask: Mask) -> None:
    run = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    assert video.original is not None
    Video.objects.filter(pk=video.pk).update(original=None, master=None)
    with pytest.raises(BadInput, match="has no file"):
        run_make(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    run.refresh_from_db()
    assert run.state == RunState.FAILED and "has no file" in run.error


def test_a_run_at_work_is_not_deleted_and_its_alpha_outlives_it(video: Video, mask: Mask) -> None:
    run = run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR)
    with pytest.raises(Conflict, match="at work"):
        run_delete(run=run, actor=ACTOR)
    make(run)
    result = run.result
    Job.objects.filter(target_id=run.pk, kind="model_run").update(state="done")
    run_delete(run=run, actor=ACTOR)
    assert result is not None and Mask.objects.filter(pk=result.pk).exists()
    assert not ModelRun.objects.exists()


def test_alpha_of_a_soft_edge_survives_to_the_mask_unchanged(video: Video, mask: Mask) -> None:
    run = make(run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=ACTOR))
    values = np.frombuffer(alpha_of(run), np.uint8)
    assert len(np.unique(values)) > 4

"""A run works at a smaller size when asked to, or when memory is short, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray
from datasets_app.models import Mask
from datasets_app.services.blobs import blob_path
from inference_app.domain import smaller
from inference_app.domain.smaller import stepped_down
from inference_app.models import ModelRun, RunState
from inference_app.services.runs import model_runs
from matteweb.errors import BadInput, OutOfMemory
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, squares
from tests.inference_app.made_runs import make
from tests.inference_app.short_memory import short_above

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
FRAMES = 6
SIZE = FrameSize(64, 48)


@pytest.fixture
def mask(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Mask:
    settings.BLOB_DIR, settings.WORK_DIR = tmp_path / "blobs", tmp_path / "work"
    for module in (smaller, model_runs):
        monkeypatch.setattr(module, "SMALLEST", 24)
    monkeypatch.setattr(model_runs, "PIECE", 2)
    video = add(factories.project(), clip_file(tmp_path, size=SIZE, frames=FRAMES))
    return attach(video, mask_file(tmp_path, squares(FRAMES, SIZE)))


def started(mask: Mask, **more: Any) -> ModelRun:
    return model_runs.run_create(
        video=mask.video, mask=mask, predictor_slug="guided_filter", actor=ACTOR, **more
    )


def frames_of(run: ModelRun) -> list[Any]:
    assert run.result is not None and run.result.original is not None
    return list(read_gray(blob_path(run.result.original)))


def test_a_run_at_a_smaller_size_comes_back_at_the_size_of_the_video(mask: Mask) -> None:
    run = started(mask, longest=32)
    make(run)
    assert run.state == RunState.READY and run.params == {"longest": 32}
    assert [alpha.shape for alpha in frames_of(run)] == [(48, 64)] * FRAMES
    whole = started(mask)
    make(whole)
    small, large = (frames_of(one)[0] > 127 for one in (run, whole))
    assert (small == large).mean() > 0.9 and not np.array_equal(frames_of(run), frames_of(whole))


def test_short_memory_lowers_the_size_until_it_fits_and_says_so(
    mask: Mask, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_above(monkeypatch, 40, after=3)
    run = started(mask)
    make(run)
    assert run.state == RunState.READY and run.params["longest"] == 36
    assert [note.split(": ")[1] for note in run.params["notes"]] == [
        "works at 48 pixels from here on",
        "works at 36 pixels from here on",
    ]
    assert len(frames_of(run)) == FRAMES


def test_what_does_not_fit_at_the_smallest_fails_in_words(
    mask: Mask, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_above(monkeypatch, 1)
    run = started(mask)
    with pytest.raises(OutOfMemory, match="memory ran out"):
        make(run)
    assert run.state == RunState.FAILED and run.params["longest"] == 24


def test_a_size_that_is_too_small_is_refused(mask: Mask) -> None:
    with pytest.raises(BadInput, match="10 pixels are too few"):
        started(mask, longest=10)


def test_steps_end_at_the_smallest() -> None:
    found, longest = [], 0
    while longest := stepped_down(FrameSize(1920, 1080), longest):
        found.append(longest)
    assert found == [1440, 1080, 810, 607, 455, 341, 256]

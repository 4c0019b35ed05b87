"""Runs of models: made to their end, or stopped on the way."""

from __future__ import annotations

from datasets_app.domain.progress import ignore_progress
from datasets_app.models import Mask
from inference_app.models import ModelRun
from inference_app.services.runs.model_runs import run_create, run_make
from matteweb.accounts.actor import Actor
from tests.footage import read_mask


def make(run: ModelRun, stop_after: int | None = None) -> ModelRun:
    """Make a run and return it as it then stands; one that has asked ``stop_after`` times whether
    to stop is told to, and raises Cancelled."""
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return stop_after is not None and len(asked) > stop_after

    try:
        run_make(run_id=run.pk, progress=ignore_progress, should_stop=should_stop)
    finally:
        run.refresh_from_db()
    return run


def finished(mask: Mask, predictor: str, actor: Actor) -> ModelRun:
    """Return a run over the video of ``mask`` whose result was read."""
    run = run_create(video=mask.video, mask=mask, predictor_slug=predictor, actor=actor)
    make(run)
    assert run.result is not None, run.error
    read_mask(run.result)
    run.refresh_from_db()
    return run

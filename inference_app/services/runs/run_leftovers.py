"""Pieces of finished runs, which are watched until the result is read and then of no use."""

from __future__ import annotations

from datasets_app.models.video import IngestState
from datasets_app.selectors.run_work import target_job
from inference_app.adapters.run_folders import (
    run_folder_note,
    run_folder_numbers,
    run_folder_remove,
    run_folder_seen,
)
from inference_app.models import ModelRun, RunState
from matteweb.jobs.states import LIVE

WATCHED_SECONDS = 3600
"""After whoever watches a run last asked for a piece of it; a page takes in the result by itself
where the frames that it has end."""


def run_pieces_watch(*, run: ModelRun) -> None:
    """Note that somebody watches the pieces of a run: they stay for an hour from now."""
    run_folder_note(run.pk)


def run_pieces_expire() -> None:
    """Remove the pieces of runs whose result was read, or is not being read any more, and which
    nobody watches; and of runs that are gone."""
    numbers = run_folder_numbers()
    runs = {run.pk: run for run in ModelRun.objects.filter(pk__in=numbers).select_related("result")}
    for number in numbers:
        if number not in runs or not _needed(runs[number]):
            run_folder_remove(number)


def _needed(run: ModelRun) -> bool:
    if run.state != RunState.READY or run_folder_seen(run.pk) < WATCHED_SECONDS:
        return True
    if run.result is None or run.result.state != IngestState.ARRIVING:
        return False
    reading = target_job("ingest_mask", run.result.pk)
    return reading is not None and reading.state in LIVE

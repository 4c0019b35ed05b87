"""Pieces of finished runs, which are watched until the result is read and then of no use."""

from __future__ import annotations

from datasets_app.models.video import IngestState
from inference_app.adapters.run_folders import run_folder_numbers, run_folder_remove
from inference_app.models import ModelRun, RunState


def run_pieces_expire() -> None:
    """Remove the pieces of runs whose result was read, and of runs that are gone."""
    numbers = run_folder_numbers()
    runs = {run.pk: run for run in ModelRun.objects.filter(pk__in=numbers).select_related("result")}
    for number in numbers:
        if number not in runs or not _needed(runs[number]):
            run_folder_remove(number)


def _needed(run: ModelRun) -> bool:
    arriving = run.result is not None and run.result.state == IngestState.ARRIVING
    return run.state != RunState.READY or arriving

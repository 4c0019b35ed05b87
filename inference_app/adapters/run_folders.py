"""Folders of runs that are under way. Unlike a job's scratch folder they survive a kill."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings


def run_folder(run_id: int) -> Path:
    """Return the folder of a run; it need not exist."""
    return Path(settings.WORK_DIR) / f"model-run-{run_id}"


def run_folder_remove(run_id: int) -> None:
    """Remove it with everything in it."""
    shutil.rmtree(run_folder(run_id), ignore_errors=True)

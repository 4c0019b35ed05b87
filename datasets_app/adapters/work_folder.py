"""Scratch folders of jobs: made anew for each attempt, gone afterwards whatever happened."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def work_folder(purpose: str) -> Iterator[Path]:
    """Yield an empty folder on the same disk as the blobs, so that storing is a rename.

    What a killed process left under the same purpose is removed first.
    """
    root = Path(settings.WORK_DIR)
    root.mkdir(parents=True, exist_ok=True)
    for left_over in root.glob(f"{purpose}.*"):
        shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{purpose}.", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

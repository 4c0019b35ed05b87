"""Scratch folders of the installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from datasets_app.domain.scratch import scratch_folder


@contextmanager
def work_folder(purpose: str) -> Iterator[Path]:
    """Yield an empty folder on the same disk as the blobs, so that storing is a rename; see
    `scratch_folder`."""
    with scratch_folder(Path(settings.WORK_DIR), purpose) as folder:
        yield folder

"""Folders of runs that are under way. Unlike a job's scratch folder they survive a kill."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from fractions import Fraction
from math import inf
from pathlib import Path
from time import time

from django.conf import settings

from datasets_app.domain.media.frames import FrameSize
from inference_app.domain.live_pieces import DeepPieces, LivePieces
from inference_app.models import ModelRun

_NAME = re.compile(r"model-run-(\d+)")
_SEEN = "seen"


def run_folder(run_id: int) -> Path:
    """Return the folder of a run; it need not exist."""
    return Path(settings.WORK_DIR) / f"model-run-{run_id}"


def run_folder_remove(run_id: int) -> None:
    """Remove it with everything in it."""
    shutil.rmtree(run_folder(run_id), ignore_errors=True)


def run_folder_numbers() -> list[int]:
    """Return the numbers of the runs that have a folder."""
    names = (_NAME.fullmatch(path.name) for path in Path(settings.WORK_DIR).glob("model-run-*"))
    return sorted(int(name[1]) for name in names if name)


def run_folder_note(run_id: int) -> None:
    """Note that somebody looks at what lies in the folder of a run now."""
    with suppress(FileNotFoundError):
        (run_folder(run_id) / _SEEN).touch()


def run_folder_seen(run_id: int) -> float:
    """Return how many seconds ago somebody last looked into the folder of a run."""
    try:
        return time() - (run_folder(run_id) / _SEEN).stat().st_mtime
    except FileNotFoundError:
        return inf


def live_streams(run: ModelRun) -> tuple[LivePieces, LivePieces]:
    """Return alpha and foreground as they grow."""
    folder, (size, fps) = run_folder(run.pk), _size_and_rate(run)
    return (
        LivePieces(folder, "alpha", "gray", size, fps),
        LivePieces(folder, "fgr", "rgb", size, fps),
    )


def deep_pieces(run: ModelRun) -> DeepPieces:
    """Return the alpha or depth in 16 bits as it grows."""
    return DeepPieces(run_folder(run.pk), "deep", *_size_and_rate(run))


def _size_and_rate(run: ModelRun) -> tuple[FrameSize, Fraction]:
    video = run.video
    return (
        FrameSize(video.width or 1, video.height or 1),
        Fraction(video.fps_num or 1, video.fps_den or 1),
    )

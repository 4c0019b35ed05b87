"""Real footage, when it lies beside the project; no test needs it to pass."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("MATTEWEB_CLIPS", Path(__file__).parents[2] / "shared" / "clips"))

needs_clips = pytest.mark.skipif(
    not ROOT.is_dir(), reason=f"no real clips in {ROOT} (set MATTEWEB_CLIPS)"
)


def clip(name: str) -> Path:
    """Return the video of the clip called ``name``."""
    return ROOT / name / "input_video.mp4"


def mask(name: str, number: int = 0) -> Path:
    """Return one mask video of the clip called ``name``."""
    return ROOT / name / f"mask_{number:02d}.mp4"

"""Same frames, same bytes, whatever memory the process used before."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayDeliveryWriter, RgbDeliveryWriter
from tests.scale import scale
from tests.tuples import tuple_frames

# Sizes at which x264's defaults gave several results in such a loop.
SIZES = [FrameSize(64, 48), FrameSize(176, 144), FrameSize(854, 480)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    ("writer", "layer"), [(RgbDeliveryWriter, "rgb_full"), (GrayDeliveryWriter, "mask")]
)
def test_a_delivery_does_not_depend_on_what_memory_held(
    tmp_path: Path, size: FrameSize, writer: type, layer: str
) -> None:
    frames = tuple_frames(14, size)[layer]
    rng = np.random.default_rng(0)
    found = set()
    for number in range(scale(6, 40) if size.width < 200 else scale(3, 20)):
        dirt = [rng.integers(0, 255, rng.integers(1_000, 400_000), np.uint8) for _ in range(20)]
        del dirt
        path = tmp_path / f"{number}.mp4"
        with writer(path, size, Fraction(16)) as out:
            for frame in frames:
                out.write(frame)
        found.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(found) == 1

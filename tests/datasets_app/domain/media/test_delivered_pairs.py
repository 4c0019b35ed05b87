"""Two deliveries of a sample differ where the object is, and hardly anywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.demo_clip import demo_clip
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame, frame_size
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import RgbDeliveryWriter
from tests.clips import clip, mask, needs_clips
from tests.scale import scale

# Beside a hard edge 4:2:0 moves chroma before anything is coded.
MARGIN = 4
REAL = [
    ("davis_camel", "davis_kite-walk"),
    ("davis_parkour", "davis_camel"),
    ("davis_camel", "animator-draw"),
    ("boys-beach", "davis_parkour"),
]

Pair = tuple[RgbFrame, RgbFrame, GrayFrame]
"""Full, removed, and the alpha of the pasted object."""


def _painted(slug: str) -> Iterator[Pair]:
    for frame in demo_clip(slug, size=FrameSize(320, 192), frames=scale(26, 64)):
        yield frame.rgb, frame.backdrop, frame.alpha


def _pasted(object_name: str, background: str, *, soft: float) -> Iterator[Pair]:
    stop = scale(24, 80)
    layers = zip(
        read_rgb(clip(object_name), stop=stop),
        read_gray(mask(object_name), stop=stop),
        read_rgb(clip(background), stop=stop),
        strict=False,
    )
    for colours, stored, removed in layers:
        alpha = np.where(stored > 127, 255, 0).astype(np.uint8)
        if soft:
            alpha = cv2.GaussianBlur(alpha, (0, 0), soft).astype(np.uint8)
        share = alpha[..., None].astype(np.float32) / 255
        full = np.rint(colours * share + removed * (1 - share)).astype(np.uint8)
        yield full, removed, alpha


def _differences(folder: Path, pairs: Sequence[Pair], margin: int) -> tuple[float, int]:
    """Return mean and 99.9th percentile of |full - removed| further than ``margin`` px away."""
    paths = [folder / "full.mp4", folder / "removed.mp4"]
    for path, layer in zip(paths, (0, 1), strict=True):
        with RgbDeliveryWriter(path, frame_size(pairs[0][0]), Fraction(16)) as out:
            for pair in pairs:
                out.write(pair[layer])
    counts = np.zeros(256, np.int64)
    kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    for full, removed, (_, _, alpha) in zip(*map(read_rgb, paths), pairs, strict=True):
        outside = cv2.dilate(alpha, kernel) == 0
        counts += np.bincount(cv2.absdiff(full, removed)[outside].ravel(), minlength=256)
    mean = float((counts * np.arange(256)).sum() / counts.sum())
    return mean, int(np.searchsorted(counts.cumsum() / counts.sum(), 0.999))


@pytest.mark.parametrize("slug", ["lantern", "kite", "boat", "jellyfish"])
def test_painted_pairs_are_equal_outside_of_the_figure(tmp_path: Path, slug: str) -> None:
    mean, high = _differences(tmp_path, list(_painted(slug)), margin=MARGIN)
    assert mean <= 1
    assert high <= 6


@needs_clips
@pytest.mark.parametrize(("object_name", "background"), REAL[: scale(2, len(REAL))])
def test_real_pairs_are_equal_outside_of_the_object(
    tmp_path: Path, object_name: str, background: str
) -> None:
    for soft, margin in ((1.5, 0), (0, MARGIN)):
        pairs = list(_pasted(object_name, background, soft=soft))
        mean, high = _differences(tmp_path, pairs, margin=margin)
        assert mean <= 1
        assert high <= 6

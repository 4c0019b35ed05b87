"""Small clips for predictors, and a predictor run over one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.device import Device
from inference_app.domain.predictors.base import LoadedPredictor, Prediction, Predictor, Shot
from inference_app.domain.predictors.weights import find_weights
from inference_app.domain.trimaps import trimap_of


def moving_disc(frames: int, height: int = 48, width: int = 64) -> Iterator[Shot]:
    """Yield a bright disc that moves over noise, with its mask on every frame."""
    rng = np.random.default_rng(4)
    ground = rng.integers(0, 110, (height, width, 3), np.uint8)
    y, x = np.mgrid[:height, :width]
    for index in range(frames):
        centre = width * (0.3 + 0.3 * (index % 20) / 20)
        inside = (x - centre) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2
        rgb = np.where(inside[..., None], np.uint8(220), ground)
        yield Shot(rgb.astype(np.uint8), (inside * 255).astype(np.uint8))


def hinted(shots: Iterator[Shot], predictor: Predictor) -> Iterator[Shot]:
    """Yield the shots with the hints that the predictor asks for, and with no others."""
    for index, shot in enumerate(shots):
        needed = predictor.traits.hints_on
        wanted = needed == "every" or (needed == "first" and index == 0)
        yield Shot(shot.rgb, _as_asked(shot.hint, predictor) if wanted else None)


def loaded(predictor: Predictor, folder: Path) -> LoadedPredictor:
    """Return the predictor in memory, on one thread of the CPU."""
    prepare = getattr(predictor, "prepare", None)
    if prepare is not None:
        prepare(folder)
    return predictor.load(find_weights(predictor, folder), Device())


def run(predictor: Predictor, shots: Iterator[Shot], folder: Path) -> list[Prediction]:
    """Return all predictions of a clip."""
    runner = loaded(predictor, folder)
    try:
        return list(runner.predict(hinted(shots, predictor), ignore_progress, never_stop))
    finally:
        runner.close()


def _as_asked(mask: GrayFrame | None, predictor: Predictor) -> GrayFrame | None:
    accepted = predictor.traits.accepts
    return trimap_of(mask, 3) if mask is not None and accepted[:1] == ("trimap",) else mask

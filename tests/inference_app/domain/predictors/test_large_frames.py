"""Frames larger than what a method works at: made smaller for it, and alpha enlarged again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference_app.domain.predictors.base import Predictor
from inference_app.domain.predictors.closed_form import ClosedForm
from inference_app.domain.predictors.flow_unet import FlowUnetLight
from inference_app.domain.predictors.guided_filter import GuidedFilter
from inference_app.domain.predictors.wavelet_refiner import WaveletRefinerLight
from tests.inference_app.predictions import moving_disc, run
from tests.scale import scale

HEIGHT, WIDTH = scale((135, 240), (4320, 7680))
LONGEST = scale(120, 1280)
LARGE = (
    WaveletRefinerLight(LONGEST),
    FlowUnetLight(),
    ClosedForm(longest=LONGEST),
    GuidedFilter(),
)


@pytest.mark.parametrize("predictor", LARGE, ids=lambda one: type(one).__name__)
def test_a_large_frame_is_answered_at_its_size(predictor: Predictor, tmp_path: Path) -> None:
    shot = next(moving_disc(1, HEIGHT, WIDTH))
    assert shot.hint is not None
    (found,) = run(predictor, iter([shot]), tmp_path)
    alpha, inside = found.layers["alpha"], shot.hint > 127
    assert alpha.shape == (HEIGHT, WIDTH) and np.isfinite(alpha).all()
    assert alpha[inside].mean() > 0.8 and alpha[~inside].mean() < 0.2

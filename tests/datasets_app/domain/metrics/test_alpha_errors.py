"""The reference metrics against computations of their own, written without OpenCV."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics import METRICS
from datasets_app.domain.metrics.base import MetricResult

HEIGHT, WIDTH = 26, 34
Plane = npt.NDArray[np.float64]


def planes(seed: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return a soft alpha and its truth: two blurred discs that differ."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    found = []
    for shift in (0, 1.5):
        distance = np.hypot(x - 15 - shift, y - 12)
        soft = np.clip((9 - distance) / 4 + rng.normal(0, 0.03, distance.shape), 0, 1)
        found.append(np.rint(soft * 255).astype(np.uint8))
    return found[0], found[1]


def measured(slug: str, seeds: tuple[int, ...] = (1,)) -> MetricResult:
    meter = METRICS[slug].start(FrameSize(WIDTH, HEIGHT), Fraction(24))
    for seed in seeds:
        alpha, truth = planes(seed)
        meter.add({"alpha": alpha, "alpha_truth": truth})
    return meter.finish()


def unit(seed: int = 1) -> tuple[Plane, Plane]:
    alpha, truth = planes(seed)
    return alpha / 255.0, truth / 255.0


def test_mad_mse_and_sad_are_the_sums_that_their_names_say() -> None:
    alpha, truth = unit()
    apart = [abs(a - b) for a, b in zip(alpha.flat, truth.flat, strict=True)]
    assert measured("mad").total == pytest.approx(1000 * sum(apart) / len(apart), rel=1e-5)
    assert measured("sad").total == pytest.approx(sum(apart) / 1000, rel=1e-5)
    square = sum(value * value for value in apart) / len(apart)
    assert measured("mse").total == pytest.approx(1000 * square, rel=1e-5)


def test_regions_are_what_their_definitions_say_pixel_by_pixel() -> None:
    alpha, truth = unit()
    apart, band, unknown, solid = np.abs(alpha - truth), [], [], []
    # The ellipse of 25 x 25 as OpenCV rasters it: rows of round(12 * sqrt(1 - (dy / 12)^2)).
    reach = [round(12 * (1 - (dy / 12) ** 2) ** 0.5) for dy in range(-12, 13)]
    for row, column in product(range(HEIGHT), range(WIDTH)):
        near = truth[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4]
        if ((near > 0.02) & (near < 0.98)).any():
            band.append(apart[row, column])
        seen = [
            truth[y, x]
            for dy, wide in zip(range(-12, 13), reach, strict=True)
            if 0 <= (y := row + dy) < HEIGHT
            for x in range(max(0, column - wide), min(WIDTH, column + wide + 1))
        ]
        if max(seen) > min(seen):
            unknown.append(apart[row, column])
        elif truth[row, column] > 0.5:
            solid.append(apart[row, column])
    assert measured("mad_band").total == pytest.approx(1000 * np.mean(band), rel=1e-5)
    assert measured("mad_unknown").total == pytest.approx(1000 * np.mean(unknown), rel=1e-5)
    assert not solid and measured("mad_foreground").total is None


def test_grad_is_the_difference_of_gaussian_gradients_by_direct_sums() -> None:
    def steepness(plane: Plane) -> Plane:
        grid = np.arange(-4, 5)
        bell = np.exp(-(grid**2) / (2 * 1.4**2))
        kernel = np.outer(bell, grid * bell)
        kernel /= np.sqrt((kernel**2).sum())
        wide = np.pad(plane, 4, mode="edge")
        out = np.zeros((2, HEIGHT, WIDTH))
        for row, column in product(range(HEIGHT), range(WIDTH)):
            window = wide[row : row + 9, column : column + 9]
            out[:, row, column] = (window * kernel).sum(), (window * kernel.T).sum()
        return np.asarray(np.sqrt((out**2).sum(0)))

    alpha, truth = unit()
    wanted = ((steepness(alpha) - steepness(truth)) ** 2).sum() / 1000
    assert measured("grad").total == pytest.approx(wanted, rel=1e-3)


def test_conn_is_the_published_procedure_with_another_labelling() -> None:
    alpha, truth = unit()
    levels = -np.ones(alpha.shape)
    for index in range(1, 11):
        both = (alpha >= index / 10 - 1e-7) & (truth >= index / 10 - 1e-7)
        labels, count = ndimage.label(both)
        sizes = ndimage.sum_labels(both, labels, range(1, count + 1))
        joined = labels == 1 + int(np.argmax(sizes)) if count else np.zeros_like(both)
        levels[(levels == -1) & ~joined] = (index - 1) / 10
    levels[levels == -1] = 1
    phis = [1 - np.where(p - levels >= 0.15, p - levels, 0) for p in (alpha, truth)]
    wanted = np.abs(phis[0] - phis[1]).sum() / 1000
    assert measured("conn").total == pytest.approx(wanted, rel=1e-4)


def test_messddt_is_nothing_for_an_error_that_moves_with_the_object() -> None:
    meter = METRICS["messddt"].start(FrameSize(64, 48), Fraction(24))
    still = METRICS["messddt"].start(FrameSize(64, 48), Fraction(24))
    y, x = np.mgrid[:48, :64]
    for time in range(3):
        truth = np.clip((12 - np.hypot(x - 22 - 3 * time, y - 24)) / 5, 0, 1)
        moving = np.clip(truth - 0.3 * (np.hypot(x - 22 - 3 * time, y - 24) < 6), 0, 1)
        standing = np.clip(truth - 0.3 * (np.hypot(x - 22, y - 24) < 6), 0, 1)
        for one, alpha in ((meter, moving), (still, standing)):
            one.add(
                {
                    "alpha": np.rint(alpha * 255).astype(np.uint8),
                    "alpha_truth": np.rint(truth * 255).astype(np.uint8),
                }
            )
    followed, left_behind = meter.finish(), still.finish()
    assert followed.frames[0] is None and len(followed.frames) == 3
    assert followed.total is not None and left_behind.total is not None
    assert followed.total < left_behind.total / 2


@pytest.mark.parametrize("slug", ["mad", "mad_band", "mse", "sad", "grad", "conn", "messddt"])
def test_the_truth_itself_has_no_error(slug: str) -> None:
    meter = METRICS[slug].start(FrameSize(WIDTH, HEIGHT), Fraction(24))
    truth = planes(1)[1]
    for _ in range(2):
        meter.add({"alpha": truth, "alpha_truth": truth})
    assert meter.finish().total == 0

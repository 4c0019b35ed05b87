"""What holds for every predictor in the list that can run here, and for borrowed ones in small."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import numpy as np
import psutil
import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import Predictor, Shot
from inference_app.domain.predictors.weights import SHIPPED, runnable
from matteweb.errors import BadInput, Cancelled
from tests.inference_app.predictions import hinted, loaded, moving_disc, run
from tests.inference_app.tiny_models import TINY
from tests.scale import scale

HERE = [*runnable(PREDICTORS, SHIPPED), *TINY]


@pytest.fixture(params=HERE, ids=lambda one: type(one).__name__)
def predictor(request: pytest.FixtureRequest) -> Predictor:
    chosen: Predictor = request.param
    return chosen


def test_there_is_one_prediction_per_frame_in_range(predictor: Predictor, tmp_path: Path) -> None:
    found = run(predictor, moving_disc(4), tmp_path)
    assert [prediction.index for prediction in found] == [0, 1, 2, 3]
    for prediction in found:
        assert tuple(prediction.layers) == predictor.traits.gives
        for name, plane in prediction.layers.items():
            assert plane.dtype == np.float32 and plane.shape[:2] == (48, 64)
            assert plane.ndim == (3 if name == "flow" else 2) and np.isfinite(plane).all()
            if name != "flow":
                assert plane.min() >= 0 and plane.max() <= 1


def test_the_same_clip_gives_the_same_bytes(predictor: Predictor, tmp_path: Path) -> None:
    first, again = (run(predictor, moving_disc(3), tmp_path) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert all(
            one.layers[name].tobytes() == other.layers[name].tobytes() for name in one.layers
        )


def test_a_second_clip_is_not_touched_by_the_first(predictor: Predictor, tmp_path: Path) -> None:
    runner = loaded(predictor, tmp_path)
    for length in (4, 2):
        shots = hinted(moving_disc(length), predictor)
        after = list(runner.predict(shots, ignore_progress, never_stop))
    alone = run(predictor, moving_disc(2), tmp_path)
    runner.close()
    for one, other in zip(after, alone, strict=True):
        assert all(
            one.layers[name].tobytes() == other.layers[name].tobytes() for name in one.layers
        )


def test_it_stops_before_the_next_frame_within_a_second_of_computing(
    predictor: Predictor, tmp_path: Path
) -> None:
    asked: list[float] = []
    runner = loaded(predictor, tmp_path)
    stream = runner.predict(
        hinted(moving_disc(10), predictor), ignore_progress, lambda: bool(asked)
    )
    next(stream)
    asked.append(time.process_time())
    with pytest.raises(Cancelled):
        next(stream)
    assert time.process_time() - asked[0] < 1
    runner.close()
    runner.close()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (33, 47), (17, 90)])
def test_odd_and_tiny_sizes_come_back_as_they_were(
    predictor: Predictor, tmp_path: Path, height: int, width: int
) -> None:
    found = run(predictor, moving_disc(2, height, width), tmp_path)
    for prediction in found:
        assert all(plane.shape[:2] == (height, width) for plane in prediction.layers.values())


def test_a_missing_hint_and_one_of_another_size_are_named(
    predictor: Predictor, tmp_path: Path
) -> None:
    if predictor.traits.hints_on == "none":
        return
    shot = next(moving_disc(1))
    runner = loaded(predictor, tmp_path)
    with pytest.raises(BadInput, match="frame 0 has no mask"):
        next(runner.predict(iter([Shot(shot.rgb)]), ignore_progress, never_stop))
    small = np.zeros((24, 32), np.uint8)
    with pytest.raises(BadInput, match="64x48 but its mask 32x24"):
        next(runner.predict(iter([Shot(shot.rgb, small)]), ignore_progress, never_stop))


def test_an_empty_and_a_full_mask_are_answered(predictor: Predictor, tmp_path: Path) -> None:
    shot = next(moving_disc(1))
    for value in (0, 255):
        mask = np.full((48, 64), value, np.uint8)
        (found,) = run(predictor, iter([Shot(shot.rgb, mask)]), tmp_path)
        assert all(np.isfinite(plane).all() for plane in found.layers.values())


def test_memory_does_not_grow_with_the_length_of_a_clip(
    predictor: Predictor, tmp_path: Path
) -> None:
    runner = loaded(predictor, tmp_path)
    process = psutil.Process()

    def consume(frames: int) -> int:
        for _ in runner.predict(
            hinted(moving_disc(frames), predictor), ignore_progress, never_stop
        ):
            pass
        return int(process.memory_info().rss)

    consume(8)
    tracemalloc.start()
    before, traced = consume(8), tracemalloc.get_traced_memory()[0]
    after, traced_after = consume(scale(40, 400)), tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    runner.close()
    assert after - before < 24 * 1024**2
    assert traced_after - traced < 1024**2

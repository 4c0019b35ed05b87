"""The propagation key: top-k matching by hand-made features and by learned keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.device import Device
from inference_app.domain.evaluation.baselines import MatchedEngine, UnawareEngine
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.forest import Lesson
from inference_app.domain.interactive.matching import Matching, matcher_of
from inference_app.domain.networks.key_net import STRIDE, KeyNet, KeyShape, keys_of, save_keys
from inference_app.domain.networks.tensor_file import read_tensors
from inference_app.domain.training.key_loop import (
    STATE,
    Pairs,
    clips_kept,
    matched_loss,
    train_key,
)
from inference_app.domain.training.key_plan import KeyPlan
from matteweb.errors import BadInput, Cancelled, OutOfMemory
from tests.inference_app.domain.interactive.moving import (
    HEIGHT,
    WIDTH,
    overlap,
    pictures,
    true_mask,
)
from tests.inference_app.short_memory import short_in_step

PLAN = KeyPlan(
    steps=8, batch=2, clips=2, bank=3, frames=3, height=32, width=48, channels=8, blocks=1, keys=4,
    save_every=3, rate=1e-2,
)  # fmt: skip


def trained(folder: Path, stop_at: int = -1) -> Path:
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) == stop_at

    done = train_key(
        PLAN, folder, device=Device("cpu"), progress=ignore_progress, should_stop=should_stop,
        report=lambda entry: None,
    )  # fmt: skip
    return done.path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("whole"))


def lesson(labels: Sequence[float], places: Sequence[tuple[float, ...]]) -> Lesson:
    return Lesson(np.array(places, np.float32), np.array(labels, np.float32))


def test_the_nearest_squares_are_heard_and_the_many_far_ones_are_not() -> None:
    near = [(0.0, 0.0, 0.0), (0.1, 0.0, 0.0)]
    far = [(5.0 + 0.01 * n, 0.0, 0.0) for n in range(60)]
    known = lesson([1, 1] + [0] * 60, near + far)
    rng = np.random.default_rng(0)
    heard = matcher_of([known], Matching(nearest=2), rng)
    assert heard is not None
    sure = heard(np.array([(0.05, 0.0, 0.0), (5.2, 0.0, 0.0)], np.float32))
    assert sure.tolist() == pytest.approx([1, 0])
    all_of_them = matcher_of([known], Matching(nearest=62), rng)
    assert all_of_them is not None
    drowned = all_of_them(np.array([(0.05, 0.0, 0.0)], np.float32))
    assert drowned[0] < 0.5


def test_memory_is_bounded_and_needs_both_classes() -> None:
    rng = np.random.default_rng(1)
    many = lesson([1.0] * 500 + [0.0] * 500, [tuple(row) for row in rng.random((1000, 5))])
    kept = matcher_of([many, many], Matching(most=40), rng)
    assert kept is not None and len(kept._labels) == 80 and kept._labels.sum() == 40
    assert matcher_of([lesson([1.0], [(0.0, 0.0, 0.0)])], Matching(), rng) is None
    assert matcher_of([], Matching(), rng) is None


def test_masks_travel_by_matching_too_and_differ_from_those_of_trees_alone(keys: Path) -> None:
    clip, found = pictures(6), []
    for engine in (UnawareEngine(), MatchedEngine(), MatchedEngine(keys)):
        session = engine.open(clip, FlowSource(clip))
        session.refer(0, 1, true_mask(0))
        masks = {done.frame: done.masks[1] for done in session.propagate(0, [1], never_stop)}
        assert sorted(masks) == [1, 2, 3, 4, 5]
        assert all(overlap(masks[frame], true_mask(frame)) > 0.6 for frame in masks)
        found.append(masks[5])
    assert all(not np.array_equal(found[0], other) for other in found[1:])


def test_it_learns_and_goes_on_exactly_where_it_was_stopped(keys: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        trained(tmp_path, stop_at=5)
    assert read_tensors(tmp_path / STATE)[1]["step"] == "4"
    one, two = (read_tensors(path)[0] for path in (trained(tmp_path), keys))
    assert all(torch.equal(one[name], two[name]) for name in two)
    with pytest.raises(BadInput, match="another plan"):
        train_key(
            PLAN.model_copy(update={"rate": 1e-3}), tmp_path, device=Device("cpu"),
            progress=ignore_progress, should_stop=never_stop, report=lambda entry: None,
        )  # fmt: skip


def test_weights_that_changed_in_a_step_that_did_not_end_are_not_kept(
    keys: Path, tmp_path: Path
) -> None:
    with short_in_step(5), pytest.raises(OutOfMemory, match="at step 4"):
        trained(tmp_path)
    assert read_tensors(tmp_path / STATE)[1]["step"] == "3"
    one, two = (read_tensors(path)[0] for path in (trained(tmp_path), keys))
    assert all(torch.equal(one[name], two[name]) for name in two)


def test_painted_clips_are_kept_up_to_half_a_gibibyte() -> None:
    assert clips_kept(KeyPlan()) >= KeyPlan().clips
    large = PLAN.model_copy(update={"frames": 100, "height": 512, "width": 512})
    assert clips_kept(large) == 5  # of 100 frames of 1 MiB


def test_keys_that_tell_the_object_apart_have_a_lower_loss() -> None:
    torch.manual_seed(0)
    net = KeyNet(KeyShape(8, 1, 4))
    pairs = Pairs(PLAN)
    drawn = [pairs.drawn(number) for number in range(4)]
    rgb, alpha = (torch.from_numpy(np.stack(one)) for one in zip(*drawn, strict=True))
    painted = alpha[..., None].expand(-1, -1, -1, -1, 3).contiguous()
    with torch.inference_mode():
        assert matched_loss(net, painted, alpha) < matched_loss(net, rgb, alpha)


def test_a_picture_has_one_key_per_square_whatever_its_size(keys: Path, tmp_path: Path) -> None:
    made = keys_of(keys)(pictures(1)[0])
    assert made.shape == (HEIGHT // STRIDE, WIDTH // STRIDE, 4) and made.dtype == np.float32
    assert np.linalg.norm(made, axis=2) == pytest.approx(1, abs=1e-5)
    assert keys_of(keys)(np.zeros((3, 9, 3), np.uint8)).shape == (1, 2, 4)
    other = tmp_path / "other.safetensors"
    net = KeyNet(KeyShape(8, 1, 4))
    save_keys(other, net, {"head.weight": torch.zeros(1)}, {})
    with pytest.raises(BadInput, match="own shape"):
        keys_of(other)
    (tmp_path / "none.safetensors").write_bytes(b"nothing")
    with pytest.raises(BadInput, match="safetensors"):
        keys_of(tmp_path / "none.safetensors")

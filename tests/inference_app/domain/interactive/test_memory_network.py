"""A memory network behind the protocol of masks by hand: a real export, small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datasets_app.domain.progress import never_stop
from inference_app.domain.hints import Scribble
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.memory_network import (
    MEMORY_NETWORK,
    MemoryNetworkEngine,
    MemoryNetworkSession,
    told_frames,
)
from inference_app.domain.model_folders import use_weights
from inference_app.domain.networks.memory_net import Remembered, read_memory
from matteweb.errors import BadInput, Cancelled, WeightsMissing
from tests.inference_app.domain.interactive.moving import (
    FRAMES,
    HEIGHT,
    WIDTH,
    overlap,
    pictures,
    true_mask,
)
from tests.inference_app.tiny_memory import TinyMemory, write_memory_network, write_sizes


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    write_memory_network(folder / MEMORY_NETWORK.name)
    return folder


@pytest.fixture
def session(weights: Path) -> MemoryNetworkSession:
    use_weights(weights)
    return opened()


def opened(frames: int = FRAMES) -> MemoryNetworkSession:
    clip = pictures(frames)
    return MemoryNetworkEngine().open(clip, FlowSource(clip))


def test_it_follows_two_objects_by_their_looks_both_ways(session: MemoryNetworkSession) -> None:
    for number in (1, 2):
        session.refer(4, number, true_mask(4, number))
    found = {done.frame: done for done in session.propagate(4, [1, 2], never_stop)}
    assert sorted(found) == [frame for frame in range(FRAMES) if frame != 4]
    for frame, done in found.items():
        for number in (1, 2):
            assert done.masks[number].shape == (HEIGHT, WIDTH)
            assert overlap(done.masks[number], true_mask(frame, number)) > 0.6
            assert 0 < done.sure[number] <= 1
        assert (done.masks[1] + done.masks[2]).max() <= 1.001


def test_marks_are_understood_by_the_built_in_engine(session: MemoryNetworkSession) -> None:
    mask = session.interact(0, 1, [Scribble(((17.0, 26.0), (31.0, 26.0)), True, 2)], None)
    assert overlap(mask, true_mask(0)) > 0.8


def test_a_neighbour_reference_bounds_the_way_and_asking_to_stop_ends_it(
    session: MemoryNetworkSession,
) -> None:
    for frame in (2, 6):
        session.refer(frame, 1, true_mask(frame))
    found = list(session.propagate(6, [1], never_stop))
    assert {done.frame for done in found if done.final} == {3, 4, 5, 7, 8, 9}
    with pytest.raises(Cancelled):
        list(session.propagate(6, [1], lambda: True))


def test_the_same_references_say_the_same_in_another_session(
    session: MemoryNetworkSession,
) -> None:
    session.refer(4, 1, true_mask(4))
    state = json.loads(json.dumps(session.state()))
    assert state["engine"] == "memory_network"
    again = opened()
    again.restore(state)
    pairs = zip(
        session.propagate(4, [1], never_stop), again.propagate(4, [1], never_stop), strict=True
    )
    assert all(np.array_equal(one.masks[1], two.masks[1]) for one, two in pairs)


def test_what_is_remembered_does_not_grow_with_the_clip(session: MemoryNetworkSession) -> None:
    track = session._network.track(session.pictures.size, 1)
    track.refer(session.pictures[0], true_mask(0)[None])
    held = []
    for _ in range(4):
        for frame in range(1, FRAMES):
            track.at(session.pictures[frame])
            held.append(track.held)
    assert max(held) == held[-1] == 1 + 3
    assert held[:7] == [1, 2, 2, 3, 3, 4, 4]


def test_the_nearest_references_with_all_objects_are_told_and_the_start_last() -> None:
    some = np.zeros((2, 2), np.float32)
    references = {f: {1: some, 2: some} for f in (0, 4, 8, 20, 30)} | {5: {1: some}}
    assert told_frames(references, [1, 2], 4) == [20, 8, 0, 4]
    assert told_frames(references, [1], 4)[-2:] == [5, 4]


def test_memory_gives_the_mean_of_its_nearest_places_by_likeness() -> None:
    key = torch.tensor([0.0, 1.0, 5.0]).reshape(1, 1, 1, 3)
    one = torch.ones(1, 1, 1, 3)
    values = torch.tensor([1.0, 0.0, 9.0]).reshape(1, 1, 1, 3)
    read = read_memory(torch.zeros(1, 1, 1, 1), one[..., :1], [Remembered(key, one, values)], 2)
    # Distances 0 and 1; the third is not among the two nearest.
    assert float(read) == pytest.approx(1 / (1 + np.exp(-1)))
    twice = read_memory(
        torch.zeros(1, 1, 1, 1), one[..., :1], [Remembered(key, 2 * one, values)], 2
    )
    assert float(twice) == pytest.approx(1 / (1 + np.exp(-2)))


def test_what_is_missing_is_named_with_its_place(tmp_path: Path) -> None:
    use_weights(tmp_path)
    said = ENGINES["memory_network"].unavailable()
    assert "network.pt" in said and str(tmp_path / "memory-network") in said
    with pytest.raises(WeightsMissing, match="memory network"):
        opened(2)


def test_only_the_export_that_was_chosen_by_its_digest_is_run(
    weights: Path, tmp_path: Path
) -> None:
    folder = tmp_path / MEMORY_NETWORK.name
    folder.mkdir()
    use_weights(tmp_path)
    (folder / "network.pt").write_bytes((weights / folder.name / "network.pt").read_bytes())
    for sizes, words in (
        ({"sha256": "0" * 64}, "not the export"),
        ({"sha256": "none"}, "does not describe"),
        ({"side": 1}, "does not describe"),
    ):
        write_sizes(folder, **sizes)
        with pytest.raises(BadInput, match=words):
            opened(2)


def test_an_export_that_does_something_else_is_refused_before_it_is_used(tmp_path: Path) -> None:
    folder = tmp_path / MEMORY_NETWORK.name
    folder.mkdir()
    use_weights(tmp_path)

    def tried(content: Any, words: str, **sizes: Any) -> None:
        if isinstance(content, bytes):
            (folder / "network.pt").write_bytes(content)
        else:
            torch.jit.script(content).save(str(folder / "network.pt"))
        write_sizes(folder, **sizes)
        with pytest.raises(BadInput, match=words):
            opened(2)

    tried(b"no export", "no TorchScript")
    tried(torch.nn.ReLU(), "has no look, remember, decide, state_planes")
    # Its places are 4 pixels apart: they do not cover a picture of 21.
    tried(TinyMemory(), "does not do what", multiple=7)

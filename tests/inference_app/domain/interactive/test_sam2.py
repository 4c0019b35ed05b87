"""SAM 2 behind the protocol of masks by hand: the real architecture, small, weights at random."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.progress import never_stop
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.base import Brush, Prompt
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.sam2 import SAM2, Sam2Engine, Sam2Session, points_of
from inference_app.domain.model_folders import SIZES, WEIGHTS, use_weights
from matteweb.errors import BadInput, Cancelled, WeightsMissing
from tests.inference_app.tiny_folders import write_sam2

WIDTH, HEIGHT, FRAMES = 64, 48, 24


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    write_sam2(folder / SAM2.name)
    return folder


@pytest.fixture
def session(weights: Path) -> Sam2Session:
    use_weights(weights)
    return opened()


def opened() -> Sam2Session:
    rng = np.random.default_rng(0)
    frames = [rng.integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8) for _ in range(FRAMES)]
    for number, frame in enumerate(frames):
        frame[10:30, number : number + 20] = (220, 30, 30)
    clip = PictureList(frames)
    return Sam2Engine().open(clip, FlowSource(clip))


def square(number: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[10:30, number : number + 20] = 1
    return mask


def test_marks_make_the_same_soft_mask_again_and_other_marks_another(session: Sam2Session) -> None:
    marks: list[Prompt] = [Click(20, 20), Scribble(((12.0, 12.0), (20.0, 25.0), (24.0, 28.0)))]
    first = session.interact(2, 1, marks, None)
    assert first.shape == (HEIGHT, WIDTH) and first.dtype == np.float32
    assert 0 <= first.min() < first.max() <= 1
    assert np.array_equal(session.interact(2, 1, marks, None), first)
    assert not np.array_equal(session.interact(2, 1, [Click(50, 40)], None), first)
    assert not np.array_equal(session.interact(2, 1, marks, square(2)), first)


def test_nothing_is_the_object_without_a_mark_that_speaks_for_it(session: Sam2Session) -> None:
    assert not session.interact(0, 1, [Click(5, 5, positive=False)], None).any()
    assert np.array_equal(session.interact(0, 1, [], square(0)), square(0))


def test_what_is_painted_stands_as_drawn(session: Sam2Session) -> None:
    mask = session.interact(0, 1, [Click(20, 20), Brush(((5.0, 40.0),), 3.0)], None)
    assert mask[40, 5] == 1


def test_a_box_comes_before_points_and_a_stroke_becomes_a_few() -> None:
    line = tuple((float(x), 3.0) for x in range(40))
    told = points_of([Scribble(line, positive=False), Box(1, 2, 30, 20), Click(4, 4)])
    assert told[:2] == [(1, 2, 2), (30, 20, 3)]
    assert [says for _, _, says in told[2:]] == [0, 0, 0, 0, 0, 1]
    assert told[2][0] < told[6][0] and told[7][:2] == (4, 4)


def test_masks_travel_both_ways_and_a_neighbour_reference_bounds_them(
    session: Sam2Session,
) -> None:
    session.refer(4, 1, square(4))
    session.refer(4, 2, 1 - square(4))
    session.refer(12, 1, square(12))
    found = {done.frame: done for done in session.propagate(4, [1], never_stop) if done.final}
    assert sorted(found) == [0, 1, 2, 3, *range(5, 12)]
    assert all(0 <= done.sure[1] <= 1 for done in found.values())
    both = [done for done in session.propagate(4, [1, 2], never_stop) if set(done.masks) == {1, 2}]
    assert both and all((done.masks[1] + done.masks[2]).max() <= 1.001 for done in both)
    with pytest.raises(Cancelled):
        list(session.propagate(4, [1], lambda: True))


def test_a_session_from_its_stored_state_says_the_same(session: Sam2Session) -> None:
    session.refer(4, 1, square(4))
    state = json.loads(json.dumps(session.state()))
    assert state["engine"] == "sam2"
    again = opened()
    again.restore(state)
    pairs = zip(
        session.propagate(4, [1], never_stop), again.propagate(4, [1], never_stop), strict=True
    )
    assert all(np.array_equal(one.masks[1], two.masks[1]) for one, two in pairs)


def test_what_a_track_holds_does_not_grow_with_the_clip(session: Sam2Session) -> None:
    track = session._network.track(session.pictures)
    track.refer(0, square(0))
    held = []
    for frame in range(1, FRAMES):
        track.at(frame, reverse=False)
        outputs = track._session.output_dict_per_obj[0]
        assert not any(
            "high_res_masks" in one for kind in outputs.values() for one in kind.values()
        )
        held.append(len(outputs["non_cond_frame_outputs"]) + len(outputs["cond_frame_outputs"]))
    assert max(held) == held[-1] == 17


def test_what_is_missing_is_named_with_its_place(tmp_path: Path) -> None:
    use_weights(tmp_path)
    engine = ENGINES["sam2"]
    assert WEIGHTS in engine.unavailable() and str(tmp_path / "sam2") in engine.unavailable()
    with pytest.raises(WeightsMissing, match="sam2"):
        opened()


def test_weights_that_do_not_fit_or_are_none_are_refused(weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / SAM2.name
    folder.mkdir()
    use_weights(tmp_path)
    (folder / SIZES).write_bytes((weights / SAM2.name / SIZES).read_bytes())
    (folder / WEIGHTS).write_bytes(b"no tensors")
    with pytest.raises(BadInput, match=WEIGHTS):
        opened()
    whole = (weights / SAM2.name / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole)
    sizes = json.loads((folder / SIZES).read_text())
    (folder / SIZES).write_text(json.dumps(sizes | {"memory_attention_num_layers": 2}))
    with pytest.raises(BadInput, match="does not fit"):
        opened()
    (folder / SIZES).write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(BadInput, match="sam2_video"):
        opened()

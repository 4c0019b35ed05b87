from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.base import Brush, Copied, FillHoles, Outline, Prompt
from inference_app.domain.interactive.chain import FADES, ChainFrame
from inference_app.domain.interactive.flow import FlowSource, flow_prepare
from inference_app.domain.interactive.fusion import steadied
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.scribble import ScribbleEngine
from inference_app.domain.interactive.strokes import bridges
from matteweb.errors import BadInput, Cancelled
from tests.inference_app.domain.interactive.moving import (
    FRAMES,
    HEIGHT,
    WIDTH,
    centre,
    overlap,
    pictures,
    session,
    true_mask,
)


def never() -> bool:
    return False


def _line(frame: int = 0) -> Scribble:
    x, y = centre(frame)
    return Scribble(((x - 7, y), (x, y + 2), (x + 7, y)), True, 2)


def test_one_stroke_through_an_object_finds_it() -> None:
    assert overlap(session().interact(0, 1, [_line()], None), true_mask(0)) > 0.85


def test_a_click_finds_it_too_and_a_negative_one_is_obeyed() -> None:
    x, y = centre(0)
    opened = session()
    assert overlap(opened.interact(0, 1, [Click(x, y)], None), true_mask(0)) > 0.5
    mask = opened.interact(0, 1, [Click(x, y), Click(x + 40, y, positive=False)], None)
    assert mask[int(y), int(x)] == 1 and mask[int(y), int(x + 40)] == 0


def test_a_box_alone_finds_what_fills_it_and_nothing_outside() -> None:
    x, y = centre(0)
    mask = session().interact(0, 1, [Box(x - 14, y - 14, x + 14, y + 14)], None)
    assert overlap(mask, true_mask(0)) > 0.7
    assert mask[:, int(x) + 16 :].max() == 0


def test_the_same_marks_give_the_same_mask() -> None:
    one, two = (session().interact(2, 1, [_line(2)], None) for _ in range(2))
    assert np.array_equal(one, two)


def test_a_mark_changes_what_hangs_together_with_it_and_nothing_else() -> None:
    x, y = centre(0)
    opened = session()
    before = opened.interact(0, 1, [_line()], None)
    aside = Scribble(((x + 30, y - 8), (x + 30, y + 8)), False, 2)
    after = opened.interact(0, 1, [_line(), aside], None)
    changed = (after > 0.5) != (before > 0.5)
    count, parts = cv2.connectedComponents(changed.astype(np.uint8))
    near = np.zeros(changed.shape, bool)
    near[int(y) - 16 : int(y) + 17, int(x) + 22 : int(x) + 39] = True
    assert all(near[parts == part].any() for part in range(1, count))
    assert (after[int(y) - 7 : int(y) + 8, int(x) + 30] == 0).all()


def test_many_marks_one_by_one_are_the_same_as_all_at_once_elsewhere() -> None:
    x, y = centre(0)
    marks: list[Prompt] = [_line()]
    marks += [Click(x + 20 + 2 * n, y + n, positive=False) for n in range(20)]
    opened = session()
    for count in range(1, len(marks) + 1):
        mask = opened.interact(0, 1, marks[:count], None)
    assert np.array_equal(session().interact(0, 1, marks, None), mask)
    assert np.array_equal(
        opened.interact(0, 1, marks[:-1], None), session().interact(0, 1, marks[:-1], None)
    )


def test_two_strokes_on_a_pole_say_that_it_is_one() -> None:
    picture = np.full((96, 128, 3), (40, 110, 150), np.uint8)
    rng = np.random.default_rng(1)
    picture += rng.integers(0, 12, picture.shape, np.uint8)
    picture[:, 60:65] = (200, 195, 190)
    marks = [
        Scribble(((62.0, 6.0), (62.0, 14.0)), True, 1),
        Scribble(((62.0, 80.0), (62.0, 90.0)), True, 1),
    ]
    nowhere = np.zeros((96, 128), bool)
    way = bridges(picture, marks, nowhere)
    assert way[16:78, 62].all() and not way[:, :60].any()
    barred = nowhere.copy()
    barred[40:50, 55:70] = True
    assert not bridges(picture, marks, barred).any()
    picture[:, 100:105] = (200, 195, 190)
    other = Scribble(((102.0, 80.0), (102.0, 90.0)), True, 1)
    assert not bridges(picture, [marks[0], other], nowhere).any()


def test_marks_off_the_frame_are_harmless() -> None:
    away = Scribble(((-500.0, -500.0), (9000.0, -3.0)), True, 3)
    assert session().interact(0, 1, [away], None).max() <= 1
    assert session().interact(0, 1, [Click(1e9, -1e9)], None).max() <= 1


def test_a_mask_that_was_right_stays_when_nothing_is_drawn() -> None:
    before = true_mask(1)
    assert np.array_equal(session().interact(1, 1, [], before), before)


def test_a_correction_changes_the_mask_before_it_where_it_was_drawn() -> None:
    before = true_mask(0)
    before[:, 60:90] = 1  # a slab far from the object was taken too
    wrong = Scribble(((75.0, 5.0), (75.0, 55.0)), False, 3)
    mask = session().interact(0, 1, [wrong], before)
    assert overlap(mask, true_mask(0)) > overlap(before, true_mask(0)) + 0.1


def test_what_is_painted_is_taken_as_drawn_in_its_order() -> None:
    square = Outline(((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0)))
    hole = Brush(((20.0, 20.0),), 4, positive=False)
    mask = session().interact(0, 1, [square, hole], None)
    assert mask[12, 12] == 1 and mask[20, 20] == 0 and mask[40, 40] == 0
    filled = session().interact(0, 1, [square, hole, FillHoles()], None)
    assert filled[20, 20] == 1 and filled[40, 40] == 0
    copied = session().interact(0, 1, [square, Copied(true_mask(3))], None)
    assert np.array_equal(copied, true_mask(3))


def test_a_soft_brush_has_a_soft_edge() -> None:
    mask = session().interact(0, 1, [Brush(((40.0, 30.0),), 10, soft=0.5)], None)
    assert mask[30, 40] == 1 and 0.2 < mask[30, 48] < 0.9 and mask[30, 53] == 0


def test_masks_travel_both_ways_from_the_middle() -> None:
    opened = session()
    for number in (1, 2):
        opened.refer(4, number, true_mask(4, number))
    found = list(opened.propagate(4, [1, 2], never))
    assert sorted(done.frame for done in found) == [f for f in range(FRAMES) if f != 4]
    for done in found:
        for number in (1, 2):
            assert overlap(done.masks[number], true_mask(done.frame, number)) > 0.75
    nearest, farthest = found[0], found[-1]
    assert nearest.sure[1] > farthest.sure[1]


def test_between_two_references_both_directions_are_heard() -> None:
    opened = session()
    for frame in (0, FRAMES - 1):
        opened.refer(frame, 1, true_mask(frame))
    found = list(opened.propagate(0, [1], never))
    final = {done.frame: done for done in found if done.final}
    assert sorted(final) == list(range(1, FRAMES - 1))
    assert [done.frame for done in found if not done.final] == list(range(1, FRAMES - 1))
    assert min(overlap(final[f].masks[1], true_mask(f)) for f in final) > 0.85


def test_motion_is_heard_as_far_as_it_was_sure_and_agrees_with_itself() -> None:
    learned = np.full((1, 1, 2), 0.4, np.float32)

    def way(carried: tuple[float, float], trust: float) -> ChainFrame:
        planes = np.array([[carried]], np.float32)
        return ChainFrame(5, np.ones_like(planes), np.full((1, 2), trust), (1.0,), planes)

    def met(ahead: tuple[float, float], back: tuple[float, float], trust: float) -> list[float]:
        found = steadied(learned, way(ahead, trust), way(back, trust), 0, 10)
        return [float(value) for value in found[0, 0]]

    sure = FADES**5
    assert met((0.5, 0), (0.5, 0), sure) == pytest.approx([0.5, 0], abs=1e-5)
    assert met((0.5, 0), (0.5, 0), 0) == pytest.approx([0.4, 0.4])
    assert met((0.5, 0), (0, 0), sure) == pytest.approx([0.4 - 0.75 * 0.15, 0], abs=1e-5)
    blind = ChainFrame(5, learned, np.ones((1, 2), np.float32), (1.0,))
    assert np.array_equal(steadied(learned, blind, way((1, 1), sure), 0, 10), learned)


def test_an_object_is_the_motions_where_its_ways_overlap_better_than_what_was_learned() -> None:
    def way(learned: list[int], carried: list[int]) -> ChainFrame:
        one, two = (np.array([[row]], np.float32) for row in (learned, carried))
        return ChainFrame(5, one, np.zeros((1, 4), np.float32), (1.0,), two)

    mean = np.array([[[1, 1, 0.4, 0]]], np.float32)
    better = way([1, 1, 0, 0], [1, 0, 0, 1]), way([1, 0, 1, 0], [1, 0, 0, 1])
    assert steadied(mean, *better, 0, 10)[0, 0].tolist() == [1, 0, 0, 1]
    worse = way([1, 1, 0, 0], [1, 0, 0, 1]), way([1, 1, 0, 0], [1, 0, 1, 0])
    lost = way([1, 1, 0, 0], [0, 0, 0, 0]), way([1, 0, 1, 0], [0, 0, 0, 0])
    whole = np.array([[[1, 1, 1, 0]]], np.float32)
    rest = way([1, 1, 0, 0], [1, 0, 0, 0]), way([1, 0, 1, 0], [1, 0, 0, 0])
    for masks, ways in ((mean, worse), (mean, lost), (whole, rest)):
        assert np.array_equal(steadied(masks, *ways, 0, 10), masks)


def test_nothing_beyond_a_neighbouring_reference_is_touched() -> None:
    opened = session()
    for frame in (2, 6):
        opened.refer(frame, 1, true_mask(frame))
    assert {done.frame for done in opened.propagate(6, [1], never)} == {3, 4, 5, 7, 8, 9}


def test_a_correction_changes_its_object_and_leaves_the_others_and_far_places_alone() -> None:
    opened = session()
    before = {f: {n: true_mask(f, n) for n in (1, 2)} for f in range(FRAMES)}
    for frame in range(FRAMES):
        before[frame][1][:6, -12:] = 1  # wrong far from the object, everywhere
    fixed = before[4][1].copy()
    x, y = (round(value) for value in centre(4))
    fixed[:, x + 3 : x + 13] = 0  # the correction speaks of the right part of object 1
    opened.refer(4, 1, fixed)
    opened.refer(4, 2, before[4][2])
    for done in opened.propagate(4, [1, 2], never, before):
        assert set(done.masks) == {1}  # nothing was said of object 2
        far = np.s_[:6, -12:]
        assert np.allclose(done.masks[1][far], before[done.frame][1][far])
    near = {done.frame: done for done in opened.propagate(4, [1, 2], never, before)}
    x, y = (round(value) for value in centre(5))
    assert near[5].masks[1][y, x + 8] < 0.5 < before[5][1][y, x + 8]


def test_an_object_that_is_in_no_reference_of_the_frame_is_not_carried() -> None:
    opened = session()
    opened.refer(4, 1, true_mask(4))
    assert all(set(done.masks) == {1} for done in opened.propagate(4, [1, 2], never))


def test_a_clip_of_one_frame_has_nothing_to_carry() -> None:
    opened = session(frames=1)
    opened.refer(0, 1, true_mask(0))
    assert list(opened.propagate(0, [1], never)) == []


def test_carrying_stops_before_the_next_frame() -> None:
    opened = session()
    opened.refer(0, 1, true_mask(0))
    seen: list[int] = []
    with pytest.raises(Cancelled):
        for done in opened.propagate(0, [1], lambda: len(seen) >= 2):
            seen.append(done.frame)
    assert seen == [1, 2]


def test_a_session_goes_on_elsewhere_from_its_state() -> None:
    opened = session()
    opened.refer(3, 1, true_mask(3))
    state = json.loads(json.dumps(opened.state()))
    other = session()
    other.restore(state)
    one, two = (next(s.propagate(3, [1], never)) for s in (opened, other))
    assert np.array_equal(one.masks[1], two.masks[1])


def test_what_does_not_fit_is_refused_with_its_numbers() -> None:
    with pytest.raises(BadInput, match="12x8"):
        session().refer(0, 1, np.zeros((8, 12), np.float32))
    with pytest.raises(BadInput, match="no frame 10"):
        session().interact(10, 1, [], None)
    with pytest.raises(BadInput, match="no mask to carry"):
        list(session().propagate(0, [1], never))


def test_kept_motion_gives_the_same_masks_as_motion_computed_on_the_way(tmp_path: Path) -> None:
    clip = pictures(4)
    flow_prepare(clip, tmp_path, lambda done, total: None, never)
    assert len(list(tmp_path.glob("*.flow"))) == 6
    found = []
    for source in (FlowSource(clip), FlowSource(clip, tmp_path)):
        opened = ScribbleEngine().open(clip, source)
        opened.refer(0, 1, true_mask(0))
        found.append([done.masks[1] for done in opened.propagate(0, [1], never)])
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def test_frames_of_a_few_pixels_work() -> None:
    clip = PictureList([np.full((3, 5, 3), 40 * i, np.uint8) for i in range(3)])
    opened = ScribbleEngine().open(clip, FlowSource(clip))
    opened.interact(0, 1, [Click(2, 1)], None)
    assert len(list(opened.propagate(0, [1], never))) == 2


def test_the_clip_is_as_long_and_large_as_it_says() -> None:
    clip = pictures()
    assert (clip.size.width, clip.size.height, clip.frames) == (WIDTH, HEIGHT, FRAMES)
    assert [engine.info.slug for engine in ENGINES] == ["scribble", "sam2", "memory_network"]

"""Clicks, scribbles and boxes on one frame become a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive.colour_cut import cut
from inference_app.domain.interactive.edges import guided, smoothed
from inference_app.domain.interactive.features import drawn
from inference_app.domain.interactive.forest import Lesson, learned
from inference_app.domain.interactive.planes import (
    BoolMask,
    Field,
    Floats,
    SoftMask,
    Window,
    enlarged,
    touching,
    window_of,
)

Mark = Click | Scribble | Box

# Work is done on a part of the frame, made so small that an answer takes no longer than a moment.
_SQUARES: Final = 12_000
_GEODESIC_SQUARES: Final = 4_000
_SMALLEST_EXTENT: Final = 24.0
_CLICK_EXTENT: Final = 0.12
_ROUNDS: Final = 2
_MOST: Final = 2000
_TREES: Final = 20
# How far from a stroke the object is expected to end, in lengths of what was drawn.
_ENDS_AT, _ENDS_SOFTLY = 0.35, 8.0
_NEAR_WEIGHT, _GEODESIC_WEIGHT = 0.3, 1.0
_STEP_COST: Final = 1.5
_SURE_IN, _SURE_OUT = 0.75, 0.25
_SMOOTHING, _CONTRAST = 60.0, 8.0


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The part of a frame that is looked at, made smaller, and what was drawn there."""

    window: Window
    lab: Field
    inside: BoolMask
    outside: BoolMask
    before: SoftMask | None
    extent: float

    @property
    def border(self) -> BoolMask:
        """What lies at the edge of the part, where the part does not end with the frame."""
        height, width = self.inside.shape
        margin = max(2, int(0.04 * min(height, width)))
        return _frame_of((height, width), margin)


def mask_of(picture: RgbFrame, marks: Sequence[Mark], previous: SoftMask | None) -> SoftMask:
    """Return the object that ``marks`` describe, (H, W).

    All marks count at once, the order does not matter. Without any positive mark, box or
    ``previous``, nothing is the object. What was stroked is so exactly, whatever the colours say.
    Marks may lie partly or wholly outside the frame.
    """
    shape = (picture.shape[0], picture.shape[1])
    drawn_in, drawn_out = _drawn(marks, shape)
    box = _boxed(marks, shape)
    before = None if previous is None or not (previous > 0.5).any() else previous
    if not drawn_in.any() and box is None and before is None:
        return np.zeros(shape, np.float32)
    if before is not None and not (drawn_in.any() or drawn_out.any() or box is not None):
        return before
    scene = _scene(picture, drawn_in, drawn_out, box, before)
    answer = _answer(scene)
    part = scene.window.slices
    guess = np.zeros(shape, np.float32)
    guess[part] = enlarged(answer, (scene.window.height, scene.window.width))
    if before is None:
        guess = _agreed(picture, guess, drawn_in, drawn_out)
    refined = guided(picture[part], guess[part], 4, 1e-4)
    result = np.zeros(shape, np.float32)
    result[part] = np.clip(1.5 * (refined - 0.5) + 0.5, 0, 1)
    if before is not None:
        # What the part does not show is as it was.
        outer = np.ones(shape, bool)
        outer[part] = False
        result[outer] = before[outer]
    result[drawn_in & ~drawn_out] = 1
    result[drawn_out & ~drawn_in] = 0
    if box is not None:
        result[~box] = 0
    return result


def _agreed(picture: RgbFrame, guess: SoftMask, inside: BoolMask, outside: BoolMask) -> SoftMask:
    """Return the mean of what was learned and of a cut that begins there.

    The two fail on different pictures: with strokes of a robot on real clips, each alone came to
    0.04 to 0.06 less J.
    """
    both = (guess + cut(picture, guess, inside, outside)) / 2
    if not inside.any():
        return both
    return np.asarray(both * touching((both > 0.4) | inside, inside), np.float32)


def _drawn(marks: Sequence[Mark], shape: tuple[int, int]) -> tuple[BoolMask, BoolMask]:
    planes = np.zeros((2, *shape), np.uint8)
    for mark in marks:
        if isinstance(mark, Box):
            continue
        plane = planes[0 if mark.positive else 1]
        if isinstance(mark, Click):
            points: tuple[tuple[float, float], ...] = ((mark.x, mark.y),)
            radius = 2.0
        else:
            points, radius = mark.points, mark.radius
        line = np.round(np.array(points, np.float64).clip(-1e4, 1e4)).astype(np.int32)
        if len(line) == 1:
            cv2.circle(plane, line[0].tolist(), max(1, round(radius)), 1, -1)
        elif len(line):
            cv2.polylines(plane, [line.reshape(-1, 1, 2)], False, 1, max(1, round(2 * radius - 1)))
    return planes[0] > 0, planes[1] > 0


def _boxed(marks: Sequence[Mark], shape: tuple[int, int]) -> BoolMask | None:
    boxes = [mark for mark in marks if isinstance(mark, Box)]
    if not boxes:
        return None
    inside = np.zeros(shape, bool)
    for box in boxes:
        top, left = max(0, round(box.top)), max(0, round(box.left))
        inside[top : max(0, round(box.bottom)) + 1, left : max(0, round(box.right)) + 1] = True
    return inside


def _scene(
    picture: RgbFrame,
    inside: BoolMask,
    outside: BoolMask,
    box: BoolMask | None,
    before: SoftMask | None,
) -> _Scene:
    shape = inside.shape
    what = inside.copy()
    if box is not None:
        what |= box
    if before is not None:
        what |= (before > 0.5) | outside
    tight = window_of(what)
    assert tight is not None  # noqa: S101
    extent = float(max(tight.width, tight.height, _SMALLEST_EXTENT))
    if box is None and before is None and extent <= _SMALLEST_EXTENT:
        extent = max(extent, _CLICK_EXTENT * max(shape))
    reach = 0.25 if box is not None or before is not None else 1.0
    window = tight.grown(int(reach * extent) + 10, shape)
    scale = min(1.0, float(np.sqrt(_SQUARES / (window.width * window.height))))
    small = (max(8, int(window.width * scale)), max(8, int(window.height * scale)))

    def made(mask: BoolMask) -> BoolMask:
        part = mask[window.slices].astype(np.uint8) * 255
        return cast(BoolMask, cv2.resize(part, small, interpolation=cv2.INTER_AREA) > 80)

    part = cv2.resize(picture[window.slices], small, interpolation=cv2.INTER_AREA)
    drawn_out = made(outside)
    if box is not None:
        drawn_out |= ~made(box)
    return _Scene(
        window=window,
        lab=cv2.cvtColor(part, cv2.COLOR_RGB2LAB).astype(np.float32),
        inside=made(inside) & ~drawn_out,
        outside=drawn_out,
        before=None if before is None else cv2.resize(before[window.slices], small),
        extent=extent * scale,
    )


def _answer(scene: _Scene) -> SoftMask:
    """Learn from what was drawn, judge every square, learn again from what is now sure."""
    features = _features(scene.lab)
    flat = features.reshape(-1, features.shape[2])
    prior = _prior(scene)
    border = scene.border if scene.before is None else np.zeros_like(scene.inside)
    positive, negative = _first_guess(scene, border)
    rng = np.random.default_rng(0)
    mask = prior
    for number in range(_ROUNDS):
        forest = learned([_lesson(flat, scene, positive, negative, rng)], _TREES, number, leaf=4)
        if forest is None:
            break
        looks = forest(flat).reshape(prior.shape)
        odds = np.log((looks + 0.02) / (1 - looks + 0.02)) + prior
        mask = (1 / (1 + np.exp(-odds))).astype(np.float32)
        mask[border] *= 0.3
        mask = _regular(scene, mask)
        positive = (mask > _SURE_IN) | scene.inside
        negative = ((mask < _SURE_OUT) | scene.outside) & ~scene.inside
        if scene.inside.any() and scene.before is None:
            held = touching(positive, scene.inside)
            negative |= positive & ~held
            positive = held
        positive &= ~scene.outside
    if scene.inside.any() and scene.before is None:
        mask = mask * touching(mask > 0.3, scene.inside)
    return mask.astype(np.float32)


def _features(lab: Field) -> Field:
    mean = cv2.blur(lab, (7, 7))
    deviation = np.sqrt(np.maximum(cv2.blur(lab * lab, (7, 7)) - mean * mean, 0))
    planes = [lab, cv2.blur(lab, (3, 3)), mean, cv2.blur(lab, (15, 15)), deviation]
    return np.concatenate(planes, axis=2, dtype=np.float32)


def _prior(scene: _Scene) -> SoftMask:
    """Return log odds before any colour was looked at."""
    odds = np.zeros(scene.inside.shape, np.float32)
    if scene.before is not None:
        before = np.clip(scene.before, 0.1, 0.9)
        odds += np.log(before / (1 - before))
    if scene.inside.any():
        way_in = _geodesic(scene.lab, scene.inside)
        if scene.outside.any():
            way_out = _geodesic(scene.lab, scene.outside)
        else:
            way_out = np.full_like(way_in, way_in.max() + 1)
        odds += _GEODESIC_WEIGHT * (2 * way_out / (way_in + way_out + 1e-6) - 1)
        if scene.before is None:
            near = 1 / (1 + np.exp((_distance(scene) - _ENDS_AT) * _ENDS_SOFTLY))
            near = np.clip(near, 0.02, 0.98)
            odds += _NEAR_WEIGHT * np.log(near / (1 - near))
    return odds.astype(np.float32)


def _distance(scene: _Scene) -> SoftMask:
    """Return the distance from what was drawn, in lengths of what was drawn."""
    away = cv2.distanceTransform((~scene.inside).astype(np.uint8), cv2.DIST_L2, 5)
    return cast(SoftMask, away / scene.extent)


def _first_guess(scene: _Scene, border: BoolMask) -> tuple[BoolMask, BoolMask]:
    if scene.before is None:
        if not scene.inside.any():  # a box alone: its middle
            away = cv2.distanceTransform((~scene.outside).astype(np.uint8), cv2.DIST_L2, 5)
            return cast(BoolMask, away > 0.5 * away.max()), scene.outside | border
        far = (_distance(scene) > _ENDS_AT * 1.6) | border
        return scene.inside, (scene.outside | far) & ~scene.inside
    # A stroke that contradicts the mask before makes its surroundings an open question.
    wrong = (scene.inside & (scene.before < 0.5)) | (scene.outside & (scene.before > 0.5))
    away = cv2.distanceTransform((~wrong).astype(np.uint8), cv2.DIST_L2, 5)
    open_question = away < 0.2 * scene.extent
    positive = ((scene.before > 0.7) & ~open_question) | scene.inside
    negative = ((scene.before < 0.3) & ~open_question) | scene.outside
    return positive & ~scene.outside, negative & ~scene.inside


def _lesson(
    flat: Floats,
    scene: _Scene,
    positive: BoolMask,
    negative: BoolMask,
    rng: np.random.Generator,
) -> Lesson:
    """Draw from both kinds; what a person drew is in it twice."""
    ins = [drawn(np.flatnonzero(positive), _MOST, rng), np.flatnonzero(scene.inside)]
    outs = [
        drawn(np.flatnonzero(negative), _MOST, rng),
        drawn(np.flatnonzero(scene.outside), _MOST, rng),
    ]
    labels = np.zeros(sum(map(len, ins + outs)), np.float32)
    labels[: sum(map(len, ins))] = 1
    return Lesson(flat[np.concatenate(ins + outs)], labels)


def _regular(scene: _Scene, mask: SoftMask) -> SoftMask:
    """Smooth along what belongs together; strokes pull hard."""
    mask[scene.inside], mask[scene.outside] = 1, 0
    trust = (np.abs(mask - 0.5) * 2 + 0.05).astype(np.float32)
    trust[scene.inside | scene.outside] = 20
    return smoothed(scene.lab, mask, trust, _SMOOTHING, _CONTRAST)


def _geodesic(lab: Field, seeds: BoolMask) -> SoftMask:
    """Return the length of the shortest way from ``seeds``, where a step across an edge is long."""
    height, width = seeds.shape
    stride = max(1, int(np.sqrt(height * width / _GEODESIC_SQUARES)))
    small = (max(1, width // stride), max(1, height // stride))
    colours = cv2.resize(cv2.blur(lab, (3, 3)), small, interpolation=cv2.INTER_AREA)
    begun = cv2.resize(seeds.astype(np.uint8) * 255, small, interpolation=cv2.INTER_AREA) > 0
    ways = _ways(colours.reshape(small[1], small[0], -1), begun)
    return enlarged(ways, (height, width))


def _ways(colours: Field, begun: BoolMask) -> SoftMask:
    height, width = begun.shape
    count = height * width
    number = np.arange(count).reshape(height, width)
    flat = colours.reshape(count, -1)
    starts, ends, costs = [], [], []
    for down, across, length in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.414), (1, -1, 1.414)):
        one = number[: height - down, max(0, -across) : width - max(0, across)].ravel()
        two = number[down:, max(0, across) : width + min(0, across)].ravel()
        starts.append(one)
        ends.append(two)
        costs.append(np.linalg.norm(flat[one] - flat[two], axis=1) + _STEP_COST * length)
    seeds = np.flatnonzero(begun)
    starts.append(np.full(len(seeds), count))
    ends.append(seeds)
    costs.append(np.full(len(seeds), 1e-6))
    graph = coo_matrix(
        (np.concatenate(costs), (np.concatenate(starts), np.concatenate(ends))),
        shape=(count + 1, count + 1),
    ).tocsr()
    ways = dijkstra(graph, directed=False, indices=count)[:count]
    return cast(SoftMask, ways.reshape(height, width).astype(np.float32))


def _frame_of(shape: tuple[int, int], margin: int) -> BoolMask:
    edge = np.ones(shape, bool)
    edge[margin:-margin, margin:-margin] = False
    return edge

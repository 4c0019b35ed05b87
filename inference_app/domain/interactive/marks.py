"""Clicks, scribbles and boxes on one frame become a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

import cv2
import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.colour_cut import cut
from inference_app.domain.interactive.edges import guided, smoothed
from inference_app.domain.interactive.features import drawn
from inference_app.domain.interactive.forest import Lesson, learned
from inference_app.domain.interactive.planes import (
    BoolMask,
    SoftMask,
    Window,
    touching,
    window_of,
)
from inference_app.domain.interactive.scenes import ENDS_AT, Scene, Told, scene_around, scene_in
from inference_app.domain.interactive.strokes import Mark, boxed, bridges, drawn_planes

_MOST: Final = 2000
_TREES: Final = 20
_SURE_IN, _SURE_OUT = 0.75, 0.25
_SMOOTHING, _CONTRAST = 60.0, 8.0
# The second look: so much around what the first one found, when it is so much smaller.
_CLOSER_REACH, _CLOSER_BELOW = 0.25, 0.7
_FIRST_LOOK_WEIGHT: Final = 0.5
# At 240 px the cut costs twice as much and is no better.
_CUT_SIDE: Final = 160
_GUIDE_RADIUS, _GUIDE_EPSILON, _CONTRAST_GAIN = 4, 1e-4, 1.5
# Somebody waits: trees grow on two cores.
_HANDS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Lessons:
    """What is taken for the object and for what is not, in the squares of a scene."""

    positive: BoolMask
    negative: BoolMask


def mask_of(picture: RgbFrame, marks: Sequence[Mark], previous: SoftMask | None) -> SoftMask:
    """Return the object that ``marks`` describe, (H, W).

    All marks count at once, the order does not matter. Without any positive mark, box or
    ``previous``, nothing is the object. What was stroked is so exactly, whatever the colours say.
    Marks may lie partly or wholly outside the frame. What lies between two strokes and looks like
    both is taken for the object at first.
    """
    shape = (picture.shape[0], picture.shape[1])
    drawn_in, drawn_out = drawn_planes(marks, shape)
    box = boxed(marks, shape)
    before = None if previous is None or not (previous > 0.5).any() else previous
    if not drawn_in.any() and box is None and before is None:
        return np.zeros(shape, np.float32)
    if before is not None and not (drawn_in.any() or drawn_out.any() or box is not None):
        return before
    told = Told(drawn_in, drawn_out, box, before)
    if before is None and box is None:
        told = replace(told, inside=drawn_in | bridges(picture, marks, drawn_out))
    guess, part = _answer(picture, told)
    if before is None:
        guess = _agreed(picture, guess, told.inside, drawn_out)
    result = _refined(picture, guess, part)
    if before is not None:
        # What the part does not show is as it was.
        outer = np.ones(shape, bool)
        outer[part.slices] = False
        result[outer] = before[outer]
    result[drawn_in & ~drawn_out] = 1
    result[drawn_out & ~drawn_in] = 0
    if box is not None:
        result[~box] = 0
    return result


def _refined(picture: RgbFrame, guess: SoftMask, part: Window) -> SoftMask:
    """Return ``guess`` along the edges of the picture, 0 outside of ``part``."""
    result = np.zeros_like(guess)
    shown = guess[part.slices]
    some = window_of(shown > 0)
    if some is not None:
        # Where the filter reaches nothing of the object it gives 0.
        seen = some.grown(2 * _GUIDE_RADIUS + 1, shown.shape).slices
        refined = guided(picture[part.slices][seen], shown[seen], _GUIDE_RADIUS, _GUIDE_EPSILON)
        result[part.slices][seen] = np.clip(_CONTRAST_GAIN * (refined - 0.5) + 0.5, 0, 1)
    return result


def _agreed(picture: RgbFrame, guess: SoftMask, inside: BoolMask, outside: BoolMask) -> SoftMask:
    """Return the mean of what was learned and of a cut that begins there.

    The two fail on different pictures: with strokes of a robot on real clips, each alone came to
    0.04 to 0.06 less J.
    """
    both = (guess + cut(picture, guess, inside, outside, _CUT_SIDE)) / 2
    if not inside.any():
        return both
    return np.asarray(both * touching((both > 0.4) | inside, inside), np.float32)


def _answer(picture: RgbFrame, told: Told) -> tuple[SoftMask, Window]:
    """Learn from what was drawn and judge every square; look closer; learn from what is sure.

    Returns the mask at the size of the frame, and the part of it that was looked at.
    """
    shape = (told.inside.shape[0], told.inside.shape[1])
    scene, rng = scene_around(picture, told), np.random.default_rng(0)
    mask = _judged(scene, scene.prior, _first_lessons(scene), 0, rng)
    if mask is None:
        return scene.plane(_held(scene, scene.prior), shape), scene.window
    lessons, prior = _next_lessons(scene, mask), scene.prior
    closer = _closer(picture, told, scene, scene.plane(_held(scene, mask), shape))
    if closer is not None:
        prior = _carried_prior(scene, closer, mask, shape)
        lessons = _Lessons(
            (closer.of(scene.plane(_soft(lessons.positive), shape)) > 0.9) | closer.inside,
            (closer.of(scene.plane(_soft(~lessons.negative), shape)) < 0.1) | closer.outside,
        )
        lessons = _Lessons(lessons.positive & ~closer.outside, lessons.negative & ~closer.inside)
        scene = closer
    again = _judged(scene, prior, lessons, 1, rng)
    if again is None:
        again = mask if closer is None else prior
    return scene.plane(_held(scene, again), shape), scene.window


def _closer(picture: RgbFrame, told: Told, scene: Scene, found: SoftMask) -> Scene | None:
    """Return a scene of what was found alone, so that the same squares show it finer.

    None where something was known before, or where it is not much smaller.
    """
    if told.before is not None or told.box is not None or not told.inside.any():
        return None
    tight = window_of((found > 0.3) | told.inside)
    assert tight is not None  # noqa: S101
    side = max(tight.width, tight.height)
    window = tight.grown(int(_CLOSER_REACH * side) + 10, found.shape)
    if window.width * window.height > _CLOSER_BELOW * scene.window.width * scene.window.height:
        return None
    extent = scene.extent * scene.window.width / scene.shape[1]
    return scene_in(picture, told, window, extent, whole=False)


def _carried_prior(scene: Scene, closer: Scene, mask: SoftMask, shape: tuple[int, int]) -> SoftMask:
    """Return the log odds of the first look, its answer among them, in the closer scene."""
    found = np.clip(closer.of(scene.plane(_held(scene, mask), shape)), 0.1, 0.9)
    odds = closer.of(scene.plane(scene.prior, shape))
    return np.asarray(odds + _FIRST_LOOK_WEIGHT * np.log(found / (1 - found)), np.float32)


def _judged(
    scene: Scene, prior: SoftMask, lessons: _Lessons, seed: int, rng: np.random.Generator
) -> SoftMask | None:
    """Return how sure every square is; None when there is nothing to tell apart."""
    flat = scene.samples
    lesson = _lesson(flat, scene, lessons, rng)
    forest = learned([lesson], _TREES, seed, leaf=4, hands=_HANDS)
    if forest is None:
        return None
    looks = forest(flat).reshape(scene.shape)
    odds = np.log((looks + 0.02) / (1 - looks + 0.02)) + prior
    mask = (1 / (1 + np.exp(-odds))).astype(np.float32)
    mask[scene.border] *= 0.3
    return _regular(scene, mask)


def _first_lessons(scene: Scene) -> _Lessons:
    if scene.before is None:
        border = scene.border
        if not scene.inside.any():  # a box alone: its middle
            away = cv2.distanceTransform((~scene.outside).astype(np.uint8), cv2.DIST_L2, 5)
            return _Lessons(cast(BoolMask, away > 0.5 * away.max()), scene.outside | border)
        far = (scene.distance > ENDS_AT * 1.6) | border
        return _Lessons(scene.inside, (scene.outside | far) & ~scene.inside)
    # A stroke that contradicts the mask before makes its surroundings an open question.
    wrong = (scene.inside & (scene.before < 0.5)) | (scene.outside & (scene.before > 0.5))
    away = cv2.distanceTransform((~wrong).astype(np.uint8), cv2.DIST_L2, 5)
    open_question = away < 0.2 * scene.extent
    positive = ((scene.before > 0.7) & ~open_question) | scene.inside
    negative = ((scene.before < 0.3) & ~open_question) | scene.outside
    return _Lessons(positive & ~scene.outside, negative & ~scene.inside)


def _next_lessons(scene: Scene, mask: SoftMask) -> _Lessons:
    """Return what is sure now."""
    positive = (mask > _SURE_IN) | scene.inside
    negative = ((mask < _SURE_OUT) | scene.outside) & ~scene.inside
    if scene.inside.any() and scene.before is None:
        held = touching(positive, scene.inside)
        negative |= positive & ~held
        positive = held
    return _Lessons(positive & ~scene.outside, negative)


def _held(scene: Scene, mask: SoftMask) -> SoftMask:
    """Return the parts of a mask that something was drawn in; all of it where a mask was known."""
    if scene.inside.any() and scene.before is None:
        mask = mask * touching(mask > 0.3, scene.inside)
    return np.asarray(mask, np.float32)


def _lesson(flat: SoftMask, scene: Scene, lessons: _Lessons, rng: np.random.Generator) -> Lesson:
    """Draw from both kinds; what a person drew is in it twice."""
    ins = [drawn(np.flatnonzero(lessons.positive), _MOST, rng), np.flatnonzero(scene.inside)]
    outs = [
        drawn(np.flatnonzero(lessons.negative), _MOST, rng),
        drawn(np.flatnonzero(scene.outside), _MOST, rng),
    ]
    labels = np.zeros(sum(map(len, ins + outs)), np.float32)
    labels[: sum(map(len, ins))] = 1
    return Lesson(flat[np.concatenate(ins + outs)], labels)


def _regular(scene: Scene, mask: SoftMask) -> SoftMask:
    """Smooth along what belongs together; strokes pull hard."""
    mask[scene.inside], mask[scene.outside] = 1, 0
    trust = (np.abs(mask - 0.5) * 2 + 0.05).astype(np.float32)
    trust[scene.inside | scene.outside] = 20
    return smoothed(scene.lab, mask, trust, _SMOOTHING, _CONTRAST)


def _soft(mask: BoolMask) -> SoftMask:
    return mask.astype(np.float32)

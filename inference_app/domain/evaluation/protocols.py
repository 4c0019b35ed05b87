"""The protocols by which engines for masks are compared, each a function of an open session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np

from datasets_app.domain.progress import ShouldStop
from inference_app.domain.evaluation.curve import SECONDS_PER_OBJECT, Round, scores
from inference_app.domain.evaluation.robot import Labels, Stroke, longest, strokes
from inference_app.domain.evaluation.sequences import Sequence
from inference_app.domain.hints import Scribble
from inference_app.domain.interactive.base import EngineSession, FrameMasks
from inference_app.domain.interactive.planes import SoftMask

Clock = Callable[[], float]
Opened = Callable[[Sequence], EngineSession]
Told = Callable[[int, Labels, float], None]
"""Hears of each counted frame as it ends up: its number, what was found, its J&F."""

_STROKE_RADIUS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Mean J and F of a clip over its objects and counted frames."""

    j: float
    f: float

    @property
    def jf(self) -> float:
        return (self.j + self.f) / 2


def tell_nobody(frame: int, found: Labels, score: float) -> None:
    """A `Told` that does nothing."""


def labels_of(masks: Mapping[int, SoftMask], shape: tuple[int, int]) -> Labels:
    """Return per pixel the object of the highest certainty, 0 where none is more likely than not.

    Likely: more than what all of them together leave to the background.
    """
    best = 1 - np.sum(list(masks.values()), axis=0) if masks else np.ones(shape, np.float32)
    labels = np.zeros(shape, np.uint8)
    for number, mask in sorted(masks.items()):
        better = mask > best
        labels[better], best = number, np.where(better, mask, best)
    return labels


def truth_masks(sequence: Sequence, frame: int) -> dict[int, SoftMask]:
    """Return the true mask of every object on one frame, 0 or 1."""
    labels = sequence.truth[frame]
    return {n: (labels == n).astype(np.float32) for n in range(1, sequence.objects + 1)}


def first_frame(
    sequence: Sequence, opened: Opened, should_stop: ShouldStop, told: Told = tell_nobody
) -> Measured:
    """Semi-supervised: the true masks of frame 0, carried to the end.

    As in DAVIS the first and the last frame do not count. A clip of two frames or fewer counts
    what it has.
    """
    session = opened(sequence)
    _refer(session, sequence, 0)
    frames = _carried(session, sequence, 0, should_stop)
    last = sequence.pictures.frames - 1
    counted = [frame for frame in frames if 0 < frame < last] or list(frames)
    return _mean(sequence, {frame: frames[frame] for frame in counted}, told)


def first_appearance(
    sequence: Sequence,
    opened: Opened,
    numbers: Collection[int],
    should_stop: ShouldStop,
    told: Told = tell_nobody,
) -> Measured:
    """Semi-supervised as in YouTube-VOS: each object's true mask where it comes first, carried on.

    Of each object the frames after that count. The mean is over the objects ``numbers``; all
    objects of the clip are carried. Objects that never show are left out.
    """
    session, count = opened(sequence), sequence.pictures.frames
    shape = (sequence.pictures.size.height, sequence.pictures.size.width)
    begins = _begins(sequence)
    masks: dict[int, dict[int, SoftMask]] = {}
    for frame in sorted(set(begins.values())):
        here = [number for number, begun in begins.items() if begun == frame]
        for number in here:
            given = truth_masks(sequence, frame)[number]
            session.refer(frame, number, given)
            masks.setdefault(frame, {})[number] = given
        for done in session.propagate(frame, here, should_stop):
            if done.frame > frame:
                _keep(masks, done)
    rows: dict[int, list[tuple[float, float]]] = {n: [] for n in numbers if n in begins}
    for frame in range(1, count):
        counted = [number for number in rows if frame > begins[number]]
        if counted:
            labels = labels_of(masks.get(frame, {}), shape)
            found = scores(labels, sequence.truth[frame], sequence.objects)
            pairs = [(found[number - 1].j, found[number - 1].f) for number in counted]
            for number, pair in zip(counted, pairs, strict=True):
                rows[number].append(pair)
            told(frame, labels, float(np.mean(pairs)))
    means = [np.mean(one, axis=0) for one in rows.values() if one]
    mean = np.mean(means, axis=0) if means else (0.0, 0.0)
    return Measured(float(mean[0]), float(mean[1]))


def _begins(sequence: Sequence) -> dict[int, int]:
    """Return the first frame of each object that shows."""
    begins: dict[int, int] = {}
    for frame in range(sequence.pictures.frames):
        for number in np.unique(sequence.truth[frame][sequence.truth[frame] > 0]):
            begins.setdefault(int(number), frame)
    return begins


def every(
    sequence: Sequence,
    opened: Opened,
    distance: int,
    should_stop: ShouldStop,
    told: Told = tell_nobody,
) -> Measured:
    """True masks every ``distance`` frames and on the last; the frames between them count."""
    session, last = opened(sequence), sequence.pictures.frames - 1
    given = sorted({*range(0, last + 1, distance), last})
    for frame in given:
        _refer(session, sequence, frame)
    found: dict[int, Labels] = {}
    for frame in given[1::2] if len(given) > 1 else given:
        found.update(_carried(session, sequence, frame, should_stop))
    if len(given) % 2 and len(given) > 1:
        found.update(_carried(session, sequence, given[-1], should_stop))
    return _mean(sequence, found, told)


def corrected_worst(
    sequence: Sequence,
    opened: Opened,
    rounds: int,
    should_stop: ShouldStop,
    told: Told = tell_nobody,
) -> list[Measured]:
    """Begin in the middle, then correct the worst frame perfectly, once per round.

    All frames count, those with true masks included. Returns one figure per round.
    """
    session, count = opened(sequence), sequence.pictures.frames
    shape = (sequence.pictures.size.height, sequence.pictures.size.width)
    found = {frame: np.zeros(shape, np.uint8) for frame in range(count)}
    masks: dict[int, dict[int, SoftMask]] = {}
    figures = [_frame_scores(sequence, frame, found[frame]) for frame in range(count)]
    given: list[int] = []
    results = []
    for _ in range(min(rounds, count)):
        open_frames = [frame for frame in range(count) if frame not in given]
        frame = min(open_frames, key=lambda f: sum(figures[f])) if given else count // 2
        given.append(frame)
        before = masks if masks else None
        _refer(session, sequence, frame)
        for done in session.propagate(frame, range(1, sequence.objects + 1), should_stop, before):
            _keep(masks, done)
        masks[frame] = truth_masks(sequence, frame)
        for number, kept in masks.items():
            labels = labels_of(kept, shape)
            if not np.array_equal(labels, found[number]):
                found[number] = labels
                figures[number] = _frame_scores(sequence, number, labels)
        mean = np.mean(figures, axis=0)
        results.append(Measured(float(mean[0]), float(mean[1])))
    for number, labels in found.items():
        told(number, labels, sum(figures[number]) / 2)
    return results


def stroked(
    sequence: Sequence, opened: Opened, frame: int, number: int, count: int, seed: int
) -> list[float]:
    """Return J of one object on one frame after 1, 2, ... ``count`` strokes of the robot.

    Each time the robot's longest stroke is added; no other frame or object is looked at.
    """
    session = opened(sequence)
    truth = (sequence.truth[frame] == number).astype(np.uint8)
    found = np.zeros_like(truth)
    rng = np.random.default_rng(seed)
    drawn: list[Scribble] = []
    results = []
    for _ in range(count):
        # Until there is something, only the object itself can be stroked.
        wanted = [s for s in strokes(truth, found, 1, rng) if s.label == 1 or found.any()]
        stroke = longest(wanted)
        if stroke is not None:
            drawn.append(as_scribble(stroke, truth.shape, 1))
        mask = session.interact(frame, 1, drawn, None)
        found = (mask > 0.5).astype(np.uint8)
        results.append(scores(found, truth, 1)[0].j)
    return results


def as_scribble(stroke: Stroke, shape: tuple[int, ...], number: int) -> Scribble:
    """Return the stroke as a mark for object ``number``; strokes of other labels speak against."""
    scale = np.array([shape[1] - 1, shape[0] - 1])
    points = (stroke.points * scale).astype(np.int64)
    moved = np.ones(len(points), bool)
    moved[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
    line = tuple((float(x), float(y)) for x, y in points[moved])
    return Scribble(line, stroke.label == number, _STROKE_RADIUS)


def interactive(
    sequence: Sequence,
    opened: Opened,
    rounds: int,
    seed: int,
    should_stop: ShouldStop,
    clock: Clock = perf_counter,
    told: Told = tell_nobody,
) -> list[Round]:
    """The interactive DAVIS protocol with a robot: all strokes of the worst frame, each round.

    Only the engine's time counts. A sample ends after ``rounds`` or when its time, 30 s per object
    and round, is used up; an answer that comes later is not counted. The first frame is the one
    that shows the most objects and of those the largest share; it may be drawn on again.
    """
    session, count = opened(sequence), sequence.pictures.frames
    shape = (sequence.pictures.size.height, sequence.pictures.size.width)
    rng = np.random.default_rng(seed)
    marks: dict[tuple[int, int], list[Scribble]] = {}
    masks: dict[int, dict[int, SoftMask]] = {}
    frame, used, spent, results = _fullest(sequence), set[int](), 0.0, []
    figures: list[tuple[float, float]] = []
    allowed = SECONDS_PER_OBJECT * rounds * sequence.objects
    for number in range(rounds):
        found = labels_of(masks.get(frame, {}), shape)
        drawn = strokes(sequence.truth[frame], found, sequence.objects, rng)
        begun = clock()
        _answer(session, sequence, frame, drawn, marks, masks, should_stop)
        seconds = clock() - begun
        spent += seconds
        if spent > allowed:
            break
        figures = [
            _frame_scores(sequence, f, labels_of(masks.get(f, {}), shape)) for f in range(count)
        ]
        results.append(Round(seconds, float(np.mean(figures))))
        if number:
            used.add(frame)
        left = [f for f in range(count) if f not in used] or list(range(count))
        frame = min(left, key=lambda f: sum(figures[f]))
    if results:
        for number in range(count):
            told(number, labels_of(masks.get(number, {}), shape), sum(figures[number]) / 2)
    return results


def _answer(
    session: EngineSession,
    sequence: Sequence,
    frame: int,
    drawn: list[Stroke],
    marks: dict[tuple[int, int], list[Scribble]],
    masks: dict[int, dict[int, SoftMask]],
    should_stop: ShouldStop,
) -> None:
    """Give the robot's strokes to the engine and carry its answer through the clip."""
    shape = (sequence.pictures.size.height, sequence.pictures.size.width)
    before = {f: dict(kept) for f, kept in masks.items()}
    objects = range(1, sequence.objects + 1)
    for number in objects:
        known = marks.setdefault((frame, number), [])
        known += [as_scribble(stroke, shape, number) for stroke in drawn]
        previous = before.get(frame, {}).get(number)
        mask = session.interact(frame, number, known, previous)
        masks.setdefault(frame, {})[number] = mask
    for done in session.propagate(frame, objects, should_stop, before or None):
        _keep(masks, done)


def _fullest(sequence: Sequence) -> int:
    def shown(frame: int) -> tuple[int, int]:
        sizes = np.bincount(sequence.truth[frame].ravel(), minlength=sequence.objects + 1)[1:]
        return int((sizes > 0).sum()), int(sizes.sum())

    return max(range(sequence.pictures.frames), key=shown)


def _refer(session: EngineSession, sequence: Sequence, frame: int) -> None:
    for number, mask in truth_masks(sequence, frame).items():
        session.refer(frame, number, mask)


def _carried(
    session: EngineSession, sequence: Sequence, frame: int, should_stop: ShouldStop
) -> dict[int, Labels]:
    shape = (sequence.pictures.size.height, sequence.pictures.size.width)
    found = {}
    for done in session.propagate(frame, range(1, sequence.objects + 1), should_stop):
        if done.final:
            found[done.frame] = labels_of(done.masks, shape)
    return found


def _keep(masks: dict[int, dict[int, SoftMask]], done: FrameMasks) -> None:
    if done.final:
        masks.setdefault(done.frame, {}).update(
            {n: mask.astype(np.float16) for n, mask in done.masks.items()}
        )


def _frame_scores(sequence: Sequence, frame: int, found: Labels) -> tuple[float, float]:
    """Return mean J and F over the objects."""
    results = scores(found, sequence.truth[frame], sequence.objects)
    return float(np.mean([one.j for one in results])), float(np.mean([one.f for one in results]))


def _mean(sequence: Sequence, found: Mapping[int, Labels], told: Told) -> Measured:
    figures = []
    for frame, labels in sorted(found.items()):
        figures.append(_frame_scores(sequence, frame, labels))
        told(frame, labels, sum(figures[-1]) / 2)
    mean = np.mean(figures, axis=0) if figures else (0.0, 0.0)
    return Measured(float(mean[0]), float(mean[1]))


def mean_measured(many: Iterable[Measured]) -> Measured:
    """Return the mean over clips, each counting alike."""
    rows = [(one.j, one.f) for one in many]
    mean = np.mean(rows, axis=0)
    return Measured(float(mean[0]), float(mean[1]))

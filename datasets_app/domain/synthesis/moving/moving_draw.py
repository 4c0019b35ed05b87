"""Everything that chance decides about a scene of moving objects."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.synthesis.geometry.outline import SIDE, drawn_outline
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.geometry.smooth_path import (
    SmoothPath,
    drawn_path,
    points_for,
    rests,
)
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.moving.moving_object import MovingObject
from datasets_app.domain.synthesis.sources.pool import PoolBackground, PoolForeground
from datasets_app.domain.synthesis.sources.references import AssetRef

RETRIES = 50
"""Paths that are tried for an object to keep clear of the others, as for BL30K; then it may not."""

_COVERED = 8
_COMPARED = 33
_FRAMES_PER_ANCHOR = 10


@dataclass(frozen=True, slots=True)
class MotionLimits:
    """Sizes are shares of the frame's shorter side, ``speed`` shares of the frame, ``spin``
    degrees and ``growth`` a factor per path point. ``separation``: least distance of two centres,
    in mean sizes, at every moment."""

    size_min: float
    size_max: float
    speed: float
    spin: float
    growth: float
    separation: float
    stops: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What an object shows: a subject or a shape, and a texture instead of its own colours."""

    subject: PoolForeground | None
    texture: PoolBackground | None


def draw_object(
    look: Look,
    frames: int,
    size: FrameSize,
    limits: MotionLimits,
    others: list[MovingObject],
    rng: np.random.Generator,
) -> MovingObject | None:
    """Draw an object that keeps clear of ``others``; None when its subject is not to be seen in
    the frames that were drawn, or the matte of one is that of another picture."""
    outline = drawn_outline(rng)
    start, plays = _draw_start(look.subject, frames, rng)
    window = FrameWindow(start, 1, frames if plays else 1)
    where = _whereabouts(look.subject, start, window.length)
    if where is None or (look.subject is not None and look.subject.doubted(window)):
        return None
    ref = None if look.subject is None else AssetRef.of(look.subject)
    fixed = {
        "source": ref,
        "outline": outline if ref is None else None,
        "texture": None if look.texture is None else AssetRef.of(look.texture),
        "texture_at": (round(float(rng.random()), 4), round(float(rng.random()), 4)),
        "box": tuple(where.box),
        "extent": where.extent,
        "anchor_across": where.across,
        "anchor_down": where.down,
        "start": start,
        "step": 1,
        "plays": plays,
    }
    for _ in range(RETRIES):
        drawn = MovingObject(**fixed, **_draw_paths(frames, limits, ref is None, rng))
        if all(_apart(drawn, other, frames, size) >= limits.separation for other in others):
            break
    return drawn


def _draw_paths(
    frames: int, limits: MotionLimits, any_way_up: bool, rng: np.random.Generator
) -> dict[str, SmoothPath]:
    points = points_for(frames)
    still = rests(points, rng) if limits.stops else frozenset[int]()

    def path(start: float, step: float, low: float, high: float) -> SmoothPath:
        return drawn_path(
            start, points=points, step=step, low=low, high=high, rng=rng, at_rest=still
        )

    size = float(rng.uniform(limits.size_min, limits.size_max))
    grown = size * (limits.growth - 1)
    tilt = 180.0 if any_way_up else limits.spin
    turn = float(rng.uniform(-tilt, tilt))
    spins = limits.spin * points
    return {
        "size": path(size, grown, limits.size_min, limits.size_max),
        "stretch": path(float(rng.uniform(0.85, 1.18)), 0.1, 0.7, 1.4),
        "across": path(float(rng.uniform(0.1, 0.9)), limits.speed, 0.0, 1.0),
        "down": path(float(rng.uniform(0.15, 0.85)), limits.speed, 0.0, 1.0),
        "turn": path(turn, limits.spin, turn - spins, turn + spins),
        "nearness": path(float(rng.random()), 0.1, 0.0, 1.0),
    }


def _draw_start(
    subject: PoolForeground | None, frames: int, rng: np.random.Generator
) -> tuple[int, bool]:
    """Return the first frame, and whether the subject is long enough to play."""
    place = float(rng.random())
    if subject is None or subject.kind == "still":
        return 0, False
    if subject.frames >= frames:
        return min(int(place * (subject.frames - frames + 1)), subject.frames - frames), True
    return min(int(place * subject.frames), subject.frames - 1), False


@dataclass(frozen=True, slots=True)
class _Whereabouts:
    """Of a subject in its source, in pixels: all that it ever covers, its centre over time, and
    its usual length."""

    box: Box
    across: SmoothPath
    down: SmoothPath
    extent: float


def _whereabouts(subject: PoolForeground | None, start: int, frames: int) -> _Whereabouts | None:
    """Return where the subject is in those frames; None where it is never seen."""
    if subject is None:
        middle = SmoothPath.still(SIDE / 2)
        return _Whereabouts(Box(0, 0, SIDE, SIDE), middle, middle, float(SIDE))
    small = subject.load_small()
    taken = small[start : start + frames] if subject.kind == "clip" else small[:1]
    whole = _box(taken.max(axis=0), subject)
    if whole is None:
        return None
    looks = max(1, round((frames - 1) / _FRAMES_PER_ANCHOR) + 1) if len(taken) > 1 else 1
    numbers = np.linspace(0, len(taken) - 1, looks).round().astype(int).tolist()
    boxes = [_box(taken[number], subject) for number in numbers]
    seen = [box for box in boxes if box is not None] or [whole]
    # Where it is out of sight it waits at the place where it was, or will be, seen.
    held, last = [], seen[0]
    for box in boxes:
        last = last if box is None else box
        held.append(last)
    longest = [max(box.right - box.left, box.bottom - box.top) for box in seen]
    return _Whereabouts(
        whole,
        SmoothPath(points=tuple((box.left + box.right) / 2 for box in held)),
        SmoothPath(points=tuple((box.top + box.bottom) / 2 for box in held)),
        float(np.median(longest)),
    )


def _box(small: GrayFrame, subject: PoolForeground) -> Box | None:
    """Return what a small alpha covers, in source pixels; None where it is empty."""
    rows = np.flatnonzero(small.max(axis=1) >= _COVERED)
    columns = np.flatnonzero(small.max(axis=0) >= _COVERED)
    if not rows.size:
        return None
    tall, wide = subject.height / small.shape[0], subject.width / small.shape[1]
    return Box(
        math.floor(columns[0] * wide),
        math.floor(rows[0] * tall),
        min(subject.width, math.ceil((columns[-1] + 1) * wide)),
        min(subject.height, math.ceil((rows[-1] + 1) * tall)),
    )


def _apart(one: MovingObject, other: MovingObject, frames: int, size: FrameSize) -> float:
    """Return the least distance of both centres over the clip, in mean sizes."""
    short = min(size.width, size.height)
    least = math.inf
    for number in np.linspace(0, max(0, frames - 1), _COMPARED).astype(int).tolist():
        across = (one.across.at(number, frames) - other.across.at(number, frames)) * size.width
        down = (one.down.at(number, frames) - other.down.at(number, frames)) * size.height
        mean = (one.size.at(number, frames) + other.size.at(number, frames)) / 2 * short
        least = min(least, math.hypot(across, down) / mean)
    return least

"""Lines people up side by side for a clip, lets them overlap, and measures it in every frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.crowd.instance import Motion
from datasets_app.domain.synthesis.crowd.occlusion import (
    Cover,
    Shares,
    hidden_shares,
    pairwise_hidden,
    planning_grid,
)
from datasets_app.domain.synthesis.crowd.placing import GUARD, Place, guarded
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.subject_track import SubjectTrack

# Frames that are looked at first: most arrangements fall there already.
_GLANCE = 6


@dataclass(frozen=True, slots=True)
class LineRule:
    """``grow_max``: people are enlarged by up to this beyond filling the width together; above 1
    they also move sideways by up to half the width. ``low`` and ``high`` bound what is hidden of
    the most hidden person in its worst frame; ``pairwise`` as published. ``travel``: way through
    the clip, as a share of the width; ``zoom``: largest change of size through it."""

    frames: int
    grow_max: float
    low: float
    high: float
    pairwise: bool
    travel: float
    zoom: float
    enlarge: bool


def line_up(
    people: list[SubjectTrack], canvas: FrameSize, rule: LineRule, rng: np.random.Generator
) -> list[Place] | None:
    """Return a place for each person, the first lowest, feet at the bottom; None when a person has
    no window of ``rule.frames`` frames without a faulty matte.

    Each gets the share of the width that its shape asks for, so that all are of one height; taller
    than the picture becomes 0.8 to 1 of its height (the rule of V-HIM2K5).
    """
    cut = [_windowed(track, rule.frames, rng) for track in people]
    if any(place is None for place in cut):
        return None
    places = [place for place in cut if place is not None]
    aspects = [place.width / place.height for place in places]
    share = canvas.width / sum(aspects)
    at = 0
    lined = []
    for place in places:
        factor = share / place.height * rng.uniform(1.0, rule.grow_max)
        cap = rng.uniform(0.8, 1.0)
        offset = int(rng.integers(max(1, canvas.width // 2)))
        sign = 1 if rng.random() < 0.5 else -1
        if factor * place.height > canvas.height:
            factor = canvas.height / place.height * cap
        if not rule.enlarge:
            factor = min(factor, 1.0)
        width = max(1, int(place.width * factor))
        height = max(1, int(place.height * factor))
        wish = at + sign * offset if rule.grow_max > 1 else at
        left = max(0, min(wish, canvas.width - width))
        lined.append(
            replace(
                place,
                left=left,
                top=canvas.height - height,
                width=width,
                height=height,
                motion=_motion(rule, canvas, rng),
            )
        )
        at = left + width
    return lined


def measured(
    places: list[Place], canvas: FrameSize, rule: LineRule
) -> tuple[list[Place], float] | None:
    """Return the places with what is hidden of each in its worst frame, and the figure that the
    rule bounds; None when it is out of bounds.

    A few frames are looked at first; most arrangements fall there.
    """
    frames, grid = rule.frames, planning_grid(canvas)
    order = _glance_first(frames)
    worst: Shares = np.zeros(len(places))
    figure = 0.0
    for number in order:
        covers: list[Cover] = [place.cover(canvas, grid, number, frames) for place in places]
        shares = hidden_shares(covers)
        worst = np.maximum(worst, shares)
        figure = max(figure, pairwise_hidden(covers) if rule.pairwise else float(shares.max()))
        if figure > guarded(rule.high):
            return None
    if figure < rule.low + (GUARD if rule.low else 0):
        return None
    return [
        replace(place, hidden=float(share)) for place, share in zip(places, worst, strict=True)
    ], figure


def _windowed(track: SubjectTrack, frames: int, rng: np.random.Generator) -> Place | None:
    starts = track.starts(frames)
    if not starts:
        return None
    start = starts[int(rng.integers(len(starts)))]
    box = track.box(FrameWindow(start, 1, frames))
    if box.empty:
        return None
    return Place(track, start, box, 0, 0, box.right - box.left, box.bottom - box.top)


def _motion(rule: LineRule, canvas: FrameSize, rng: np.random.Generator) -> Motion | None:
    """Draw a way; the same numbers are drawn whether it is used or not."""
    dx, bend_x, bend_y, grow = rng.uniform(-1.0, 1.0, 4)
    if not rule.travel and rule.zoom <= 1:
        return None
    reach = rule.travel * canvas.width
    return Motion(
        dx=round(float(dx) * reach, 3),
        dy=0.0,
        bend_x=round(float(bend_x) * reach / 4, 3),
        bend_y=round(-abs(float(bend_y)) * rule.travel * canvas.height / 8, 3),
        zoom=round(math.exp(float(grow) * math.log(rule.zoom)), 6),
    )


def _glance_first(frames: int) -> Iterator[int]:
    step = max(1, frames // _GLANCE)
    first = list(range(0, frames, step))
    yield from first
    yield from (number for number in range(frames) if number % step)

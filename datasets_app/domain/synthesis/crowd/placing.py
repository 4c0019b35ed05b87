"""Puts people into one picture: size, place, and who may hide how much of whom."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.crowd.instance import Instance, Motion, affine_at
from datasets_app.domain.synthesis.crowd.occlusion import (
    Cover,
    hidden_shares,
    laid_small,
    pairwise_hidden,
    planning_grid,
)
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.references import AssetRef
from datasets_app.domain.synthesis.sources.subject_track import SubjectTrack

# What an eighth of the size may be wrong by; kept as a distance from every limit.
GUARD = 0.01


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """Heights are shares of the picture's. ``pairwise``: the published limit, of what is still
    visible, per newcomer. ``drop``: a person without a place is left out."""

    scale_min: float
    scale_max: float
    hidden_max: float
    pairwise: bool
    tries: int
    drop: bool
    ground: bool
    enlarge: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A person with the frame that shows it, its crop, and where that lands."""

    track: SubjectTrack
    start: int
    box: Box
    left: int
    top: int
    width: int
    height: int
    motion: Motion | None = None
    hidden: float = 0.0

    def instance(self) -> Instance:
        """Return what the plan stores."""
        return Instance(
            source=AssetRef.of(self.track.subject),
            start=self.start,
            box=tuple(self.box),
            left=self.left,
            top=self.top,
            width=self.width,
            height=self.height,
            motion=self.motion,
            hidden=round(self.hidden, 6),
        )

    def cover(self, canvas: FrameSize, grid: FrameSize, frame: int = 0, frames: int = 1) -> Cover:
        """Return its alpha on the planning grid in frame ``frame`` of ``frames``."""
        subject = self.track.subject
        return laid_small(
            self.track.small(FrameWindow(self.start + frame, 1, 1))[0],
            FrameSize(subject.width, subject.height),
            affine_at(self.instance(), frame, frames),
            canvas,
            grid,
        )


def guarded(limit: float) -> float:
    """Return the upper limit that the planned figure is held to."""
    return limit - min(GUARD, limit / 2)


def place_people(
    people: list[SubjectTrack], canvas: FrameSize, rule: PlaceRule, rng: np.random.Generator
) -> list[Place] | None:
    """Return a place for each, the first lowest, each with what the others hide of it.

    None when one of them finds none and must not be dropped, or when none is left.
    """
    grid = planning_grid(canvas)
    places: list[Place] = []
    covers: list[Cover] = []
    for track in people:
        sized = _sized(track, canvas, rule, rng)
        found = None if sized is None else _tried(sized, covers, canvas, grid, rule, rng)
        if found is not None:
            place, cover = found
            places.append(place)
            covers.append(cover)
        elif not rule.drop:
            return None
    if not places:
        return None
    hidden = hidden_shares(covers)
    return [
        replace(place, hidden=float(share)) for place, share in zip(places, hidden, strict=True)
    ]


def _sized(
    track: SubjectTrack, canvas: FrameSize, rule: PlaceRule, rng: np.random.Generator
) -> Place | None:
    """Draw frame and size; None for a subject that is nowhere, or too wide for the picture."""
    starts = track.starts(1)
    if not starts:
        return None
    start = starts[int(rng.integers(len(starts)))]
    scale = rng.uniform(rule.scale_min, rule.scale_max)
    box = track.box(FrameWindow(start, 1, 1))
    if box.empty:
        return None
    width, height = box.right - box.left, box.bottom - box.top
    factor = scale * canvas.height / height
    if not rule.enlarge:
        factor = min(factor, 1.0)
    size = max(1, int(width * factor)), max(1, int(height * factor))
    if size[0] > canvas.width or size[1] > canvas.height:
        return None
    return Place(track, start, box, 0, 0, *size)


def _tried(
    sized: Place,
    covers: list[Cover],
    canvas: FrameSize,
    grid: FrameSize,
    rule: PlaceRule,
    rng: np.random.Generator,
) -> tuple[Place, Cover] | None:
    for _ in range(rule.tries):
        left = int(rng.integers(canvas.width - sized.width + 1))
        top = int(rng.integers(canvas.height - sized.height + 1))
        place = replace(sized, left=left, top=canvas.height - sized.height if rule.ground else top)
        cover = place.cover(canvas, grid)
        if _allowed([*covers, cover], rule):
            return place, cover
    return None


def _allowed(covers: list[Cover], rule: PlaceRule) -> bool:
    if rule.pairwise:
        return pairwise_hidden(covers) <= guarded(rule.hidden_max)
    return bool((hidden_shares(covers) <= guarded(rule.hidden_max)).all())

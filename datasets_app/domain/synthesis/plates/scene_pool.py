"""What a scene can be made from: subjects that are seen at all, and backgrounds of other scenes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from datasets_app.domain.recipes.base import Admitted, LeftOut, Pool, Survey
from datasets_app.domain.synthesis.sources.pool import PoolBackground, PoolForeground

Subjects: TypeAlias = Literal["all", "assets", "clips"]
"""assets: foregrounds with an alpha of their own; clips: videos, cut out by their masks."""

# Mean alpha, 0..1, below which nothing of a subject can be seen.
_LEAST_COVER = 0.0005


@dataclass(frozen=True, slots=True)
class SceneLimits:
    """Which subjects may be drawn, and how many frames one must have (a still has any number)."""

    subjects: Subjects
    min_frames: int


class ScenePool:
    """A pool seen through the limits of one run; reads each small alpha once."""

    def __init__(self, pool: Pool, limits: SceneLimits) -> None:
        self._backgrounds = pool.as_backgrounds()
        self._admitted: list[Admitted] = []
        self._left_out: list[LeftOut] = []
        self._seen = 0
        self.subjects = tuple(
            one for one in _chosen(pool, limits.subjects) if self._admit(one, limits)
        )
        self._strangers: dict[str, tuple[PoolBackground, ...]] = defaultdict(tuple)

    def survey(self, *, background_needed: bool) -> Survey:
        """Say which subjects may be drawn, and whether anything can be made at all."""
        reason = self._impossible(background_needed)
        return Survey(tuple(self._admitted), tuple(self._left_out), not reason, reason)

    def draw_subject(self, rng: np.random.Generator) -> PoolForeground:
        """Draw any subject."""
        return self.subjects[rng.integers(len(self.subjects))]

    def draw_background(
        self, group: str, frames: int, rng: np.random.Generator
    ) -> PoolBackground | None:
        """Draw a background of another scene with at least ``frames`` frames; None without one."""
        fitting = [
            one for one in self.strangers(group) if one.kind == "still" or one.frames >= frames
        ]
        return fitting[rng.integers(len(fitting))] if fitting else None

    def strangers(self, group: str) -> tuple[PoolBackground, ...]:
        """Return the backgrounds that are not of that source group."""
        if group not in self._strangers:
            self._strangers[group] = tuple(
                one for one in self._backgrounds if (one.group or one.digest) != group
            )
        return self._strangers[group]

    def _admit(self, subject: PoolForeground, limits: SceneLimits) -> bool:
        self._seen += 1
        if subject.kind == "clip" and subject.frames < limits.min_frames:
            self._left_out.append(_too_short(subject, limits.min_frames))
            return False
        cover = _cover(subject)
        if cover < _LEAST_COVER:
            self._left_out.append(_unseen(subject, cover))
            return False
        self._admitted.append(Admitted(subject.id, subject.name, cover))
        return True

    def _impossible(self, background_needed: bool) -> str:
        if not self.subjects:
            if self._seen:
                return f"none of {self._seen} subjects can be used"
            return "there is no foreground with alpha, and no clip with a mask"
        if background_needed and not any(self.strangers(one.group) for one in self.subjects):
            return "there is no background of another scene than the subjects'"
        return ""


def _chosen(pool: Pool, subjects: Subjects) -> tuple[PoolForeground, ...]:
    if subjects == "assets":
        return pool.foregrounds
    every = pool.as_foregrounds()
    return tuple(one for one in every if subjects == "all" or one.origin == "video")


def _cover(subject: PoolForeground) -> float:
    """Return the mean alpha over frames and pixels, 0..1."""
    if subject.facts is not None:
        return subject.facts.area
    return float(subject.load_small().mean()) / 255


def _too_short(subject: PoolForeground, least: int) -> LeftOut:
    return LeftOut(
        id=subject.id,
        name=subject.name,
        figure=float(subject.frames),
        reason=f"has {subject.frames} frames of {least}",
        threshold=float(subject.frames),
        admits={"min_frames": float(subject.frames)},
    )


def _unseen(subject: PoolForeground, cover: float) -> LeftOut:
    return LeftOut(
        id=subject.id,
        name=subject.name,
        figure=cover,
        reason="its alpha is empty",
        threshold=_LEAST_COVER,
        admits={},
    )

"""What a sample of several people can draw from: subjects that are long enough, backgrounds of
other scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from datasets_app.domain.recipes.base import Admitted, LeftOut, Survey
from datasets_app.domain.synthesis.sources.pool import Pool, PoolBackground, PoolForeground
from datasets_app.domain.synthesis.sources.subject_track import SubjectTrack, SubjectTracks


@dataclass(frozen=True, slots=True)
class CrowdRule:
    """``frames`` that every subject must give, ``people`` at least, subjects ``stills`` only or
    clips too; clips of the background need ``frames`` too."""

    frames: int
    people: int
    stills: bool


class Crowd:
    """A pool seen through a rule. Small stacks are read when a subject is first drawn."""

    def __init__(self, pool: Pool, rule: CrowdRule) -> None:
        self.rule = rule
        every = pool.as_foregrounds()
        long = [one for one in every if self._long_enough(one)]
        self.tracks = SubjectTracks(tuple(long))
        self.backgrounds = tuple(
            one
            for one in pool.as_backgrounds()
            if one.kind == "still" or rule.stills or one.frames >= rule.frames
        )
        self._short = tuple(one for one in every if not self._long_enough(one))

    @property
    def possible(self) -> bool:
        """Whether anything can be drawn."""
        return not self._reason()

    def survey(self) -> Survey:
        """Say which subjects may be drawn and which are too short."""
        admitted = tuple(
            Admitted(one.id, one.name, round(one.facts.area, 6) if one.facts else 0.0)
            for one in self.tracks.subjects
        )
        left_out = tuple(
            LeftOut(
                id=one.id,
                name=one.name,
                figure=float(one.frames),
                reason=f"has {one.frames} frames of {self.rule.frames}",
                threshold=float(one.frames),
                admits={"frames": float(one.frames)},
            )
            for one in self._short
        )
        reason = self._reason()
        return Survey(admitted, left_out, not reason, reason)

    def draw_background(
        self, rng: np.random.Generator, kind: Literal["still", "clip", "any"] = "any"
    ) -> PoolBackground | None:
        """Draw a background of this kind, or None when there is none."""
        fitting = [one for one in self.backgrounds if kind in ("any", one.kind)]
        return fitting[int(rng.integers(len(fitting)))] if fitting else None

    def draw_people(
        self, count: int, behind: PoolBackground, rng: np.random.Generator
    ) -> list[SubjectTrack] | None:
        """Draw ``count`` different subjects, none from the scene of the background; None when
        there are too few."""
        order = rng.permutation(len(self.tracks))
        taken: list[SubjectTrack] = []
        for number in order:
            subject = self.tracks.subjects[int(number)]
            if subject.group == behind.group or _is_taken(subject, taken):
                continue
            taken.append(self.tracks[int(number)])
            if len(taken) == count:
                return taken
        return None

    def _long_enough(self, subject: PoolForeground) -> bool:
        return self.rule.stills or subject.kind == "still" or subject.frames >= self.rule.frames

    def _reason(self) -> str:
        people = len({(one.digest, one.alpha_digest) for one in self.tracks.subjects})
        if people < self.rule.people:
            which = "subjects with alpha that are long enough" if self._short else "subjects"
            return (
                f"there are {people} {which}, and People (counts) asks for up to "
                f"{self.rule.people} in one sample: ask for fewer, or bring in more"
            )
        if not self.backgrounds:
            return "the pool has no background that fits"
        return ""


def _is_taken(subject: PoolForeground, taken: Sequence[SubjectTrack]) -> bool:
    """The same person twice is no crowd: neither the same alpha nor one shoot twice."""
    return any(
        other.subject.alpha_digest == subject.alpha_digest
        or (subject.origin == "asset" and other.subject.group == subject.group)
        for other in taken
    )

"""What a paste can draw from: objects that may pass, and backgrounds of another source group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from datasets_app.domain.recipes.base import Admitted, LeftOut, Pool, PoolClip, PoolMask, Survey
from datasets_app.domain.synthesis.geometry.window import WindowRule
from datasets_app.domain.synthesis.pasting.admission import PasteLimits, best_figures, left_out
from datasets_app.domain.synthesis.sources.mask_track import MaskTrack


@dataclass(frozen=True, slots=True, eq=False)
class PasteObject:
    """A clip with those of its masks that may pass."""

    clip: PoolClip
    masks: tuple[tuple[PoolMask, MaskTrack], ...]


class PastePool:
    """A pool seen through the limits of one run; reads every planning stack once."""

    def __init__(
        self, pool: Pool, *, limits: PasteLimits, rule: WindowRule, min_frames: int
    ) -> None:
        self._clips = pool.clips
        self.limits, self.rule, self._min_frames = limits, rule, min_frames
        self._members: dict[str, list[int]] = defaultdict(list)
        for number, clip in enumerate(self._clips):
            self._members[_group(clip)].append(number)
        self._admitted: list[Admitted] = []
        self._left_out: list[LeftOut] = []
        found = (self._object(clip) for clip in self._clips if clip.masks)
        self.objects = tuple(paste for paste in found if paste.masks)

    def survey(self) -> Survey:
        """Say what may be drawn, what not, and whether anything can be made at all."""
        reason = self._impossible()
        return Survey(tuple(self._admitted), tuple(self._left_out), not reason, reason)

    def draw_object(self, rng: np.random.Generator) -> tuple[PoolClip, PoolMask, MaskTrack]:
        """Draw a clip, then one of its masks, so that a clip with many masks is not favoured."""
        paste = self.objects[rng.integers(len(self.objects))]
        mask, track = paste.masks[rng.integers(len(paste.masks))]
        return paste.clip, mask, track

    def draw_background(self, clip: PoolClip, rng: np.random.Generator) -> PoolClip:
        """Draw any clip that is not of ``clip``'s source group."""
        own = self._members[_group(clip)]
        number = int(rng.integers(len(self._clips) - len(own)))
        for member in own:
            if number < member:
                break
            number += 1
        return self._clips[number]

    def _object(self, clip: PoolClip) -> PasteObject:
        backgrounds = self._strangers(clip)
        admitted = []
        for mask in clip.masks:
            track = MaskTrack(mask.load_small, mask.frames, mask.name)
            if self._admit(clip, mask, track, backgrounds):
                admitted.append((mask, track))
        return PasteObject(clip, tuple(admitted))

    def _admit(
        self, clip: PoolClip, mask: PoolMask, track: MaskTrack, backgrounds: list[PoolClip]
    ) -> bool:
        if not backgrounds:
            return False
        name = f"{clip.name} / {mask.name}"
        best = best_figures(clip, mask, track, backgrounds, self.limits, self.rule)
        obstacle = left_out(name, mask, best, self.limits, self._min_frames)
        if obstacle is not None:
            self._left_out.append(obstacle)
            return False
        self._admitted.append(Admitted(mask.id, name, best.mean))
        return True

    def _strangers(self, clip: PoolClip) -> list[PoolClip]:
        """Return one clip of each length and size that is not of ``clip``'s source group."""
        group = _group(clip)
        kinds = {
            (other.frames, other.width, other.height): other
            for other in self._clips
            if _group(other) != group
        }
        return list(kinds.values())

    def _impossible(self) -> str:
        if self.objects:
            return ""
        if not any(clip.masks for clip in self._clips):
            return "no clip of the pool has a mask"
        if len(self._members) < 2:
            return "every clip is of one source group, and an object never goes into its own scene"
        return f"none of {len(self._left_out)} masks can pass: {_counted(self._left_out)}"


def _group(clip: PoolClip) -> str:
    """A clip without a group shows a scene of its own."""
    return clip.group or clip.digest


def _counted(obstacles: Iterable[LeftOut]) -> str:
    """Return how often each parameter stands in the way."""
    counts: dict[str, int] = defaultdict(int)
    for obstacle in obstacles:
        for parameter in obstacle.admits:
            counts[parameter] += 1
    return ", ".join(f"{count} fail {parameter}" for parameter, count in sorted(counts.items()))

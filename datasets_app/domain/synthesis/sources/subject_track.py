"""A subject as planners see it: small alphas, tight boxes over a window, windows without faults."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

import numpy as np

from datasets_app.domain.media.frames import GrayStack
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.pool import PoolForeground
from matteweb.errors import Corrupt

_CACHED_BYTES: Final = 96 << 20
# A small cell below this is noise, or a single pixel of a few.
_NOTHING: Final = 2


class SubjectTrack:
    """Planning view of one foreground. Keeps two flags per frame; the stack may be evicted."""

    def __init__(self, subject: PoolForeground) -> None:
        """Read the small stack once. Raises Corrupt when it has another number of frames."""
        self.subject = subject
        stack = self._read()
        faulty = stack.reshape(len(stack), -1).max(axis=1) <= _NOTHING
        for frame in subject.facts.suspects if subject.facts else ():
            faulty[frame] = True
        self._faults = np.concatenate([[0], np.cumsum(faulty)])
        _SMALL.put(self, stack)

    @property
    def usable(self) -> int:
        """How many frames show the subject with its own matte."""
        return self.subject.frames - int(self._faults[self.subject.frames])

    def starts(self, length: int) -> list[int]:
        """Return where a window of ``length`` frames without a faulty one may begin."""
        if self.subject.kind == "still":
            return [0] if self.usable else []
        last = self.subject.frames - length
        return [
            start
            for start in range(last + 1)
            if self._faults[start + length] == self._faults[start]
        ]

    def small(self, window: FrameWindow) -> GrayStack:
        """Return the small alphas of the window; a still has one, whatever the window."""
        stack = _SMALL.get(self)
        if stack is None:
            stack = self._read()
            _SMALL.put(self, stack)
        if self.subject.kind == "still":
            return stack[:1]
        return stack[window.start : window.stop : window.step]

    def box(self, window: FrameWindow) -> Box:
        """Return what the subject covers over the window, in source pixels.

        Exact for an indexed still; else exact to one small cell, cut at the index's own box.
        """
        facts, subject = self.subject.facts, self.subject
        if facts is not None and subject.frames == 1:
            return facts.box
        highest = self.small(window).max(axis=0) > _NOTHING
        rows, columns = np.flatnonzero(highest.any(axis=1)), np.flatnonzero(highest.any(axis=0))
        if not rows.size:
            return Box(0, 0, 0, 0)
        across, down = subject.width / highest.shape[1], subject.height / highest.shape[0]
        found = Box(
            math.floor(columns[0] * across),
            math.floor(rows[0] * down),
            min(subject.width, math.ceil((columns[-1] + 1) * across)),
            min(subject.height, math.ceil((rows[-1] + 1) * down)),
        )
        return _common(found, facts.box) if facts is not None else found

    def _read(self) -> GrayStack:
        stack = self.subject.load_small()
        if stack.ndim != 3 or len(stack) < self.subject.frames:
            raise Corrupt(
                f"the small pictures of {self.subject.name} are {stack.shape}, "
                f"not {self.subject.frames}",
                hint="read it again in the library",
            )
        return stack


class SubjectTracks:
    """The tracks of a pool's foregrounds, each made when it is first asked for."""

    def __init__(self, subjects: tuple[PoolForeground, ...]) -> None:
        self.subjects = subjects
        self._made: dict[int, SubjectTrack] = {}

    def __len__(self) -> int:
        return len(self.subjects)

    def __getitem__(self, number: int) -> SubjectTrack:
        track = self._made.get(number)
        if track is None:
            track = self._made[number] = SubjectTrack(self.subjects[number])
        return track

    def keep(self, fits: Callable[[PoolForeground], bool]) -> list[int]:
        """Return the numbers of the subjects that fit."""
        return [number for number, one in enumerate(self.subjects) if fits(one)]


class _SmallCache:
    """Most recently used stacks up to a number of bytes, so that no pool fills the memory."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, 0
        self._stacks: OrderedDict[int, tuple[SubjectTrack, GrayStack]] = OrderedDict()
        self._lock = Lock()

    def get(self, track: SubjectTrack) -> GrayStack | None:
        with self._lock:
            held = self._stacks.get(id(track))
            if held is None:
                return None
            self._stacks.move_to_end(id(track))
            return held[1]

    def put(self, track: SubjectTrack, stack: GrayStack) -> None:
        with self._lock:
            if id(track) in self._stacks:
                return
            self._stacks[id(track)] = (track, stack)
            self._held += stack.nbytes
            while self._held > self._limit and len(self._stacks) > 1:
                _, (_, oldest) = self._stacks.popitem(last=False)
                self._held -= oldest.nbytes


_SMALL = _SmallCache(_CACHED_BYTES)


def _common(one: Box, other: Box) -> Box:
    return Box(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )

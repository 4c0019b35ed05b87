"""Which frames of a clip make a sample: a contiguous run of every ``step``-th frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameWindow:
    """Frames ``start``, ``start + step``, ... of a clip, ``length`` of them."""

    start: int
    step: int
    length: int

    @property
    def stop(self) -> int:
        """The number behind that of the last frame taken."""
        return self.start + (self.length - 1) * self.step + 1

    def takes(self, frame: int) -> bool:
        """Whether the clip's frame ``frame`` is one of them."""
        return self.start <= frame < self.stop and (frame - self.start) % self.step == 0

    def rest(self, first: int) -> FrameWindow:
        """Return what is left of it from its frame ``first`` on."""
        return FrameWindow(self.start + first * self.step, self.step, self.length - first)


@dataclass(frozen=True, slots=True)
class WindowShape:
    """``length`` frames, ``step`` apart, whose first may be any of 0..``starts`` - 1."""

    length: int
    step: int
    starts: int

    @property
    def span(self) -> int:
        """Source frames from the first to the last one taken, both counted."""
        return (self.length - 1) * self.step + 1

    def at(self, start: int) -> FrameWindow:
        """Return the window that begins with frame ``start``."""
        return FrameWindow(start, self.step, self.length)


@dataclass(frozen=True, slots=True)
class WindowRule:
    """How long a sample may be and how far its frames lie apart."""

    every_nth: int
    max_frames: int
    max_stride: int

    def shape(self, frames: int) -> WindowShape:
        """Return the window that a clip of ``frames`` frames gives.

        Of every ``every_nth`` frame, a clip with k times ``max_frames`` is thinned by k so that a
        sample shows more of it (the rule of the Casper data, stride = n // 256), but never by
        more than ``max_stride``: the uncapped rule takes one frame in 70 of ten minutes at
        30 fps, which is no longer video.
        """
        thinned = -(-frames // self.every_nth)
        step = self.every_nth * min(max(1, thinned // self.max_frames), self.max_stride)
        length = min(-(-frames // step), self.max_frames)
        return WindowShape(length, step, frames - (length - 1) * step)

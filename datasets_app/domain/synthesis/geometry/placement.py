"""Where the picture of one clip lands in the frame of another: fit, scale, shift. No rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from datasets_app.domain.media.frames import FrameSize


class Box(NamedTuple):
    """Pixels left <= x < right, top <= y < bottom."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        """Whether no pixel lies in it."""
        return self.right <= self.left or self.bottom <= self.top

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of its pixels in an (H, W, ...) array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def grown(self, margin: int, size: FrameSize) -> Box:
        """Return it with ``margin`` pixels more on each side, cut at the frame."""
        return Box(
            max(0, self.left - margin),
            max(0, self.top - margin),
            min(size.width, self.right + margin),
            min(size.height, self.bottom + margin),
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """A source point (x, y) lands on (``factor`` x + ``left``, ``factor`` y + ``top``).

    Points are continuous: pixel i covers i..i + 1, so its centre is i + 0.5.
    """

    source: FrameSize
    frame: FrameSize
    factor: float
    left: float
    top: float

    @property
    def area(self) -> float:
        """Area of the whole source picture in the frame's units, were nothing cut off."""
        source, frame = self.source, self.frame
        return self.factor**2 * (source.width * source.height) / (frame.width * frame.height)

    def visible(self) -> tuple[float, float, float, float]:
        """Return the part of the source that stays in the frame: x0, y0, x1, y1, each 0..1."""
        x0, x1 = _visible(self.left, self.factor * self.source.width, self.frame.width)
        y0, y1 = _visible(self.top, self.factor * self.source.height, self.frame.height)
        return x0, y0, x1, y1

    def landing(self, box: Box, margin: int) -> Box:
        """Return the frame's pixels that ``box`` of the source touches, and ``margin`` more."""
        x0, x1 = self.factor * box.left + self.left, self.factor * box.right + self.left
        y0, y1 = self.factor * box.top + self.top, self.factor * box.bottom + self.top
        landed = Box(int(x0 // 1), int(y0 // 1), int(-(-x1 // 1)), int(-(-y1 // 1)))
        return landed.grown(margin, self.frame)


def place(
    source: FrameSize, frame: FrameSize, *, scale: float, shift_x: float, shift_y: float
) -> Placement:
    """Fit ``source`` into ``frame``, scale it about the frame's centre, then shift it.

    The fit keeps the aspect ratio and shows the whole source (bars stay empty), so that a clip of
    another size lands as if it had been brought to the frame first. ``shift_x`` and ``shift_y``
    are shares of the frame's width and height, to the right and down.
    """
    fit = min(frame.width / source.width, frame.height / source.height)
    factor = fit * scale
    return Placement(
        source,
        frame,
        factor,
        left=(frame.width - factor * source.width) / 2 + shift_x * frame.width,
        top=(frame.height - factor * source.height) / 2 + shift_y * frame.height,
    )


def _visible(start: float, length: float, limit: int) -> tuple[float, float]:
    first = min(max(-start / length, 0.0), 1.0)
    last = min(max((limit - start) / length, 0.0), 1.0)
    return first, max(first, last)

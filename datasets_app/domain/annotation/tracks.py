"""Tracks of shapes over a video, as annotation tools exchange them.

Coordinates are in pixels of the whole frame, x to the right and y downwards, with 0 at the left
and upper edge of the first pixel. Frames count from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from datasets_app.domain.media.frames import FrameSize

ShapeKind: TypeAlias = Literal["box", "polygon", "mask"]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, right and bottom edge."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Square pixels; 0 for a box that is turned inside out."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def overlap(self, other: Box) -> float:
        """Return the square pixels that both cover."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        ).area


@dataclass(frozen=True, slots=True)
class Shape:
    """What a track shows on one frame.

    ``outside``: it is not to be seen from here on. ``keyframe``: a person placed it; what lies
    between keyframes is in between. ``points``: the two corners of a box, or the polygon.
    ``runs``: lengths of the runs of a mask within its box, alternating from 0, row by row.
    ``level``: which lies above which. ``facts``: attributes by name, as the file has them.
    """

    frame: int
    kind: ShapeKind
    points: tuple[Point, ...]
    outside: bool = False
    occluded: bool = False
    keyframe: bool = True
    runs: tuple[int, ...] = ()
    level: int = 0
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def box(self) -> Box:
        """The smallest box around it."""
        across, down = [x for x, _ in self.points], [y for _, y in self.points]
        return Box(min(across), min(down), max(across), max(down))


@dataclass(frozen=True, slots=True)
class Track:
    """One thing that is followed. ``group``: 0 = none; tracks of one group belong together."""

    number: int
    label: str
    shapes: tuple[Shape, ...]
    group: int = 0
    source: str = "manual"

    @property
    def first(self) -> int:
        """The first frame that it says something about."""
        return self.shapes[0].frame

    @property
    def last(self) -> int:
        """The last frame that it says something about."""
        return self.shapes[-1].frame

    def visible(self) -> Iterator[Shape]:
        """Yield its shape on every frame on which it is to be seen, in between included."""
        for shape, following in zip(self.shapes, [*self.shapes[1:], None], strict=True):
            if shape.outside:
                continue
            yield shape
            if following is not None:
                yield from _between(shape, following)


@dataclass(frozen=True, slots=True)
class Tracks:
    """All tracks of one video. ``frames`` and ``size`` as the file states them, None where it does
    not. ``labels``: those that it declares, in its order, with or without tracks."""

    tracks: tuple[Track, ...]
    labels: tuple[str, ...] = ()
    frames: int | None = None
    size: FrameSize | None = None
    task: str = ""


def _between(before: Shape, after: Shape) -> Iterator[Shape]:
    """Yield the shapes of the frames between two. Corners move evenly; where their number differs,
    or for a mask, the earlier one stays."""
    gap = after.frame - before.frame
    even = (
        before.kind == after.kind != "mask"
        and len(before.points) == len(after.points)
        and not after.outside
    )
    for step in range(1, gap):
        part = step / gap if even else 0.0
        points = tuple(
            (x + (u - x) * part, y + (v - y) * part)
            for (x, y), (u, v) in zip(
                before.points, after.points if even else before.points, strict=True
            )
        )
        yield Shape(
            frame=before.frame + step,
            kind=before.kind,
            points=points,
            occluded=before.occluded,
            keyframe=False,
            runs=before.runs,
        )

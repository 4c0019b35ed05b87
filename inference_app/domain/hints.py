"""What a person or a file tells a network about the object: marks on a frame, or a mask of it.

Coordinates are pixels of the frame as displayed, x to the right, y down; (0, 0) is the centre of
the top left pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

HintKind: TypeAlias = Literal["click", "scribble", "box", "mask", "trimap"]
"""A mask holds 0..255, 255 = the object; a trimap 0 = background, 128 = unknown, 255 = object."""


@dataclass(frozen=True, slots=True)
class Click:
    """One point. ``positive``: it lies on the object, else on what is not the object."""

    x: float
    y: float
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Scribble:
    """A stroke through ``points`` (x, y), ``radius`` pixels to each side."""

    points: tuple[tuple[float, float], ...]
    positive: bool = True
    radius: float = 3.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that holds the object; both corners belong to it."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if self.right < self.left or self.bottom < self.top:
            raise ValueError(f"a box from ({self.left}, {self.top}) cannot end before it")


Hint: TypeAlias = Click | Scribble | Box

"""What a frame is, once for the whole program: aliases with shape, unit and range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matteweb.errors import BadInput

RgbFrame: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) uint8, C-contiguous, R G B in 0..255, gamma-encoded as in the source."""

GrayFrame: TypeAlias = npt.NDArray[np.uint8]
"""(H, W) uint8, C-contiguous, 0..255: a mask, a trimask, an alpha or object numbers."""

AnyFrame: TypeAlias = RgbFrame | GrayFrame
"""A frame of either kind; three axes mean colour."""

GrayStack: TypeAlias = npt.NDArray[np.uint8]
"""(N, H, W) uint8: N gray frames at once. Only for stacks that are small by construction."""


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Width and height in pixels, as displayed; both at least 1."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a frame of {self.width}x{self.height} has no pixels")

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def is_even(self) -> bool:
        """Whether both sides are even, as 4:2:0 video needs."""
        return self.width % 2 == 0 and self.height % 2 == 0

    def fitted(self, longest: int) -> FrameSize:
        """Return this shape with a longer side of at most ``longest``; never larger."""
        scale = min(1.0, longest / max(self.width, self.height))
        return FrameSize(max(1, round(self.width * scale)), max(1, round(self.height * scale)))


def frame_size(frame: AnyFrame) -> FrameSize:
    """Return the size of ``frame``."""
    return FrameSize(width=frame.shape[1], height=frame.shape[0])


def delivery_size(size: FrameSize) -> FrameSize:
    """Return the size at which ``size`` is delivered: without an odd right column or bottom row.

    Raises BadInput when nothing would be left.
    """
    if size.width < 2 or size.height < 2:
        raise BadInput(
            f"a clip of {size} is too small to be delivered",
            hint="both sides need at least 2 pixels",
        )
    return FrameSize(size.width - size.width % 2, size.height - size.height % 2)

"""Where one subject lies in every frame of a sample: a crop, a target, a motion; small JSON."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.sources.references import AssetRef


class Motion(BaseModel):
    """A smooth way through the sample: from the planned place to ``dx``, ``dy`` px away, bent
    towards ``bend_x``, ``bend_y``, while the size changes by the factor ``zoom``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dx: float
    dy: float
    bend_x: float
    bend_y: float
    zoom: float


class Instance(BaseModel):
    """The part ``box`` of ``source`` lands on ``width`` x ``height`` px at ``left``, ``top``.

    Frame i of the sample shows frame ``start`` + i of a clip. ``hidden``: the largest share of the
    subject that later instances hide in any frame, 0..1, as planned.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: AssetRef
    start: int
    box: tuple[int, int, int, int]
    left: int
    top: int
    width: int
    height: int
    motion: Motion | None = None
    hidden: float = 0.0


@dataclass(frozen=True, slots=True)
class Affine:
    """A source point (x, y) lands on (``across`` x + ``left``, ``down`` y + ``top``)."""

    across: float
    down: float
    left: float
    top: float

    def landing(self, box: Box, frame: FrameSize) -> Box:
        """Return the frame's pixels that ``box`` of the source touches, cut at the frame."""
        x0, x1 = self.across * box.left + self.left, self.across * box.right + self.left
        y0, y1 = self.down * box.top + self.top, self.down * box.bottom + self.top
        landed = Box(int(np.floor(x0)), int(np.floor(y0)), int(np.ceil(x1)), int(np.ceil(y1)))
        return landed.grown(0, frame)

    def matrix(self, scale: float, offset: tuple[float, float], to: Box) -> NDArray[np.float64]:
        """Return OpenCV's matrix from a picture that shows the source ``scale`` times smaller from
        ``offset`` on, to the pixels of ``to``. Pixel i covers i..i + 1."""
        across, down = self.across * scale, self.down * scale
        left = self.left + self.across * offset[0] - to.left
        top = self.top + self.down * offset[1] - to.top
        half = 0.5
        return np.array(
            [
                [across, 0, left + half * across - half],
                [0, down, top + half * down - half],
            ]
        )


def affine_at(instance: Instance, frame: int, frames: int) -> Affine:
    """Return how the source lands in frame ``frame`` of ``frames``.

    The motion eases in and out, and the size changes about the middle of the feet, so that who
    stands on the ground keeps standing on it.
    """
    box = Box(*instance.box)
    across = instance.width / (box.right - box.left)
    down = instance.height / (box.bottom - box.top)
    x, y, zoom = float(instance.left), float(instance.top), 1.0
    if instance.motion is not None and frames > 1:
        t = frame / (frames - 1)
        eased, bent = t * t * (3 - 2 * t), 4 * t * (1 - t)
        way = instance.motion
        zoom = way.zoom**eased
        x += way.dx * eased + way.bend_x * bent + instance.width * (1 - zoom) / 2
        y += way.dy * eased + way.bend_y * bent + instance.height * (1 - zoom)
    across, down = across * zoom, down * zoom
    return Affine(across, down, x - across * box.left, y - down * box.top)

"""Where a picture can differ once objects are hidden, found from two small looks at the scene.

Under one seed a path that meets no hidden object carries the same light in both looks. What
reaches beyond the box that is found is less than a level of the finished picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from outputs import ExactOutput, changed

PERCENT = 25
"""Of width and height: how large a look is."""
SAMPLES = 8
LEVELS = 0.2
"""Of 255, mean over 3 x 3 pixels of a look: what counts as a difference."""
GROWN = 4
"""Pixels of a look that are added around what differs."""
CONTEXT = 16
"""Pixels of the picture that are rendered around the box, so that the denoiser sees beyond it."""
WORTH = 0.8
"""Of the picture: a larger box is not worth its looks."""


@dataclass(frozen=True)
class Box:
    """Pixels from the top left: ``left`` and ``top`` are inside, ``right`` and ``bottom`` not."""

    left: int
    top: int
    right: int
    bottom: int

    def grown(self, by: int, width: int, height: int) -> Box:
        """Return it with ``by`` pixels around it, cut to the picture."""
        return Box(
            max(0, self.left - by),
            max(0, self.top - by),
            min(width, self.right + by),
            min(height, self.bottom + by),
        )

    def share(self, width: int, height: int) -> float:
        """Return how much of the picture it covers, 0..1."""
        return (self.right - self.left) * (self.bottom - self.top) / (width * height)

    def as_list(self) -> list[int]:
        """Return the four numbers, for the line that says it."""
        return [self.left, self.top, self.right, self.bottom]


def look(output: ExactOutput) -> np.ndarray:
    """Return the scene as it is now, small and without denoising: (h, w, 3), linear."""
    here = bpy.context.scene
    with (
        changed(here.render, resolution_percentage=PERCENT),
        changed(here.cycles, samples=SAMPLES, use_denoising=False),
    ):
        return output.render({"Image": 3})["Image"]


def box_of(before: np.ndarray, after: np.ndarray, width: int, height: int) -> Box | None:
    """Return where two looks differ, on the picture's grid; None where that is nearly all of it."""
    steps = np.abs(_shown(before) - _shown(after)).max(axis=2) * 255
    rows, columns = np.nonzero(_mean_around(steps) > LEVELS)
    if not len(rows):
        return Box(0, 0, 0, 0)
    tall, wide = steps.shape
    found = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    found = found.grown(GROWN, wide, tall)
    across, down = width / wide, height / tall
    box = Box(
        int(found.left * across),
        int(found.top * down),
        int(np.ceil(found.right * across)),
        int(np.ceil(found.bottom * down)),
    )
    return None if box.share(width, height) > WORTH else box


def bordered(box: Box, width: int, height: int) -> Any:
    """Render only ``box`` with what the denoiser wants around it; the rest stays black."""
    wide = box.grown(CONTEXT, width, height)
    return changed(
        bpy.context.scene.render,
        use_border=True,
        use_crop_to_border=False,
        border_min_x=wide.left / width,
        border_max_x=wide.right / width,
        border_min_y=1 - wide.bottom / height,
        border_max_y=1 - wide.top / height,
    )


def _shown(light: np.ndarray) -> np.ndarray:
    """Return light as the picture's levels show it, 0..1."""
    cut = np.clip(light, 0, 1)
    return np.where(cut <= 0.0031308, 12.92 * cut, 1.055 * cut ** (1 / 2.4) - 0.055)


def _mean_around(values: np.ndarray) -> np.ndarray:
    wide = np.pad(values, 1, mode="edge")
    tall, across = values.shape
    parts = (wide[y : y + tall, x : x + across] for y in range(3) for x in range(3))
    return sum(parts) / 9

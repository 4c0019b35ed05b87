"""A picture of what a network makes of a few validation clips: seen, told, made, true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.domain.training.painted import MattingClip
from inference_app.domain.training.validation import Method, Plane

SHOWN = 4
"""Clips on a sheet, one below the other; the last frame of each."""


class Sheet:
    """Watches a method at work and keeps the last frame of its first clips."""

    def __init__(self, method: Method) -> None:
        self._method = method
        self._rows: list[npt.NDArray[np.uint8]] = []

    def __call__(self, clip: MattingClip) -> Iterator[Plane]:
        """Pass a clip's alphas on."""
        alpha: Plane | None = None
        for alpha in self._method(clip):
            yield alpha
        if alpha is not None and len(self._rows) < SHOWN:
            self._rows.append(row_of(clip.rgb[-1], clip.mask[-1], alpha, clip.alpha[-1]))

    def write(self, path: Path) -> None:
        """Write the sheet as PNG, atomically."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.png")
        cv2.imwrite(str(partial), np.concatenate(self._rows)[..., ::-1])
        partial.replace(path)


def row_of(
    rgb: npt.NDArray[np.uint8],
    mask: npt.NDArray[np.uint8],
    alpha: Plane,
    truth: npt.NDArray[np.uint8],
) -> npt.NDArray[np.uint8]:
    """Return the four pictures side by side, (H, 4 W, 3) uint8; ``alpha`` in 0..1."""
    made = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
    planes = [np.repeat(plane[..., None], 3, 2) for plane in (mask, made, truth)]
    return np.concatenate([rgb, *planes], 1)

"""Small scenes of two soft discs, one before the other, with everything that they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.trees.writing import write_picture

WIDTH, HEIGHT = 64, 48
COLOURS = ((200, 60, 40), (40, 90, 210))


@dataclass(frozen=True)
class Scene:
    """One frame: picture, background, visible alphas, colours."""

    picture: RgbFrame
    background: RgbFrame
    alphas: tuple[GrayFrame, ...]
    colours: tuple[RgbFrame, ...]


def scene(number: int = 0, *, seed: int = 0) -> Scene:
    """Return frame ``number`` of two discs, the second over the first."""
    ramp = np.linspace(60 + seed, 180, WIDTH)
    background = np.repeat(np.tile(ramp, (HEIGHT, 1))[..., None], 3, axis=2).astype(np.uint8)
    below, above = _disc(20 + number, 22), _disc(34, 26 + number // 2)
    parts = (below * (1 - above), above)
    covered = parts[0] + parts[1]
    alphas = tuple(np.round(part * 255).astype(np.uint8) for part in parts)
    colours = tuple(np.full((HEIGHT, WIDTH, 3), colour, np.uint8) for colour in COLOURS)
    shown = background.astype(np.float64) * (1 - covered)[..., None]
    for part, colour in zip(parts, colours, strict=True):
        shown += part[..., None] * colour
    return Scene(np.round(shown).astype(np.uint8), background, alphas, colours)


def _disc(x: int, y: int) -> npt.NDArray[np.float64]:
    down, across = np.mgrid[:HEIGHT, :WIDTH]
    soft: npt.NDArray[np.float64] = np.clip(11 - np.hypot(across - x, down - y), 0, 3) / 3
    return soft


def save_gray(path: Path, picture: GrayFrame) -> None:
    """Write a PNG of one channel, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(picture, path, "gray")


def save_jpeg(path: Path, picture: RgbFrame) -> None:
    """Write a JPEG, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(picture, path, "jpg")


def hard(alpha: GrayFrame) -> GrayFrame:
    """Return the mask of an alpha above 127."""
    return np.where(alpha > 127, 255, 0).astype(np.uint8)

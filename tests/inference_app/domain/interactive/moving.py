"""A small made clip: a textured disk that moves over a textured ground, with true masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.trees.writing import write_picture
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.scribble import ScribbleEngine, ScribbleSession

WIDTH, HEIGHT, FRAMES = 96, 64, 10


def centre(frame: int, number: int = 1) -> tuple[float, float]:
    """Return x and y of the middle of object ``number``."""
    return (24.0 + 4 * frame, 26.0) if number == 1 else (70.0 - 3 * frame, 50.0)


def true_mask(frame: int, number: int = 1) -> npt.NDArray[np.float32]:
    """Return the mask of object ``number``."""
    x, y = centre(frame, number)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    radius = 12 if number == 1 else 8
    return np.asarray(np.hypot(columns - x, rows - y) <= radius, np.float32)


def numbers(frame: int) -> GrayFrame:
    """Return the number of the object that each pixel belongs to, 0 for none."""
    return np.maximum(true_mask(frame), 2 * true_mask(frame, 2)).astype(np.uint8)


def davis_folder(root: Path, names: Sequence[str], frames: int) -> None:
    """Write the clip and its true masks in the DAVIS layout, once for each of ``names``."""
    clip = pictures(frames)
    for name in names:
        shown, drawn = root / "JPEGImages/480p" / name, root / "Annotations/480p" / name
        shown.mkdir(parents=True)
        drawn.mkdir(parents=True)
        for frame in range(frames):
            write_picture(clip[frame], shown / f"{frame:05d}.jpg", "jpg")
            write_picture(numbers(frame), drawn / f"{frame:05d}.png", "numbers")


def pictures(frames: int = FRAMES) -> PictureList:
    """Return the clip."""
    rng = np.random.default_rng(5)
    ground = np.kron(rng.integers(90, 170, (16, 24, 3)), np.ones((4, 4, 1)))
    looks = {
        1: np.kron(rng.integers(0, 70, (12, 12, 3)), np.ones((3, 3, 1))) + np.array([150, 0, 0]),
        2: np.kron(rng.integers(0, 70, (12, 12, 3)), np.ones((3, 3, 1))) + np.array([0, 0, 160]),
    }
    clip = []
    for frame in range(frames):
        picture = ground.copy()
        for number, look in looks.items():
            x, y = centre(frame, number)
            rows, columns = np.nonzero(true_mask(frame, number))
            own = look[(rows - round(y)) % 36, (columns - round(x)) % 36]
            picture[rows, columns] = own
        clip.append(picture.clip(0, 255).astype(np.uint8))
    return PictureList(clip)


def session(frames: int = FRAMES) -> ScribbleSession:
    """Open the built-in engine on the clip."""
    clip = pictures(frames)
    return ScribbleEngine().open(clip, FlowSource(clip))


def overlap(mask: npt.NDArray[np.floating], truth: npt.NDArray[np.floating]) -> float:
    """Return intersection over union at one half."""
    one, two = mask > 0.5, truth > 0.5
    return float((one & two).sum() / max((one | two).sum(), 1))

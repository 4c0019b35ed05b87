"""Frames and annotations of small scenes with two numbered objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets_app.domain.trees.writing import write_picture
from tests.tuples import tuple_frames


def vos_frames(folder: Path, count: int = 6, *, seed: int = 0) -> None:
    """Write 00000.jpg, ... of a moving square."""
    folder.mkdir(parents=True)
    for number, frame in enumerate(tuple_frames(count, seed=seed)["rgb_full"]):
        write_picture(frame, folder / f"{number:05d}.jpg", "jpg")


def vos_annotations(folder: Path, numbers: range, *, seed: int = 0, second: int = 2) -> None:
    """Write annotations of these frames: object 1 moves, the second one rests."""
    folder.mkdir(parents=True)
    masks = tuple_frames(numbers[-1] + 1, seed=seed)["mask"]
    for number in numbers:
        drawn = (masks[number] == 0).astype(np.uint8)
        drawn[-8:, :8] = second
        write_picture(drawn, folder / f"{number:05d}.png", "numbers")

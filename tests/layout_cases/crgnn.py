"""Two filmed clips with mattes on every tenth frame, and trimaps beside them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.trees.writing import write_picture
from tests.layout_cases.instances import save_gray, scene
from tests.layout_cases.planting import Fault, copy, remove

FRAMES = tuple(f"frame{number:05d}" for number in range(1, 52, 10))
CLIP = "production ID_4065480"


def tree(folder: Path) -> Path:
    """Write both clips; the first has a frame between that nobody drew. Return the folder."""
    for clip in (CLIP, "walk"):
        for part in ("image", "alpha", "trimap"):
            (folder / part / clip).mkdir(parents=True)
        for number, name in enumerate(FRAMES):
            made = scene(number)
            write_picture(made.picture, folder / f"image/{clip}/{name}.png", "png")
            save_gray(folder / f"alpha/{clip}/{name}.png", made.alphas[0])
            save_gray(folder / f"trimap/{clip}/{name}.png", _trimap(made.alphas[0]))
    write_picture(scene(1).picture, folder / f"image/{CLIP}/frame00002.png", "png")
    return folder


def _trimap(alpha: np.ndarray) -> np.ndarray:
    kernel = np.ones((3, 3), np.uint8)
    inside, outside = cv2.erode(alpha, kernel) == 255, cv2.dilate(alpha, kernel) == 0
    return np.where(inside, 255, np.where(outside, 0, 128)).astype(np.uint8)


def _another(tree: Path, part: str) -> None:
    """The picture of another frame lies where one of the middle belongs."""
    path = tree / part / "walk" / f"{FRAMES[2]}.png"
    alpha = np.ascontiguousarray(np.roll(scene(2).alphas[0], 24, 1))
    save_gray(path, alpha if part == "alpha" else _trimap(alpha))


FAULTS: list[Fault] = [
    ("unpaired", lambda t: remove(t / f"image/walk/{FRAMES[1]}.png")),
    ("name_twice", lambda t: copy(t / f"image/walk/{FRAMES[1]}.png", f"{FRAMES[1]}.webp")),
    ("matte_of_another_picture", lambda t: _another(t, "alpha")),
    ("trimap_misfit", lambda t: _another(t, "trimap")),
    ("unreadable", lambda t: (t / f"alpha/walk/{FRAMES[3]}.png").write_bytes(b"no picture")),
    ("matte_empty", lambda t: _empty(t)),
]


def _empty(tree: Path) -> None:
    for path in (tree / "alpha/walk").iterdir():
        save_gray(path, np.zeros_like(scene().alphas[0]))

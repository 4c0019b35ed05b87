"""A clip with its mask, and a foreground with opacity."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets_app.domain.trees.writing import write_picture
from tests.layout_cases.instances import hard, save_gray, scene
from tests.layout_cases.planting import Fault, remove

FRAMES = 4


def tree(folder: Path) -> Path:
    """Write walk, walk_mask and dancer, and return the folder."""
    for name in ("walk", "walk_mask", "dancer"):
        (folder / name).mkdir(parents=True)
    for number in range(FRAMES):
        made, name = scene(number), f"{number:05d}.png"
        write_picture(made.picture, folder / "walk" / name, "png")
        write_picture(hard(made.alphas[0]), folder / "walk_mask" / name, "gray")
        rgba = np.dstack([made.colours[1], made.alphas[1]])
        write_picture(rgba, folder / "dancer" / name, "rgba")
    return folder


FAULTS: list[Fault] = [
    ("mask_unpaired", lambda t: (t / "walk_mask").rename(t / "nobody")),
    ("mask_frames", lambda t: remove(t / "walk_mask/00003.png")),
    ("frames_gap", lambda t: remove(t / "dancer/00002.png")),
    ("unreadable", lambda t: (t / "dancer/00000.png").write_bytes(b"")),
    ("unreadable", lambda t: save_gray(t / "walk/00001.png", scene().alphas[0][:40])),
]

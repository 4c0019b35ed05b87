"""A split with two pictures and the masks of two segmenters."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from tests.layout_cases.instances import hard, save_gray, save_jpeg, scene
from tests.layout_cases.planting import Fault, cut, remove

SOURCES = ("masks_matched_r101", "masks_matched_r50")


def tree(folder: Path) -> Path:
    """Write two natural pictures with two instances each, and return the folder."""
    for number, name in enumerate(("beach", "street")):
        made = scene(number * 3)
        save_jpeg(folder / "images/natural" / f"{name}.jpg", made.picture)
        for key, alpha in enumerate(made.alphas):
            save_gray(folder / "alphas/natural" / name / f"{key:02d}.png", alpha)
            for source in SOURCES:
                save_gray(folder / source / "natural" / name / f"{key:02d}.png", hard(alpha))
    return folder


def _masks(tree: Path) -> Path:
    return tree / SOURCES[0] / "natural/beach"


FAULTS: list[Fault] = [
    ("hidden_file", lambda t: (_masks(t) / ".DS_Store").write_bytes(b"x")),
    ("guidance_folder", lambda t: shutil.rmtree(_masks(t))),
    ("guidance_missing", lambda t: remove(_masks(t) / "01.png")),
    ("guidance_unpaired", lambda t: remove(t / "alphas/natural/beach/01.png")),
    ("guidance_overlap", lambda t: save_gray(_masks(t) / "00.png", hard(scene().alphas[1]))),
    ("guidance_values", lambda t: save_gray(_masks(t) / "00.png", scene().alphas[0])),
    ("alphas_unpaired", lambda t: remove(t / "images/natural/street.jpg")),
    ("instances_none", lambda t: shutil.rmtree(t / "alphas/natural/street")),
    ("unreadable", lambda t: save_gray(_masks(t) / "00.png", np.zeros((8, 8), np.uint8))),
    ("unreadable", lambda t: cut(t / "images/natural/street.jpg")),
]

"""A split with two pictures, one with the layers that it was made from."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from datasets_app.domain.trees.writing import write_picture
from tests.layout_cases.instances import save_gray, save_jpeg, scene
from tests.layout_cases.planting import Fault, copy, cut


def tree(folder: Path) -> Path:
    """Write pictures 00 and 01 of the split I-HIM50K, and return the folder."""
    split = folder / "I-HIM50K"
    for number, name in enumerate(("00", "01")):
        made = scene(number * 3)
        save_jpeg(split / "images" / f"{name}.jpg", made.picture)
        for key, alpha in enumerate(made.alphas):
            save_gray(split / "alphas" / name / f"{key:02d}.png", alpha)
            if name == "00":
                save_jpeg(split / "fg/00" / f"{key:02d}.jpg", made.colours[key])
        if name == "00":
            save_jpeg(split / "bg/00.jpg", made.background)
    return folder


def _split(tree: Path) -> Path:
    return tree / "I-HIM50K"


def _named(tree: Path, *names: str) -> None:
    for name in names:
        copy(_split(tree) / "images/00.jpg", f"{name}.jpg")


def _noise(tree: Path) -> None:
    alpha = scene().alphas[0].copy()
    alpha[:10] = 3
    save_gray(_split(tree) / "alphas/00/00.png", alpha)


def _many(tree: Path) -> None:
    for number in range(2, 12):
        save_gray(_split(tree) / f"alphas/00/{number:02d}.png", np.zeros((48, 64), np.uint8))


def _unpadded(tree: Path) -> None:
    for number in (2, 10):
        save_gray(_split(tree) / f"alphas/01/{number}.png", scene().alphas[0])


def _coloured(tree: Path) -> None:
    alpha = np.repeat(scene().alphas[0][..., None], 3, axis=2)
    write_picture(alpha, _split(tree) / "alphas/00/00.png", "png")


def _tiny(tree: Path) -> None:
    alpha = np.zeros((48, 64), np.uint8)
    alpha[5, 5] = 255
    save_gray(_split(tree) / "alphas/00/00.png", alpha)


FAULTS: list[Fault] = [
    ("picture_suffix", lambda t: copy(_split(t) / "images/00.jpg", "02.JPG")),
    ("picture_suffix", lambda t: copy(_split(t) / "images/00.jpg", "02.jpeg")),
    ("not_a_frame", lambda t: (_split(t) / "images/notes.txt").write_text("x")),
    ("name_word", lambda t: copy(_split(t) / "images/00.jpg", "a.jpg.jpg")),
    ("name_word", lambda t: copy(_split(t) / "images/00.jpg", "my-alphas.jpg")),
    ("name_word", lambda t: _split(t).rename(t / "with-alphas")),
    ("hidden_file", lambda t: copy(_split(t) / "images/00.jpg", "._00.jpg")),
    ("name_padding", lambda t: _named(t, "9", "10")),
    ("name_padding", _unpadded),
    ("instance_suffix", lambda t: save_jpeg(_split(t) / "alphas/00/02.jpg", scene().picture)),
    ("instances_none", lambda t: shutil.rmtree(_split(t) / "alphas/01")),
    ("alphas_unpaired", lambda t: (_split(t) / "images/01.jpg").unlink()),
    ("instances_many", _many),
    ("instance_empty", lambda t: save_gray(_split(t) / "alphas/00/00.png", scene().alphas[0] * 0)),
    ("instance_tiny", _tiny),
    ("alpha_noise", _noise),
    ("alpha_mode", _coloured),
    ("alphas_overlap", lambda t: save_gray(_split(t) / "alphas/00/02.png", scene().alphas[1])),
    ("unreadable", lambda t: save_gray(_split(t) / "alphas/00/00.png", scene().alphas[0][:40])),
    ("unreadable", lambda t: cut(_split(t) / "alphas/00/00.png")),
    ("composite_differs", lambda t: save_jpeg(_split(t) / "bg/00.jpg", scene().picture // 3)),
    ("enlarged", lambda t: None),
]

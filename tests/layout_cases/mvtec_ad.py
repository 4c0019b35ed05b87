"""A class of bottles with names that people really give, one fault with its mask."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from tests.layout_cases.instances import hard, save_gray, scene
from tests.layout_cases.planting import Fault, cut, remove

PICTURES = (
    "train/good/any_filename.png",
    "train/good/übung 1.jpg",
    "train/good/xyz.tif",
    "test/good/did_you_know_that_filenames_may_contain_question_marks????.png",
    "test/good/name_it.webp",
    "test/crack/let_it_crack.png",
    "test/curved/curved.bmp",
)


def tree(folder: Path) -> Path:
    """Write one class with three labels, and return the folder."""
    for number, name in enumerate(PICTURES):
        path = folder / "bottle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(scene(number).picture).save(path)
    save_gray(folder / "bottle/ground_truth/crack/let_it_crack_mask.png", hard(scene().alphas[1]))
    return folder


def _origins(tree: Path) -> None:
    origin = {"video": "1.avi", "track": "7", "frame": "3"}
    places = ("bottle/train/good/any_filename.png", "bottle/test/good/name_it.webp")
    (tree / "names.json").write_text(json.dumps(dict.fromkeys(places, origin)))


def _mask(tree: Path) -> Path:
    return tree / "bottle/ground_truth/crack/let_it_crack_mask.png"


def _faulty(tree: Path) -> None:
    shutil.copytree(tree / "bottle/test/crack", tree / "bottle/train/crack")


def _good_alone(tree: Path) -> None:
    for label in ("crack", "curved"):
        shutil.rmtree(tree / "bottle/test" / label)


def _other(tree: Path) -> None:
    (tree / "bottle/holdout/good").mkdir(parents=True)


FAULTS: list[Fault] = [
    ("train_faulty", _faulty),
    ("train_empty", lambda t: shutil.rmtree(t / "bottle/train/good")),
    ("test_good_empty", lambda t: shutil.rmtree(t / "bottle/test/good")),
    ("test_faulty_empty", _good_alone),
    ("split_unknown", _other),
    ("split_leak", _origins),
    ("names_unreadable", lambda t: (t / "names.json").write_text("[1]")),
    ("not_a_picture", lambda t: (t / "bottle/train/good/notes.txt").write_text("x")),
    ("mask_unpaired", lambda t: remove(t / "bottle/test/crack/let_it_crack.png")),
    ("mask_size", lambda t: save_gray(_mask(t), np.full((8, 8), 255, np.uint8))),
    ("mask_empty", lambda t: save_gray(_mask(t), np.zeros((48, 64), np.uint8))),
    ("unreadable", lambda t: cut(t / "bottle/test/curved/curved.bmp")),
]

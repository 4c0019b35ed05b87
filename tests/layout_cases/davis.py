"""Two sequences at one resolution, one per split."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

from tests.layout_cases.planting import Fault, cut, remove
from tests.layout_cases.vos import vos_annotations, vos_frames


def tree(folder: Path) -> Path:
    """Write bear and camel with lists of train and val, and return the folder."""
    for seed, name in enumerate(("bear", "camel")):
        vos_frames(folder / "JPEGImages/480p" / name, seed=seed)
        vos_annotations(folder / "Annotations/480p" / name, range(6), seed=seed)
    lists = folder / "ImageSets/2017"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("bear\n")
    (lists / "val.txt").write_text("camel\n")
    return folder


def _swap(tree: Path) -> None:
    target = tree / "Annotations/480p/bear/00003.png"
    vos_annotations(tree / "high", range(4), second=200)
    (tree / "high/00003.png").replace(target)
    shutil.rmtree(tree / "high")


def _small(tree: Path) -> None:
    for path in (tree / "Annotations/480p/bear").iterdir():
        with Image.open(path) as picture:
            small = picture.resize((32, 24), Image.Resampling.NEAREST)
        small.save(path)


FAULTS: list[Fault] = [
    ("sequence_unannotated", lambda t: shutil.rmtree(t / "Annotations/480p/bear")),
    ("annotation_unpaired", lambda t: shutil.rmtree(t / "JPEGImages/480p/bear")),
    ("annotation_unpaired", lambda t: (t / "JPEGImages/480p/bear/00005.jpg").unlink()),
    ("list_unpaired", lambda t: shutil.rmtree(t / "JPEGImages/480p/bear")),
    ("list_unreadable", lambda t: (t / "ImageSets/2017/val.txt").write_bytes(b"\xff\xfe\xff")),
    ("split_leak", lambda t: (t / "ImageSets/2017/val.txt").write_text("camel\nbear\n")),
    ("not_a_frame", lambda t: (t / "JPEGImages/480p/bear/notes.txt").write_text("x")),
    ("other_resolution", lambda t: vos_frames(t / "JPEGImages/Full-Resolution/bear")),
    ("frames_unannotated", lambda t: remove(*(_odd(t, n) for n in (1, 3, 5)))),
    ("unreadable", lambda t: cut(t / "Annotations/480p/bear/00002.png")),
    ("unreadable", lambda t: (t / "JPEGImages/480p/bear/00002.jpg").write_text("no picture")),
    ("object_numbers", _swap),
    ("mask_size", _small),
]


def _odd(tree: Path, number: int) -> Path:
    return tree / f"Annotations/480p/bear/{number:05d}.png"

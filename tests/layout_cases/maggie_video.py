"""A split with two clips of two instances, and masks that were propagated."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from datasets_app.domain.trees.writing import write_picture
from tests.layout_cases.instances import hard, save_gray, save_jpeg, scene
from tests.layout_cases.planting import Fault, copy, cut, remove

FRAMES = 8


def tree(folder: Path) -> Path:
    """Write clips 00000 and 00001 of the split comp_medium, and return the folder."""
    for seed, video in enumerate(("00000", "00001")):
        for number in range(FRAMES):
            made = scene(number, seed=seed)
            split, frame = folder / "comp_medium", f"{number:05d}"
            save_jpeg(split / "fgr" / video / f"{frame}.jpg", made.picture)
            for key, alpha in enumerate(made.alphas):
                save_gray(split / "pha" / video / frame / f"{key:02d}.png", alpha)
                save_gray(split / "xmem" / video / frame / f"{key:02d}.png", hard(alpha))
    return folder


def _split(tree: Path) -> Path:
    return tree / "comp_medium"


def _first(tree: Path, frames: int) -> None:
    for number in range(frames, FRAMES):
        remove(_split(tree) / f"fgr/00000/{number:05d}.jpg")
        for kind in ("pha", "xmem"):
            shutil.rmtree(_split(tree) / kind / "00000" / f"{number:05d}")


def _unseen(tree: Path) -> None:
    for number in range(FRAMES):
        path = _split(tree) / f"pha/00000/{number:05d}/00.png"
        save_gray(path, np.zeros((48, 64), np.uint8))


def _renamed(tree: Path, name: str) -> None:
    for kind in ("fgr", "pha", "xmem"):
        (_split(tree) / kind / "00000").rename(_split(tree) / kind / name)


def _smaller_frame(tree: Path) -> None:
    """One frame with all that belongs to it has another size than the rest of the clip."""
    made = scene(4)
    save_jpeg(_split(tree) / "fgr/00000/00004.jpg", made.picture[:40])
    for key, alpha in enumerate(made.alphas):
        save_gray(_split(tree) / f"pha/00000/00004/{key:02d}.png", alpha[:40])
        save_gray(_split(tree) / f"xmem/00000/00004/{key:02d}.png", hard(alpha[:40]))


def _coloured(tree: Path) -> None:
    alpha = np.repeat(scene(4).alphas[0][..., None], 3, axis=2)
    write_picture(alpha, _split(tree) / "pha/00000/00004/00.png", "png")


FAULTS: list[Fault] = [
    ("hidden_file", lambda t: (_split(t) / "fgr/00000/.DS_Store").write_bytes(b"x")),
    ("hidden_file", lambda t: (_split(t) / "fgr/00000/Thumbs.db").write_bytes(b"x")),
    ("hidden_file", lambda t: (_split(t) / "pha/.DS_Store").write_bytes(b"x")),
    ("hidden_file", lambda t: copy(_split(t) / "pha/00000/00004/00.png", "._00.png")),
    ("name_word", lambda t: _renamed(t, "elephant")),
    ("name_word", lambda t: _split(t).rename(t / "alpha-test")),
    ("unreadable", _smaller_frame),
    ("alpha_mode", _coloured),
    (
        "picture_suffix",
        lambda t: (_split(t) / "fgr/00000/00003.jpg").rename(_split(t) / "fgr/00000/00003.png"),
    ),
    ("not_a_frame", lambda t: (_split(t) / "fgr/00000/list.txt").write_text("x")),
    ("instance_missing", lambda t: remove(_split(t) / "pha/00000/00004/01.png")),
    ("instance_missing", lambda t: shutil.rmtree(_split(t) / "pha/00000/00004")),
    ("alphas_missing", lambda t: shutil.rmtree(_split(t) / "pha/00000")),
    ("alphas_unpaired", lambda t: shutil.rmtree(_split(t) / "fgr/00000")),
    ("alphas_unpaired", lambda t: remove(_split(t) / "fgr/00000/00004.jpg")),
    ("guidance_folder", lambda t: shutil.rmtree(_split(t) / "xmem/00000")),
    ("guidance_unpaired", lambda t: remove(_split(t) / "xmem/00000/00004/01.png")),
    ("too_short", lambda t: _first(t, 2)),
    ("too_short", lambda t: _first(t, 3)),
    ("short", lambda t: _first(t, 5)),
    ("instance_empty", _unseen),
    ("unreadable", lambda t: cut(_split(t) / "pha/00000/00004/01.png")),
    ("unreadable", lambda t: save_jpeg(_split(t) / "fgr/00000/00004.jpg", scene().picture[:40])),
]

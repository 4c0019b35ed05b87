"""Three stills with mattes, one of them listed as not to be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets_app.domain.trees.writing import write_picture
from tests.layout_cases.instances import save_gray, scene
from tests.layout_cases.planting import Fault, copy, remove


def tree(folder: Path) -> Path:
    """Write ann, bob and crowd, and return the folder."""
    for part in ("images", "alphas"):
        (folder / part).mkdir(parents=True)
    for number, name in enumerate(("ann", "bob", "crowd")):
        made = scene(number)
        write_picture(made.picture, folder / f"images/{name}.jpg", "jpg")
        save_gray(folder / f"alphas/{name}.png", made.alphas[0])
    (folder / "invalid_him.txt").write_text("crowd.jpg\n")
    return folder


def _empty(tree: Path) -> None:
    save_gray(tree / "alphas/bob.png", np.zeros_like(scene().alphas[0]))


FAULTS: list[Fault] = [
    ("unpaired", lambda t: remove(t / "alphas/ann.png")),
    ("unpaired", lambda t: remove(t / "images/bob.jpg")),
    ("name_twice", lambda t: copy(t / "alphas/bob.png", "bob.webp")),
    ("listed_missing", lambda t: (t / "invalid_him.txt").write_text("nobody.jpg\n")),
    ("matte_empty", _empty),
    ("matte_misfit", lambda t: save_gray(t / "alphas/bob.png", scene().alphas[0][:40])),
    ("unreadable", lambda t: (t / "images/ann.jpg").write_bytes(b"no picture")),
]

"""Background stills of both sides."""

from __future__ import annotations

from pathlib import Path

from datasets_app.domain.trees.writing import write_picture
from tests.layout_cases.instances import scene
from tests.layout_cases.planting import Fault


def tree(folder: Path) -> Path:
    """Write two pictures to train on and one to test on, and return the folder."""
    for number, name in enumerate(("train/h_1.jpg", "train/h_2.jpg", "testval/h_3.jpg")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_picture(scene(number).picture, folder / name, "jpg")
    return folder


FAULTS: list[Fault] = [
    ("extra_file", lambda t: (t / "README.txt").write_text("terms")),
    ("unreadable", lambda t: (t / "train/h_2.jpg").write_bytes(b"no picture")),
]

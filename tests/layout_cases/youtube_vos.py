"""Two splits: every frame annotated in one, first frames of objects in the other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.layout_cases.planting import Fault, change_json, cut
from tests.layout_cases.vos import vos_annotations, vos_frames


def tree(folder: Path) -> Path:
    """Write one video of train and one of valid, and return the folder."""
    vos_frames(folder / "train/JPEGImages/0a1b")
    vos_annotations(folder / "train/Annotations/0a1b", range(6))
    vos_frames(folder / "valid/JPEGImages/9f", seed=4)
    vos_annotations(folder / "valid/Annotations/9f", range(1), seed=4)
    every = [f"{number:05d}" for number in range(6)]
    for split, name, frames in (("train", "0a1b", every), ("valid", "9f", every[:1])):
        objects = {
            "1": {"category": "penguin", "frames": frames},
            "2": {"category": "stone", "frames": frames},
        }
        meta = {"videos": {name: {"objects": objects}}}
        (folder / split / "meta.json").write_text(json.dumps(meta))
    return folder


def _objects(tree: Path) -> Path:
    return tree / "train/meta.json"


def _forget(meta: Any) -> None:
    meta["videos"]["0a1b"]["objects"].pop("2")


def _claim(meta: Any) -> None:
    meta["videos"]["0a1b"]["objects"]["3"] = {"category": "ghost", "frames": ["00002"]}


FAULTS: list[Fault] = [
    ("video_unannotated", lambda t: shutil.rmtree(t / "train/Annotations/0a1b")),
    ("annotation_unpaired", lambda t: shutil.rmtree(t / "valid/JPEGImages/9f")),
    ("annotation_unpaired", lambda t: (t / "train/JPEGImages/0a1b/00003.jpg").unlink()),
    ("meta_unpaired", lambda t: shutil.rmtree(t / "valid/JPEGImages/9f")),
    ("meta_missing", lambda t: change_json(_objects(t), lambda m: m["videos"].clear())),
    ("meta_unreadable", lambda t: _objects(t).write_text("[]")),
    ("object_unlisted", lambda t: change_json(_objects(t), _forget)),
    ("object_frames", lambda t: change_json(_objects(t), _claim)),
    ("unreadable", lambda t: cut(t / "train/Annotations/0a1b/00002.png")),
]

"""A manifest with a model in each form and a light, as unpacked archives lie."""

from __future__ import annotations

import json
from pathlib import Path

from tests.layout_cases.planting import Fault, change_json
from tests.scene_files import glb, hdr, obj


def tree(folder: Path) -> Path:
    """Write two models and a light with their manifest, and return the folder."""
    files = {
        "Chair_01/visual_geometry.obj": ("FileBasedObject", "render_filename", obj()),
        "cube/cube.glb": ("FileBasedObject", "render_filename", glb()),
        "sunny_park/environment_4k.hdr": ("Texture", "filename", hdr()),
    }
    told = {}
    for path, (kind, field, data) in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        key, name = path.split("/")
        kwargs = {field: name, "bounds": [[-1, -1, -1], [1, 1, 1]]}
        told[key] = {"asset_type": kind, "license": "CC-BY 4.0", "kwargs": kwargs}
    words = {"name": "GSO", "data_dir": "gs://somewhere/GSO", "assets": told}
    (folder / "GSO.json").write_text(json.dumps(words))
    return folder


def _name(tree: Path, key: str) -> None:
    change_json(tree / "GSO.json", lambda words: words["assets"].update({key: {"kwargs": {}}}))


def _pack(tree: Path) -> None:
    _name(tree, "table")
    (tree / "table.tar.gz").write_bytes(b"packed")


FAULTS: list[Fault] = [
    ("asset_missing", lambda t: (t / "cube/cube.glb").unlink()),
    ("asset_missing", lambda t: _name(t, "nowhere")),
    ("asset_packed", _pack),
    ("asset_name", lambda t: _name(t, "../../etc")),
    ("unreadable", lambda t: (t / "cube/cube.glb").write_bytes(glb()[:-9])),
    ("unreadable", lambda t: (t / "sunny_park/environment_4k.hdr").write_bytes(b"dark")),
]

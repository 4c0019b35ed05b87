"""What the cases of all layouts are made of: a tree, and faults that somebody could make in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Plant = Callable[[Path], object]
Fault = tuple[str, Plant]


@dataclass(frozen=True)
class Case:
    """``tree`` writes a good tree into a new folder and returns it; each fault is the code of the
    finding that the layout must give, and what to do to the tree. ``still``: a finding of the good
    tree itself, which is worth knowing but no fault. ``hidden``: what it says of files that file
    managers hide, where loaders of such trees take them for a part."""

    tree: Callable[[Path], Path]
    faults: list[Fault]
    still: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def cut(path: Path) -> None:
    """Keep the first third of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def change_json(path: Path, change: Callable[[Any], object]) -> None:
    """Read a JSON file, change it in place, write it back."""
    rows = json.loads(path.read_text())
    change(rows)
    path.write_text(json.dumps(rows))


def copy(path: Path, name: str) -> None:
    """Copy a file beside itself."""
    shutil.copyfile(path, path.with_name(name))


def remove(*paths: Path) -> None:
    """Delete files."""
    for path in paths:
        path.unlink()

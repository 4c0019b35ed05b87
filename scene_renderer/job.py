"""What is asked of the renderer: a scene, which layers of it, and where to put them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RenderJob:
    """``scene`` is the plan's scene as plain JSON; ``layers`` names what is written per frame;
    ``parent`` is the process without which nobody reads the result. Without ``denoise`` pictures
    keep the noise of their samples. With ``shortcut`` the second picture of a frame is rendered
    only where it can differ from the first. ``files``: where the scene's own files lie, by
    digest."""

    scene: dict[str, Any]
    folder: Path
    layers: tuple[str, ...]
    threads: int
    parent: int
    denoise: bool
    shortcut: bool
    files: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> RenderJob:
        """Read the job file."""
        words = json.loads(path.read_text())
        return cls(
            scene=words["scene"],
            folder=Path(words["folder"]),
            layers=tuple(words["layers"]),
            threads=int(words["threads"]),
            parent=int(words["parent"]),
            denoise=bool(words["denoise"]),
            shortcut=bool(words["shortcut"]),
            files=dict(words["files"]),
        )

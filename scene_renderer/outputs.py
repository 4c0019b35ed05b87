"""What a render leaves as exact numbers: slots of the compositor's file node, read into arrays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

FAR = 1e9
"""Metres beyond which nothing was hit."""


@contextmanager
def changed(owner: Any, **values: Any) -> Iterator[None]:
    """Give ``owner`` these values, and its own ones back afterwards."""
    before = {name: getattr(owner, name) for name in values}
    for name, value in values.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


def save_array(folder: Path, name: str, values: np.ndarray) -> str:
    """Write an array into a folder; return the file's name."""
    np.save(folder / f"{name}.npy", np.ascontiguousarray(values))
    return f"{name}.npy"


class ExactOutput:
    """Renders and returns arrays, top row first, of the passes that were asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        here = bpy.context.scene
        here.use_nodes = True
        self._tree = here.node_tree
        self._source = next(node for node in self._tree.nodes if node.type == "R_LAYERS")
        self._node = self._tree.nodes.new("CompositorNodeOutputFile")
        self._node.base_path = str(folder)
        self._node.format.file_format = "OPEN_EXR"
        self._node.format.color_depth = "32"
        self._node.format.color_mode = "RGBA"

    def render(self, sockets: dict[str, int], picture: str = "") -> dict[str, np.ndarray]:
        """Render the frame; ``sockets``: pass -> channels. Returns (H, W, channels) float32 each.

        ``picture``: name of the PNG that is written beside them, "" for none.
        """
        self._node.file_slots.clear()
        for socket in sockets:
            self._node.file_slots.new(f"{socket}-")
            self._tree.links.new(self._source.outputs[socket], self._node.inputs[f"{socket}-"])
        self._node.mute = not sockets
        bpy.context.scene.render.filepath = str(self._folder / picture)
        bpy.ops.render.render(write_still=bool(picture))
        frame = bpy.context.scene.frame_current
        return {name: self._read(f"{name}-{frame:04d}.exr", n) for name, n in sockets.items()}

    def save(self, name: str, values: np.ndarray) -> str:
        """Write an array into the job's folder; return the file's name."""
        return save_array(self._folder, name, values)

    def _read(self, name: str, channels: int) -> np.ndarray:
        written = self._folder / name
        image = bpy.data.images.load(str(written))
        image.colorspace_settings.name = "Non-Color"
        width, height = image.size
        values = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
        written.unlink()
        return values.reshape(height, width, -1)[::-1, :, :channels]

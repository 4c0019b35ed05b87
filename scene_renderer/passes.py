"""Rendering with Cycles on the CPU, and which files a frame leaves.

Pictures go through Blender's view transform into 8-bit PNG without dither; object numbers, depth
and the like leave as arrays of their exact values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np

BOUNCES = 8


def prepare(scene: dict[str, Any], threads: int, *, denoise: bool) -> None:
    """Set what every frame has in common; nothing in here depends on the machine."""
    here = bpy.context.scene
    render, cycles = here.render, here.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = scene["width"], scene["height"]
    render.resolution_percentage = 100
    render.film_transparent = False
    render.use_persistent_data = True
    render.threads_mode, render.threads = "FIXED", threads
    render.dither_intensity = 0.0
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode, render.image_settings.color_depth = "RGB", "8"
    render.image_settings.compression = 15
    render.use_motion_blur = False
    here.view_settings.view_transform = "Standard"
    cycles.device, cycles.samples = "CPU", scene["samples"]
    cycles.use_adaptive_sampling = False
    cycles.use_denoising, cycles.denoiser = denoise, "OPENIMAGEDENOISE"
    cycles.max_bounces = BOUNCES
    cycles.transparent_max_bounces = BOUNCES
    cycles.sample_clamp_indirect = 8.0
    cycles.blur_glossy = 0.5
    cycles.use_animated_seed = False


class FrameWriter:
    """Writes the files of one frame after the other into ``folder``."""

    def __init__(self, folder: Path, layers: set[str]) -> None:
        self._folder, self._layers = folder, layers
        self._slots = self._add_outputs()

    def full(self, frame: int) -> dict[str, str]:
        """Render everything; also the object numbers of what the camera meets first."""
        self._outputs.mute = False
        picture = self._render(f"full-{frame:05d}.png")
        self._outputs.mute = True
        files = {"rgb_full": picture}
        for layer, channels in self._slots.items():
            files[layer] = self._exact(layer, frame, channels)
        return files

    def removed(self, frame: int) -> dict[str, str]:
        """Render what is left when the removed objects are hidden from every ray."""
        return {"rgb_removed": self._render(f"removed-{frame:05d}.png")}

    def _render(self, name: str) -> str:
        bpy.context.scene.render.filepath = str(self._folder / name)
        bpy.ops.render.render(write_still=True)
        return name

    def _add_outputs(self) -> dict[str, int]:
        """Ask the compositor for one float file per exact layer."""
        here = bpy.context.scene
        layer = bpy.context.view_layer
        layer.use_pass_object_index = True
        layer.use_pass_z = "depth" in self._layers
        here.use_nodes = True
        tree = here.node_tree
        source = next(node for node in tree.nodes if node.type == "R_LAYERS")
        self._outputs = tree.nodes.new("CompositorNodeOutputFile")
        self._outputs.base_path = str(self._folder)
        self._outputs.format.file_format = "OPEN_EXR"
        self._outputs.format.color_depth = "32"
        self._outputs.file_slots.clear()
        wanted = {"instances": ("IndexOB", 1), "depth": ("Depth", 1)}
        slots = {}
        for name, (socket, channels) in wanted.items():
            if name in self._layers:
                self._outputs.file_slots.new(f"{name}-")
                tree.links.new(source.outputs[socket], self._outputs.inputs[f"{name}-"])
                slots[name] = channels
        return slots

    def _exact(self, layer: str, frame: int, channels: int) -> str:
        """Turn the compositor's file into an array, top row first, and remove the file."""
        written = self._folder / f"{layer}-{frame:04d}.exr"
        image = bpy.data.images.load(str(written))
        image.colorspace_settings.name = "Non-Color"
        width, height = image.size
        values = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
        written.unlink()
        picture = values.reshape(height, width, -1)[::-1, :, :channels]
        exact = np.rint(picture[..., 0]).astype(np.uint8) if layer == "instances" else picture
        name = f"{layer}-{frame:05d}.npy"
        np.save(self._folder / name, np.ascontiguousarray(exact))
        return name

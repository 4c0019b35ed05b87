"""Rendering with Cycles on the CPU, and which files a frame leaves.

Pictures go through Blender's view transform into 8-bit PNG without dither; object numbers, depth
and the like leave as arrays of their exact values.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import bpy
import numpy as np
from job import RenderJob
from labels import LabelWriter
from motion import Motion
from outputs import ExactOutput
from shortcut import Box, bordered, box_of, look

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
    shutter = scene["camera"]["shutter"]
    render.use_motion_blur = shutter > 0
    render.motion_blur_shutter, render.motion_blur_position = max(shutter, 0.01), "CENTER"
    here.view_settings.view_transform = "Standard"
    cycles.device, cycles.samples = "CPU", scene["samples"]
    cycles.use_adaptive_sampling = False
    cycles.use_denoising, cycles.denoiser = denoise, "OPENIMAGEDENOISE"
    # A third of the time of the best, for less than 0.3 dB. Blender has it since 4.2 (its pull
    # request 121374, May 2024), the oldest that is asked for.
    cycles.denoising_quality = "BALANCED"
    cycles.max_bounces = BOUNCES
    cycles.transparent_max_bounces = BOUNCES
    cycles.sample_clamp_indirect = 8.0
    cycles.blur_glossy = 0.5
    cycles.use_animated_seed = False


class FrameWriter:
    """Writes the files of one frame after the other into the job's folder."""

    def __init__(self, job: RenderJob, motion: Motion) -> None:
        layers = set(job.layers)
        self._output = ExactOutput(job.folder)
        self._size = int(job.scene["width"]), int(job.scene["height"])
        self._shortcut, self._pair = job.shortcut, "rgb_removed" in layers
        self._before = np.zeros((0, 0, 3), np.float32)
        self._light = {"Image": 3} if layers & {"light", "objects"} else {}
        bpy.context.view_layer.use_pass_object_index = True
        self._labels = LabelWriter(self._output, layers, motion, job.scene["camera"])

    def full(self, frame: int) -> dict[str, str]:
        """Render everything; also the object numbers of what the camera meets first."""
        picture = f"full-{frame:05d}.png"
        found = self._output.render({"IndexOB": 1, **self._light}, picture)
        if bpy.context.scene.render.use_motion_blur:
            found["IndexOB"] = self._labels.numbers()
        numbers = np.rint(found["IndexOB"][..., 0]).astype(np.uint8)
        files = {"rgb_full": picture}
        files["instances"] = self._output.save(f"instances-{frame:05d}", numbers)
        if self._light:
            files["light_full"] = self._output.save(f"light_full-{frame:05d}", found["Image"])
        if self._shortcut:
            self._before = look(self._output)
        return files

    def removed(self, frame: int) -> tuple[dict[str, str], list[int] | None]:
        """Render what is left when the removed objects are hidden from every ray: the files, and
        left, top, right and bottom of what was rendered when that is not everything. Nothing for
        who asked for no pair."""
        if not self._pair:
            return {}, None
        picture, box = f"removed-{frame:05d}.png", self._box()
        with bordered(box, *self._size) if box else nullcontext():
            found = self._output.render(self._light, picture)
        files = {"rgb_removed": picture}
        if self._light:
            files["light_removed"] = self._output.save(f"light_removed-{frame:05d}", found["Image"])
        return files, box.as_list() if box else None

    def _box(self) -> Box | None:
        if not self._shortcut:
            return None
        return box_of(self._before, look(self._output), *self._size)

    def labels(self, frame: int, objects: list[Any], gone: list[Any]) -> dict[str, str]:
        """Render what else was asked for, of the scene with everything in it."""
        return self._labels.write(frame, objects, gone)

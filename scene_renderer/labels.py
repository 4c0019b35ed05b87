"""Labels beyond the pair: renders of the same frame in which something is asked of the scene alone.

Every one of them leaves the scene as it found it, so that the pair keeps its bytes whatever else
is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import bpy
import numpy as np
from motion import Motion
from outputs import FAR, ExactOutput, changed

COVERAGE_SAMPLES = 64
"""An alpha has at least so many steps."""
AT_CENTRES = {"distance", "normals", "flow_forward", "flow_backward"}
"""Labels of what the ray through the centre of a pixel meets."""
CLEAR = 0.3
"""Roughness below which glass shows what is behind it."""
CENTRE = 0.01
"""Width of a pixel filter, in pixels, that sees the centre of the pixel alone."""


class LabelWriter:
    """Writes the labels of a frame that ``layers`` names: those of ``AT_CENTRES``, ``cover`` (how
    much of each pixel the removed objects cover, and the others), ``objects`` (of each its coverage
    and what lies behind it), ``light`` (the scene with the removed objects hidden from the camera
    alone) and ``defocus`` (everything through the lens of ``camera``).

    Through an open shutter everything is a mean over its time, but what is seen at centres is of
    its middle."""

    def __init__(
        self, output: ExactOutput, layers: set[str], motion: Motion, camera: dict[str, Any]
    ) -> None:
        self._output, self._layers, self._motion = output, layers, motion
        self._camera = camera

    def write(self, frame: int, objects: list[Any], gone: list[Any]) -> dict[str, str]:
        """Return the files by label; objects are numbered in their order, from 00."""
        found: dict[str, np.ndarray] = {}
        if self._layers & AT_CENTRES:
            found |= self._at_centres(frame)
        if "cover" in self._layers:
            kept = [made for made in objects if made not in gone]
            found |= {"cover_gone": self._coverage(gone), "cover_kept": self._coverage(kept)}
        if "light" in self._layers:
            found["light_plate"] = self._without(gone)
        if "defocus" in self._layers:
            found["defocus"] = self._through_a_lens()
        if "objects" in self._layers:
            for number, made in enumerate(objects):
                found[f"alpha_{number:02d}"] = self._coverage([made], through=made["clear"])
                found[f"behind_{number:02d}"] = self._without([made])
        return {
            name: self._output.save(f"{name}-{frame:05d}", values) for name, values in found.items()
        }

    def _at_centres(self, frame: int) -> dict[str, np.ndarray]:
        """Return what the ray through each pixel's centre meets: one sample, nothing mixed. 0 is
        where it meets nothing; of flow, NaN."""
        layer = bpy.context.view_layer
        with (
            changed(layer, use_pass_z=True, use_pass_normal=True),
            changed(bpy.context.scene.cycles, filter_width=CENTRE),
            _glimpse(),
        ):
            passes = self._output.render({"Depth": 1, "Normal": 3, "IndexOB": 1})
        depth = passes["Depth"][..., 0]
        hit = depth < FAR
        distance = np.where(hit, depth, 0)
        numbers = np.rint(passes["IndexOB"][..., 0])
        found = {
            "distance": distance,
            "normals": np.where(hit[..., None], passes["Normal"], 0),
            "flow_forward": self._motion.flow(frame, frame + 1, distance, numbers),
            "flow_backward": self._motion.flow(frame, frame - 1, distance, numbers),
        }
        return {name: values for name, values in found.items() if name in self._layers}

    def numbers(self) -> np.ndarray:
        """Return the numbers of what is seen in the middle of the shutter's time: (H, W, 1)."""
        with _glimpse():
            return self._output.render({"IndexOB": 1})["IndexOB"]

    def _coverage(self, mine: list[Any], *, through: bool = False) -> np.ndarray:
        """Return how much of each pixel these objects cover, in front of all else: 0..1; with
        ``through``, less what is seen through their glass."""
        scene = bpy.context.scene
        if not mine:
            return np.zeros((scene.render.resolution_y, scene.render.resolution_x), np.float32)
        bounces = scene.cycles.max_bounces if through else 0
        others = [one for one in scene.objects if one.type == "MESH" and one not in mine]
        samples = max(COVERAGE_SAMPLES, scene.cycles.samples)
        with ExitStack() as stack:
            for other in others:
                # Smoke in front of an object is in its light: it takes nothing from its alpha.
                hidden = {"visible_camera": False} if "smoke" in other else {"is_holdout": True}
                stack.enter_context(changed(other, **hidden))
            stack.enter_context(changed(scene.render, film_transparent=True))
            stack.enter_context(
                changed(
                    scene.cycles,
                    samples=samples,
                    max_bounces=bounces,
                    use_denoising=False,
                    film_transparent_glass=through,
                    film_transparent_roughness=CLEAR,
                )
            )
            return self._output.render({"Alpha": 1})["Alpha"][..., 0]

    def _through_a_lens(self) -> np.ndarray:
        """Return the scene through the lens that the camera's words ask for: (H, W, 3), linear.

        Far points spread over f^2 / (N (d - f)) of the sensor, so that N follows from the spread.
        """
        lens = bpy.context.scene.camera.data
        metres = max(self._camera["focus"], 0.1)
        spread = max(self._camera["blur"], 1e-4) * lens.sensor_width
        stop = lens.lens**2 / (spread * (1000 * metres - lens.lens))
        with changed(lens.dof, use_dof=True, focus_distance=metres, aperture_fstop=stop):
            return self._output.render({"Image": 3})["Image"]

    def _without(self, hidden: list[Any]) -> np.ndarray:
        """Return the light of the scene when the camera does not see these objects, but every other
        ray does: their shadows and reflections stay. (H, W, 3), linear."""
        with _unseen(hidden):
            return self._output.render({"Image": 3})["Image"]


@contextmanager
def _glimpse() -> Iterator[None]:
    """Look once through each pixel, at one moment, for what is there and not for its light."""
    here = bpy.context.scene
    with (
        changed(here.render, use_motion_blur=False),
        changed(here.cycles, samples=1, max_bounces=0, use_denoising=False),
    ):
        yield


@contextmanager
def _unseen(hidden: list[Any]) -> Iterator[None]:
    with ExitStack() as stack:
        for made in hidden:
            stack.enter_context(changed(made, visible_camera=False))
        yield

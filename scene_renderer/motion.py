"""Optical flow of rigid bodies, from the poses themselves.

Blender's own vector pass reaches a file with three of its four numbers. Where every body is rigid,
distance, object number and poses say where a point lies in another frame, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np


@dataclass(frozen=True)
class Motion:
    """``bodies``: for each object its pose in every frame, in the order of their numbers;
    ``cameras``: the camera's pose in every frame; all (4, 4) float64. ``lens``: focal length in
    widths of the sensor, which spans the longer side."""

    bodies: list[list[np.ndarray]]
    cameras: list[np.ndarray]
    lens: float

    def flow(self, frame: int, other: int, distance: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Return how far, in pixels to the right and down, each point moves from ``frame`` to
        ``other``: (H, W, 2) float32, NaN where nothing is seen or ``other`` does not exist.

        ``distance``: (H, W) metres from the camera's plane, 0 for nothing; ``numbers``: (H, W)
        object numbers from 1, 0 for what stands still. Both at the centres of pixels.
        """
        found = np.full((*distance.shape, 2), np.nan, np.float32)
        if not 0 <= other < len(self.cameras):
            return found
        seen = distance > 0
        rows, columns = np.nonzero(seen)
        at = np.stack([columns + 0.5, rows + 0.5], axis=1)
        points = self._unproject(at, distance[seen], self.cameras[frame], distance.shape)
        carried = points.copy()
        for number, poses in enumerate(self.bodies, start=1):
            mine = numbers[seen] == number
            step = poses[other] @ np.linalg.inv(poses[frame])
            carried[mine] = points[mine] @ step.T
        found[seen] = self._project(carried, self.cameras[other], distance.shape) - at
        return found

    def _unproject(
        self, at: np.ndarray, distance: np.ndarray, camera: np.ndarray, shape: tuple[int, ...]
    ) -> np.ndarray:
        right, down = ((at - self._middle(shape)) / self._scale(shape)).T * distance
        seen = np.stack([right, -down, -distance, np.ones_like(distance)], axis=1)
        return seen @ camera.T

    def _project(
        self, points: np.ndarray, camera: np.ndarray, shape: tuple[int, ...]
    ) -> np.ndarray:
        right, up, back, _ = (points @ np.linalg.inv(camera).T).T
        with np.errstate(divide="ignore", invalid="ignore"):
            sides = np.stack([right, -up], axis=1) / np.where(back < 0, -back, np.nan)[:, None]
        return sides * self._scale(shape) + self._middle(shape)

    def _scale(self, shape: tuple[int, ...]) -> float:
        return self.lens * max(shape[:2])

    def _middle(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.array([shape[1] / 2, shape[0] / 2])


def motion_of(tracks: list[list[Any]], frames: int) -> Motion:
    """Return the motion of objects whose poses are ``tracks``, seen by the scene's camera."""
    camera = bpy.context.scene.camera
    cameras = []
    for frame in range(frames):
        bpy.context.scene.frame_set(frame)
        cameras.append(np.array(camera.matrix_world))
    bodies = [[np.array(pose) for pose in poses] for poses in tracks]
    return Motion(bodies, cameras, camera.data.lens / camera.data.sensor_width)

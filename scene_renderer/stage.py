"""The scene in Blender: built from its description, simulated once, rendered frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
from fur import grow_fur
from job import RenderJob
from materials import make_material, make_smoke
from mathutils import Matrix, Quaternion, Vector
from models import load_model
from motion import motion_of
from outputs import save_array
from panorama import sky_picture
from passes import FrameWriter, prepare
from physics import (
    Poses,
    deepest_overlap,
    frames_inside,
    play_back,
    settle,
    supports,
    throw,
)
from shapes import make_shape
from surroundings import add_camera, add_ground, add_sky, add_sun, add_wall, camera_path

SMOKE = "smoke"
PANORAMA = "panorama"


def build_stage(scene: dict[str, Any], files: dict[str, str]) -> Stage:
    """Empty Blender and build the scene in it; ``files`` says where its own files lie."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    add_ground(scene["ground"])
    for number, wall in enumerate(scene["walls"]):
        add_wall(number, wall)
    add_sky(scene["sky"], files)
    add_sun(scene["sun"])
    add_camera(scene["camera"], scene["frames"])
    return Stage(scene, files)


class Stage:
    """Objects by name, in the order of the description: object i has index i + 1."""

    def __init__(self, scene: dict[str, Any], files: dict[str, str]) -> None:
        self._scene = scene
        self._words = {words["name"]: words for words in scene["objects"]}
        self._objects = {name: _make(words, files) for name, words in self._words.items()}
        for index, made in enumerate(self._objects.values(), start=1):
            made.pass_index = index
        self.removed: list[str] = []
        self._poses: Poses = {}

    def simulate(self) -> dict[str, Any]:
        """Let things fall and move; return facts that a check or a caption wants.

        What lies on a removed object is removed too: it would hang in the air.
        """
        kinds = {name: words["shape"]["kind"] for name, words in self._words.items()}
        solid = {n: made for n, made in self._objects.items() if kinds[n] != SMOKE}
        resting = {n: made for n, made in solid.items() if self._words[n]["rests"]}
        moving = {n: made for n, made in solid.items() if n not in resting}
        frames, fps = self._scene["frames"], self._scene["fps_num"] / self._scene["fps_den"]
        settle(resting, kinds)
        speeds = {n: Vector(self._words[n]["velocity"]) for n in moving}
        poses = throw(moving, resting, kinds, speeds, frames, fps)
        self._poses = poses | {
            name: self._drift(name, frames, fps) for name in self._objects if name not in solid
        }
        play_back(self._objects, self._poses)
        lying = [supports(solid, poses, frame) for frame in {0, frames - 1}]
        self.removed = self._closed(
            [n for n, words in self._words.items() if words["removed"]], lying
        )
        path = camera_path(self._scene["camera"], frames)
        return {
            "removed": self.removed,
            "inside": frames_inside(solid, poses, path),
            "overlaps": max(deepest_overlap(solid, poses, f) for f in {0, frames // 2, frames - 1}),
            "lowest": min(
                (pose.translation.z for track in poses.values() for pose in track), default=0.0
            ),
        }

    def render(self, job: RenderJob) -> Iterator[dict[str, Any]]:
        """Render each frame with everything, then without what is removed; yield ``layers``, the
        files by layer, and the ``box`` of the second picture that was rendered, None for all. Of a
        job that asks for the ``panorama`` alone it is the sky that is yielded, once."""
        if job.layers == (PANORAMA,):
            yield {
                "layers": {PANORAMA: save_array(job.folder, PANORAMA, sky_picture())},
                "box": None,
            }
            return
        self._dress()
        prepare(self._scene, job.threads, denoise=job.denoise)
        tracks = [self._poses[name] for name in self._objects]
        motion = motion_of(tracks, self._scene["frames"])
        writer = FrameWriter(job, motion)
        gone = [self._objects[name] for name in self.removed]
        for frame in range(self._scene["frames"]):
            bpy.context.scene.frame_set(frame)
            bpy.context.scene.cycles.seed = (self._scene["seed"] + frame) % 2**31
            layers = writer.full(frame)
            for made in gone:
                made.hide_render = True
            more, box = writer.removed(frame)
            for made in gone:
                made.hide_render = False
            labels = writer.labels(frame, list(self._objects.values()), gone)
            yield {"layers": layers | more | labels, "box": box}

    def _drift(self, name: str, frames: int, fps: float) -> list[Matrix]:
        """Return the poses of what nothing holds and nothing hits."""
        start, way = self._objects[name].matrix_world, Vector(self._words[name]["velocity"]) / fps
        return [Matrix.Translation(way * frame) @ start for frame in range(frames)]

    def _dress(self) -> None:
        """Grow fur, once nothing falls on it or lies on it any more: bodies are solid."""
        for name, words in self._words.items():
            shape, size = words["shape"], words["size"]
            if shape["fur"]:
                grow_fur(self._objects[name], shape["fur"] * size, size, shape["seed"])

    def _closed(self, removed: list[str], lying: list[dict[str, list[str]]]) -> list[str]:
        found, waiting = set(removed), list(removed)
        while waiting:
            under = waiting.pop()
            above = {over for state in lying for over in state.get(under, ())} - found
            found |= above
            waiting += sorted(above)
        return [name for name in self._objects if name in found]


def _make(words: dict[str, Any], files: dict[str, str]) -> Any:
    shape = words["shape"]
    if shape["kind"] == "model":
        made = load_model(words["name"], shape["file"], files)
    else:
        made = make_shape(words["name"], shape)
    if shape["kind"] == SMOKE:
        made.data.materials.append(make_smoke(words["name"], words["surface"], shape))
        made[SMOKE] = True
    elif not made.data.materials:
        made.data.materials.append(make_material(words["name"], words["surface"]))
    made.scale = (words["size"],) * 3
    bpy.context.view_layer.update()
    _apply_scale(made)
    made["clear"] = words["surface"]["transmission"] > 0 and shape["kind"] != "model"
    made.rotation_mode = "QUATERNION"
    made.location, made.rotation_quaternion = words["location"], Quaternion(words["rotation"])
    bpy.context.view_layer.update()
    return made


def _apply_scale(made: Any) -> None:
    """Rigid bodies read the mesh, so that its size belongs there."""
    made.data.transform(made.matrix_world)
    made.scale = (1, 1, 1)

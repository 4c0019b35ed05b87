"""How objects fall and move: Blender's rigid bodies, with a time step that follows the frame rate.

Poses are recorded once and played back for every render, so that the scene with an object and the
scene without it move alike.
"""

from __future__ import annotations

from math import ceil
from typing import Any, TypeAlias

import bpy
from mathutils import Matrix, Vector
from mathutils.bvhtree import BVHTree

Poses: TypeAlias = dict[str, list[Matrix]]

STEPS_PER_SECOND = 240
SETTLE_SECONDS = 4
SETTLE_FPS = 60
TOUCH = 0.02  # metres: how far apart two bodies are that count as touching
NEAR = 0.1  # metres: what is nearer to the camera is not drawn
LEAD = 2  # frames during which a thrown object is carried, so that it has its speed when let go


class BodyWorld:
    """One simulation of some objects over a solid floor; ends with ``close``."""

    def __init__(self, fps: float, first: int, last: int) -> None:
        self._scene = bpy.context.scene
        self._scene.render.fps = max(1, round(fps))
        self._scene.render.fps_base = self._scene.render.fps / fps
        bpy.ops.rigidbody.world_add()
        self._world = self._scene.rigidbody_world
        self._world.collection = bpy.data.collections.new("bodies")
        self._world.substeps_per_frame = max(1, ceil(STEPS_PER_SECOND / fps))
        self._world.solver_iterations = 20
        self._world.point_cache.frame_start, self._world.point_cache.frame_end = first, last
        self._floor = self._add_floor()

    def add(self, made: Any, shape: str, *, fixed: bool) -> None:
        """Let ``made`` take part; a ``fixed`` body is hit but does not move."""
        self._world.collection.objects.link(made)
        body = made.rigid_body
        body.type = "PASSIVE" if fixed else "ACTIVE"
        body.collision_shape = _HULLS.get(shape, "CONVEX_HULL")
        body.friction, body.restitution = 0.5, 0.0 if fixed else 0.35
        body.use_margin, body.collision_margin = True, 0.002

    def close(self) -> None:
        """Forget the simulation; objects stay where their own transforms put them."""
        for made in list(self._world.collection.objects):
            made.animation_data_clear()
        bpy.ops.rigidbody.world_remove()
        bpy.data.objects.remove(self._floor)

    def _add_floor(self) -> Any:
        bpy.ops.mesh.primitive_cube_add(size=1.0, location=(0, 0, -1), scale=(200, 200, 2))
        floor = bpy.context.object
        floor.hide_render = True
        self._world.collection.objects.link(floor)
        floor.rigid_body.type, floor.rigid_body.collision_shape = "PASSIVE", "BOX"
        floor.rigid_body.friction, floor.rigid_body.restitution = 0.5, 0.5
        return floor


_HULLS = {"sphere": "SPHERE", "cube": "BOX"}


def settle(bodies: dict[str, Any], kinds: dict[str, str]) -> None:
    """Let objects fall from where they hang and stay where they come to rest.

    The time is fixed, so that no object's pose depends on how long another one rolls.
    """
    if not bodies:
        return
    frames = SETTLE_SECONDS * SETTLE_FPS
    world = BodyWorld(SETTLE_FPS, 0, frames)
    for name, made in bodies.items():
        world.add(made, kinds[name], fixed=False)
    for frame in range(frames):
        bpy.context.scene.frame_set(frame)
    last = _poses(bodies)
    world.close()
    for name, made in bodies.items():
        made.matrix_world = last[name]


def throw(
    moving: dict[str, Any],
    resting: dict[str, Any],
    kinds: dict[str, str],
    velocities: dict[str, Vector],
    frames: int,
    fps: float,
) -> Poses:
    """Return every object's pose in frames 0 to ``frames`` - 1; metres and seconds."""
    world = BodyWorld(fps, -LEAD, frames)
    for name, made in resting.items():
        world.add(made, kinds[name], fixed=True)
    for name, made in moving.items():
        world.add(made, kinds[name], fixed=False)
        _carry(made, velocities[name] / fps)
    poses: Poses = {name: [] for name in moving | resting}
    for frame in range(-LEAD, frames):
        bpy.context.scene.frame_set(frame)
        if frame >= 0:
            for name, pose in _poses(moving | resting).items():
                poses[name].append(pose)
    world.close()
    return poses


def _carry(made: Any, step: Vector) -> None:
    """Lead an object to its place in even steps, and let go of it there."""
    place = made.location.copy()
    for frame in range(-LEAD, 1):
        made.location = place + step * frame
        made.keyframe_insert("location", frame=frame)
    made.rigid_body.kinematic = True
    made.rigid_body.keyframe_insert("kinematic", frame=-LEAD)
    made.rigid_body.kinematic = False
    made.rigid_body.keyframe_insert("kinematic", frame=1)  # the step into a frame reads its value
    for curve in _curves(made):
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"


def _curves(made: Any) -> Any:
    return made.animation_data.action.fcurves


def _poses(bodies: dict[str, Any]) -> dict[str, Matrix]:
    graph = bpy.context.evaluated_depsgraph_get()
    return {name: made.evaluated_get(graph).matrix_world.copy() for name, made in bodies.items()}


def play_back(bodies: dict[str, Any], poses: Poses) -> None:
    """Key the recorded poses."""
    for name, made in bodies.items():
        made.rotation_mode = "QUATERNION"
        before = None
        for frame, pose in enumerate(poses[name]):
            place, turn, scale = pose.decompose()
            if before is not None and before.dot(turn) < 0:
                turn.negate()
            made.location, made.rotation_quaternion, made.scale, before = place, turn, scale, turn
            made.keyframe_insert("location", frame=frame)
            made.keyframe_insert("rotation_quaternion", frame=frame)
        straighten(made)


def straighten(made: Any) -> None:
    """Let keyed poses go evenly from one to the next, and on beyond the first and the last: what a
    shutter sees that is open before and after the moment of a frame."""
    for curve in _curves(made):
        curve.extrapolation = "LINEAR"
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"


def supports(bodies: dict[str, Any], poses: Poses, frame: int) -> dict[str, list[str]]:
    """Return, for each object, those that lie on it in ``frame``: touching, and centred higher."""
    trees = {name: _tree(made, poses[name][frame], 0.0) for name, made in bodies.items()}
    lowered = {name: _tree(made, poses[name][frame], -TOUCH) for name, made in bodies.items()}
    height = {name: poses[name][frame].translation.z for name in bodies}
    return {
        under: sorted(
            over
            for over in bodies
            if over != under
            and height[over] > height[under]
            and trees[under].overlap(lowered[over])
        )
        for under in bodies
    }


def frames_inside(bodies: dict[str, Any], poses: Poses, path: list[Vector]) -> int:
    """Return in how many frames a point that goes along ``path`` is within the box of a body, or
    nearer to it than ``NEAR``."""
    boxes = {name: _box(made) for name, made in bodies.items()}
    return sum(
        any(_within(poses[name][frame].inverted() @ point, box) for name, box in boxes.items())
        for frame, point in enumerate(path)
    )


def _box(made: Any) -> list[tuple[float, float]]:
    """Return the lowest and the highest coordinate of a body along each axis of its own."""
    return [(min(along), max(along)) for along in zip(*made.bound_box, strict=True)]


def _within(point: Vector, box: list[tuple[float, float]]) -> bool:
    sides = zip(point, box, strict=True)
    return all(low - NEAR <= at <= high + NEAR for at, (low, high) in sides)


def deepest_overlap(bodies: dict[str, Any], poses: Poses, frame: int) -> int:
    """Return how many pairs of objects cut into each other in ``frame``."""
    trees = [_tree(made, poses[name][frame], 0.0) for name, made in bodies.items()]
    return sum(
        bool(trees[a].overlap(trees[b]))
        for a in range(len(trees))
        for b in range(a + 1, len(trees))
    )


def _tree(made: Any, pose: Matrix, lift: float) -> BVHTree:
    lifted = Matrix.Translation((0, 0, lift)) @ pose
    points = [lifted @ vertex.co for vertex in made.data.vertices]
    return BVHTree.FromPolygons(points, [tuple(face.vertices) for face in made.data.polygons])

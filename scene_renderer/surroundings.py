"""Everything that is not an object of the scene: ground, walls, sky, sun and camera."""

from __future__ import annotations

from math import cos, radians, sin
from typing import Any

import bpy
from materials import make_material
from mathutils import Vector
from physics import straighten

GROUND_SIDE = 200.0
SENSOR_MM = 32.0


def add_ground(words: dict[str, Any]) -> None:
    """Lay the ground at z = 0."""
    bpy.ops.mesh.primitive_plane_add(size=GROUND_SIDE)
    ground = bpy.context.object
    ground.name = "ground"
    ground.data.materials.append(make_material("ground", words))


def add_wall(number: int, words: dict[str, Any]) -> None:
    """Put up a wall that looks at the point ``towards``, upright on the ground."""
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    wall = bpy.context.object
    wall.name = f"wall-{number}"
    wall.scale = (words["width"], 0.2, words["height"])
    foot = Vector((*words["location"], 0.0))
    wall.location = foot + Vector((0, 0, words["height"] / 2))
    away = Vector((*words["towards"], 0.0)) - foot
    wall.rotation_euler = away.to_track_quat("Y", "Z").to_euler()
    wall.data.materials.append(make_material(wall.name, words["surface"]))


def add_sky(words: dict[str, Any], files: dict[str, str]) -> None:
    """Light the scene from all around: by a picture, or from the colour of the horizon up to that
    of the zenith."""
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    light = tree.nodes["Background"]
    light.inputs["Strength"].default_value = words["strength"]
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    if words.get("file"):
        colour = _pictured(tree, coordinates, words, files)
    else:
        colour = _graded(tree, coordinates, words)
    tree.links.new(colour, light.inputs["Color"])


def _pictured(tree: Any, coordinates: Any, words: dict[str, Any], files: dict[str, str]) -> Any:
    """Return the colours of a picture of light from all around, turned about the vertical."""
    file = words["file"]
    try:
        image = bpy.data.images.load(files[file["digest"]])
    except RuntimeError as error:
        raise ValueError(f"{file['name']} cannot be read as a picture of light") from error
    if not image.size[0]:
        raise ValueError(f"{file['name']} cannot be read as a picture of light")
    place = tree.nodes.new("ShaderNodeMapping")
    place.inputs["Rotation"].default_value = (0, 0, radians(words["turn"]))
    tree.links.new(coordinates.outputs["Generated"], place.inputs["Vector"])
    around = tree.nodes.new("ShaderNodeTexEnvironment")
    around.image = image
    tree.links.new(place.outputs["Vector"], around.inputs["Vector"])
    return around.outputs["Color"]


def _graded(tree: Any, coordinates: Any, words: dict[str, Any]) -> Any:
    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (*words["horizon"], 1)
    ramp.color_ramp.elements[1].color = (*words["zenith"], 1)
    ramp.color_ramp.elements[1].position = 0.6
    tree.links.new(coordinates.outputs["Generated"], split.inputs["Vector"])
    tree.links.new(split.outputs["Z"], ramp.inputs["Fac"])
    return ramp.outputs["Color"]


def add_sun(words: dict[str, Any]) -> None:
    """A sun that stands ``elevation`` degrees above the horizon, so that it always shines down."""
    light = bpy.data.lights.new("sun", "SUN")
    light.energy, light.angle = words["strength"], radians(words["angle"])
    light.color = words["color"]
    sun = bpy.data.objects.new("sun", light)
    bpy.context.scene.collection.objects.link(sun)
    high, around = radians(words["elevation"]), radians(words["azimuth"])
    place = Vector((cos(high) * cos(around), cos(high) * sin(around), sin(high)))
    sun.rotation_euler = place.to_track_quat("Z", "Y").to_euler()


def camera_path(words: dict[str, Any], frames: int) -> list[Vector]:
    """Return where the camera is in each frame: on its straight way from start to end."""
    start, end = Vector(words["start"]), Vector(words["end"])
    return [start.lerp(end, frame / max(1, frames - 1)) for frame in range(frames)]


def add_camera(words: dict[str, Any], frames: int) -> None:
    """A camera that goes along its path while it looks from one point to another."""
    lens = bpy.data.cameras.new("camera")
    lens.sensor_width, lens.lens = SENSOR_MM, words["focal"]
    camera = bpy.data.objects.new("camera", lens)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    camera.rotation_mode = "QUATERNION"
    before = None
    for frame, place in enumerate(camera_path(words, frames)):
        share = frame / max(1, frames - 1)
        seen = Vector(words["look_start"]).lerp(Vector(words["look_end"]), share)
        turn = (seen - place).to_track_quat("-Z", "Y")
        if before is not None and before.dot(turn) < 0:
            turn.negate()
        camera.location, camera.rotation_quaternion, before = place, turn, turn.copy()
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_quaternion", frame=frame)
    straighten(camera)

"""Meshes: primitives and noise blobs, each with a longest side of 1 m about its centre."""

from __future__ import annotations

from typing import Any

import bmesh
import bpy
import numpy as np
from mathutils import Vector, noise

SMOOTH = {"sphere", "torus", "blob", "capsule"}


def make_shape(name: str, shape: dict[str, Any]) -> bpy.types.Object:
    """Return a new object, linked to the scene, with the mesh that ``shape`` describes."""
    mesh = bpy.data.meshes.new(name)
    form = bmesh.new()
    _FORMS[shape["kind"]](form, shape)
    bmesh.ops.recalc_face_normals(form, faces=form.faces)
    form.to_mesh(mesh)
    form.free()
    _fit(mesh, Vector(shape.get("aspect", (1, 1, 1))))
    if shape["kind"] in SMOOTH:
        mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
        _fix_normals(mesh)
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    return made


def _fit(mesh: bpy.types.Mesh, aspect: Vector) -> None:
    """Centre the mesh, stretch it by ``aspect``, and make its longest side 1."""
    low = Vector(min(v.co[i] for v in mesh.vertices) for i in range(3))
    high = Vector(max(v.co[i] for v in mesh.vertices) for i in range(3))
    middle = (low + high) / 2
    longest = max((high - low)[i] * aspect[i] for i in range(3))
    for vertex in mesh.vertices:
        vertex.co = (vertex.co - middle) * aspect / longest


def _fix_normals(mesh: bpy.types.Mesh) -> None:
    """Store the normals of a smooth mesh: the sum of its triangles' normals, by their area.

    Blender adds its own up in an order that differs from run to run, by one unit in the last
    place: enough to turn the last bit of a pixel. Read by Blender 4.5; older ones use their own.
    """
    mesh.calc_loop_triangles()
    corners = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    corners = corners.reshape(-1, 3)
    places = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", places)
    a, b, c = places.reshape(-1, 3).astype(np.float64)[corners.T]
    faces = np.cross(b - a, c - a)
    normals = np.zeros((len(mesh.vertices), 3))
    for corner in corners.T:
        np.add.at(normals, corner, faces)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    stored = mesh.attributes.new("custom_normal", "FLOAT_VECTOR", "POINT")
    stored.data.foreach_set("vector", normals.astype(np.float32).ravel())


def _sphere(form: Any, _: dict[str, Any]) -> None:
    bmesh.ops.create_uvsphere(form, u_segments=48, v_segments=24, radius=0.5)


def _cube(form: Any, _: dict[str, Any]) -> None:
    bmesh.ops.create_cube(form, size=1.0)
    bmesh.ops.bevel(form, geom=form.edges[:], offset=0.03, segments=3, affect="EDGES", profile=0.5)


def _cone(form: Any, shape: dict[str, Any]) -> None:
    top = 0.5 if shape["kind"] == "cylinder" else 0.0
    bmesh.ops.create_cone(form, cap_ends=True, segments=48, radius1=0.5, radius2=top, depth=1.0)


def _torus(form: Any, _: dict[str, Any]) -> None:
    """A ring of 48 circles of 20 corners: bmesh has no torus of its own."""
    from math import cos, pi, sin

    rings, corners, tube = 48, 20, 0.32
    verts = []
    for ring in range(rings):
        turn = 2 * pi * ring / rings
        for corner in range(corners):
            angle = 2 * pi * corner / corners
            reach = 1 + tube * cos(angle)
            verts.append(form.verts.new((reach * cos(turn), reach * sin(turn), tube * sin(angle))))
    for ring in range(rings):
        for corner in range(corners):
            after, beside = (ring + 1) % rings, (corner + 1) % corners
            form.faces.new(
                verts[r * corners + c]
                for r, c in ((ring, corner), (after, corner), (after, beside), (ring, beside))
            )


def _blob(form: Any, shape: dict[str, Any]) -> None:
    """An icosphere whose surface is moved along its normal by smooth noise of the shape's seed."""
    bmesh.ops.create_icosphere(form, subdivisions=5, radius=1.0)
    place = Vector((shape["seed"] % 997, shape["seed"] // 997 % 991, 17.0))
    for vertex in form.verts:
        bump = noise.fractal(vertex.co * shape["bumps"] + place, 0.9, 2.0, 4)
        vertex.co *= 1 + shape["depth"] * bump


def _smoke(form: Any, _: dict[str, Any]) -> None:
    """The ball in which smoke can be; at its rim there is none."""
    bmesh.ops.create_icosphere(form, subdivisions=3, radius=0.5)


_FORMS = {
    "sphere": _sphere,
    "cube": _cube,
    "cylinder": _cone,
    "cone": _cone,
    "torus": _torus,
    "blob": _blob,
    "smoke": _smoke,
}

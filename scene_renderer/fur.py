"""Fur: thin strands that are part of an object's own mesh, so that all holds for them that holds
for the object: its number, its poses, what hides it.

Strands are placed by our own arithmetic: Blender's particles follow normals that differ from run
to run in the last bit.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

STRANDS = 2500
RINGS = np.array([0.0, 0.4, 0.75, 1.0])
"""Along a strand: where it has a ring of ``SIDES`` corners."""
SIDES = 3
RADIUS = 0.006
"""Of the object's longest side, at the root of a strand."""
TIP = 0.15
"""Of the root's radius."""
TANGLE, COMBED = 0.35, 0.5
"""Of a strand's length: how far its tip is off at random, and how far all are bent one way."""


def grow_fur(made: Any, length: float, size: float, seed: int) -> None:
    """Add strands of ``length`` metres to an object whose longest side is ``size`` metres."""
    rng = np.random.default_rng(seed)
    roots, outward = _roots(made.data, rng)
    comb = rng.normal(size=3)
    bend = TANGLE * rng.normal(size=roots.shape) + COMBED * comb / np.linalg.norm(comb)
    long = length * rng.uniform(0.7, 1.0, (len(roots), 1))
    share = RINGS[:, None, None]
    spines = roots + long * (share * outward + share**2 * bend)
    across, aside = _beside(outward)
    turns = 2 * np.pi * np.arange(SIDES) / SIDES
    round_about = np.cos(turns)[:, None, None] * across + np.sin(turns)[:, None, None] * aside
    thick = RADIUS * size * (1 - (1 - TIP) * RINGS)
    rings = spines[:, None] + thick[:, None, None, None] * round_about[None]
    _append(made.data, rings.transpose(2, 0, 1, 3), outward)


def _roots(mesh: Any, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points that lie evenly on the mesh, and the directions outward there: (n, 3) each."""
    a, b, c = _places(mesh)[_triangles(mesh).T]
    faces = np.cross(b - a, c - a)
    areas = np.linalg.norm(faces, axis=1)
    chosen = rng.choice(len(areas), STRANDS, p=areas / areas.sum())
    u, v = rng.random((2, STRANDS, 1))
    beyond = u + v > 1
    u, v = np.where(beyond, 1 - u, u), np.where(beyond, 1 - v, v)
    points = a[chosen] + u * (b - a)[chosen] + v * (c - a)[chosen]
    return points, faces[chosen] / areas[chosen, None]


def _triangles(mesh: Any) -> np.ndarray:
    """Return the corners of triangles that fill the mesh's faces, (n, 3), in an order of their own:
    that of the faces differs from run to run."""
    faces = [list(face.vertices) for face in mesh.polygons]
    turned = sorted(face[at:] + face[:at] for face in faces for at in [face.index(min(face))])
    fans = [(face[0], *pair) for face in turned for pair in pairwise(face[1:])]
    return np.array(fans)


def _beside(outward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two directions at right angles to each other and to ``outward``."""
    steep = np.abs(outward[:, 2:]) > 0.9
    up = np.where(steep, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    across = np.cross(outward, up)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return across, np.cross(outward, across)


def _append(mesh: Any, strands: np.ndarray, outward: np.ndarray) -> None:
    """Add (n, rings, SIDES, 3) corners as tubes; they are lit as the surface is that they are on,
    where that is smooth."""
    count, rings = strands.shape[:2]
    had, loops, faces = len(mesh.vertices), len(mesh.loops), len(mesh.polygons)
    smooth = bool(mesh.polygons[0].use_smooth)
    stored = mesh.attributes.get("custom_normal")
    normals = np.zeros(had * 3, np.float32)
    if stored:
        stored.data.foreach_get("vector", normals)
    number = had + np.arange(count * rings * SIDES).reshape(count, rings, SIDES)
    beside = np.roll(number, -1, axis=2)
    quads = np.stack([number[:, :-1], beside[:, :-1], beside[:, 1:], number[:, 1:]], axis=-1)
    added = quads.size // 4
    mesh.vertices.add(strands.size // 3)
    mesh.loops.add(quads.size)
    mesh.polygons.add(added)
    places, corners = _places(mesh), np.empty(loops + quads.size, np.int32)
    places[had:] = strands.reshape(-1, 3)
    mesh.vertices.foreach_set("co", places.astype(np.float32).ravel())
    mesh.loops.foreach_get("vertex_index", corners)
    corners[loops:] = quads.ravel()
    mesh.loops.foreach_set("vertex_index", corners)
    starts = np.empty(faces + added, np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    starts[faces:] = loops + 4 * np.arange(added)
    mesh.polygons.foreach_set("loop_start", starts)
    mesh.polygons.foreach_set("use_smooth", np.full(faces + added, smooth))
    if stored:
        every = np.concatenate([normals.reshape(-1, 3), np.repeat(outward, rings * SIDES, axis=0)])
        mesh.attributes["custom_normal"].data.foreach_set(
            "vector", every.astype(np.float32).ravel()
        )
    mesh.update(calc_edges=True)


def _places(mesh: Any) -> np.ndarray:
    places = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", places)
    return places.reshape(-1, 3).astype(np.float64)

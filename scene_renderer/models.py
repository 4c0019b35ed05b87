"""3D models that people brought in: GLB and OBJ, made one mesh whose longest side is 1 m."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np


def load_model(name: str, file: dict[str, Any], files: dict[str, str]) -> bpy.types.Object:
    """Return a new object, linked to the scene, with all meshes of the file, as they stand in its
    first pose, and their own materials. Its lights, cameras and the rest are left out.

    Raises ValueError, naming the file, when there is no surface in it.
    """
    before = set(bpy.data.objects)
    try:
        _import(files[file["digest"]], file["ending"])
    except RuntimeError as error:
        raise ValueError(f"{file['name']} cannot be read as a 3D model: {error}") from error
    brought = [one for one in bpy.data.objects if one not in before]
    made = _joined(name, [one for one in brought if one.type == "MESH"])
    for one in brought:
        bpy.data.objects.remove(one)
    if made is None:
        raise ValueError(f"{file['name']} has no surface that can be seen")
    _fit(made.data)
    return made


def _import(path: str, ending: str) -> None:
    # The stored file has no ending, by which Blender tells formats apart.
    named = Path(bpy.app.tempdir) / f"model{ending}"
    named.unlink(missing_ok=True)
    if ending == ".obj":
        _copy_shape(Path(path), named)
        bpy.ops.wm.obj_import(filepath=str(named))
    else:
        named.symlink_to(path)
        bpy.ops.import_scene.gltf(filepath=str(named))


def _copy_shape(path: Path, target: Path) -> None:
    """Copy an OBJ without its materials: ``mtllib`` names files, and those name pictures, which
    would be opened wherever on this machine they lie."""
    with path.open("rb") as whole, target.open("wb") as shape:
        shape.writelines(line for line in whole if b"mtl" not in line)


def _joined(name: str, parts: list[Any]) -> Any:
    """Return one object of the parts' meshes in the world's coordinates, None without any face."""
    graph = bpy.context.evaluated_depsgraph_get()
    meshes = []
    for part in parts:
        seen = part.evaluated_get(graph)
        mesh = bpy.data.meshes.new_from_object(seen, depsgraph=graph)
        mesh.transform(seen.matrix_world)
        if seen.matrix_world.is_negative:
            mesh.flip_normals()
        if mesh.polygons:
            meshes.append(mesh)
    if not meshes:
        return None
    copies = [bpy.data.objects.new(name, mesh) for mesh in meshes]
    for copy in copies:
        bpy.context.scene.collection.objects.link(copy)
    with bpy.context.temp_override(
        active_object=copies[0], object=copies[0], selected_editable_objects=copies
    ):
        bpy.ops.object.join()
    return copies[0]


def _fit(mesh: bpy.types.Mesh) -> None:
    """Centre the mesh and make its longest side 1."""
    places = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", places)
    points = places.reshape(-1, 3).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    longest = float((high - low).max())
    if not np.isfinite(longest) or longest <= 0:
        raise ValueError("the model has no size")
    fitted = (points - (low + high) / 2) / longest
    mesh.vertices.foreach_set("co", fitted.astype(np.float32).ravel())
    mesh.update()

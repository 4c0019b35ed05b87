"""3D models: GLB (glTF 2.0 in one file) and OBJ, told by their structure, never opened.

What they claim is held against what the file has, and multiplied out: a mesh counts as often as
nodes show it. glTF 2.0 specification, sections 3.6 (data) and 4 (GLB).
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image

from datasets_app.domain.progress import ShouldStop
from matteweb.errors import BadInput, Cancelled

MODEL_ENDINGS: Final = frozenset({".glb", ".obj"})
MOST_VERTICES: Final = 200_000
MOST_PICTURES: Final = 64
LONGEST_PICTURE: Final = 8192
_MOST_JSON = 16 * 2**20
_MOST_LINE = 64 * 1024
_LOOK_EVERY = 1 << 14
_GLB, _JSON, _BIN = b"glTF", b"JSON", b"BIN\0"
_READ_EXTENSIONS = ("KHR_materials_", "KHR_texture_transform", "KHR_mesh_quantization")
_NEVER = ("EXT_mesh_gpu_instancing", "KHR_draco_mesh_compression", "EXT_meshopt_compression")
_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_PARTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


def survey_model(path: Path, filename: str, *, should_stop: ShouldStop) -> dict[str, Any]:
    """Return what the file holds. Raises BadInput with what is wrong and what to do, Cancelled."""
    if filename.lower().endswith(".obj"):
        vertices = _survey_obj(path, filename, should_stop)
        return {"codec": "Wavefront OBJ", "vertices": vertices}
    try:
        return _survey_glb(path, filename)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _broken(filename, "its parts do not fit each other") from error


def _survey_glb(path: Path, filename: str) -> dict[str, Any]:
    tree, begin, length = _chunks(path, filename)
    if not str(tree["asset"]["version"]).startswith("2"):
        raise BadInput(f"{filename} is not glTF 2.0", hint="export it again from its program")
    _require_extensions(tree, filename)
    _require_inside(tree, length, filename)
    vertices = _vertices(tree)
    if not vertices:
        raise BadInput(f"{filename} shows no mesh", hint="export it with its meshes")
    _require_few(filename, vertices)
    pictures = _pictures(tree, path, begin, filename)
    return {"codec": "glTF 2.0", "vertices": vertices, "pictures": pictures}


def _chunks(path: Path, filename: str) -> tuple[dict[str, Any], int, int]:
    """Return the tree, and where the binary chunk begins and how long it is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(20)
        if len(head) < 20 or head[:4] != _GLB:
            raise BadInput(f"{filename} is no GLB", hint="export it as binary glTF 2.0")
        version, whole, length, kind = struct.unpack("<III4s", head[4:])
        if version != 2 or kind != _JSON:
            raise BadInput(f"{filename} is not GLB 2", hint="export it as binary glTF 2.0")
        if whole != size or length > min(size, _MOST_JSON):
            raise _broken(filename, "it has another length than it says")
        try:
            tree = json.loads(file.read(length))
        except (ValueError, RecursionError) as error:
            raise _broken(filename, "its description is no JSON") from error
        head = file.read(8)
        if not head:
            return tree, size, 0
        if len(head) < 8:
            raise _broken(filename, "its data ends early")
        held, kind = struct.unpack("<I4s", head)
        if kind != _BIN or file.tell() + held > size:
            raise _broken(filename, "its data ends early")
        return tree, file.tell(), held


def _require_extensions(tree: Mapping[str, Any], filename: str) -> None:
    required = list(tree.get("extensionsRequired", []))
    unread = [name for name in required if not str(name).startswith(_READ_EXTENSIONS)]
    unread += [name for name in tree.get("extensionsUsed", []) if name in _NEVER]
    if unread:
        raise BadInput(
            f"{filename} needs {unread[0]}, which is not read here",
            hint="export it without compression and extensions",
        )


def _require_inside(tree: Mapping[str, Any], length: int, filename: str) -> None:
    """Hold buffers, views and accessors against the bytes that there are."""
    for part in (*tree.get("buffers", []), *tree.get("images", [])):
        if "uri" in part and not str(part["uri"]).startswith("data:"):
            raise BadInput(
                f"{filename} refers to {str(part['uri'])[:60]}, which is another file",
                hint="export it as one GLB with everything inside",
            )
    buffers = [len(one["uri"]) if "uri" in one else length for one in tree.get("buffers", [])]
    views = tree.get("bufferViews", [])
    for view in views:
        if _end(view, int(view["byteLength"])) > buffers[view["buffer"]]:
            raise _broken(filename, "its data ends early")
    for one in tree.get("accessors", []):
        element = _BYTES[one["componentType"]] * _PARTS[one["type"]]
        count = int(one["count"])
        if count < 1 or count * element > 8 * max(length, *buffers):
            raise _broken(filename, "it claims more than it has")
        if "bufferView" in one:
            view = views[one["bufferView"]]
            step = int(view.get("byteStride", element))
            if _end(one, (count - 1) * step + element) > int(view["byteLength"]):
                raise _broken(filename, "it claims more than it has")


def _end(part: Mapping[str, Any], length: int) -> int:
    start = int(part.get("byteOffset", 0))
    if start < 0 or length < 0:
        raise ValueError("a negative place")
    return start + length


def _vertices(tree: Mapping[str, Any]) -> int:
    """Return the vertices of all that is shown, as often as it is shown."""
    counts = [one["count"] for one in tree.get("accessors", [])]
    meshes = [
        sum(
            max(int(counts[part["attributes"]["POSITION"]]), int(counts[part["indices"]]) // 3)
            if "indices" in part
            else int(counts[part["attributes"]["POSITION"]])
            for part in mesh["primitives"]
        )
        for mesh in tree.get("meshes", [])
    ]
    return sum(meshes[node["mesh"]] for node in tree.get("nodes", []) if "mesh" in node)


def _pictures(tree: Mapping[str, Any], path: Path, begin: int, filename: str) -> int:
    images = tree.get("images", [])
    if len(images) > MOST_PICTURES:
        raise BadInput(
            f"{filename} has {len(images)} textures; here it may have {MOST_PICTURES}",
            hint="join its materials",
        )
    with path.open("rb") as file:
        for image in images:
            if "bufferView" not in image:
                raise BadInput(
                    f"{filename} has a texture written as text", hint="export it as one GLB"
                )
            view = tree["bufferViews"][image["bufferView"]]
            file.seek(begin + int(view.get("byteOffset", 0)))
            _require_picture(file.read(int(view["byteLength"])), filename)
    return len(images)


def _require_picture(data: bytes, filename: str) -> None:
    """Read the header of a texture only. Raises BadInput for what is none, or too large."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            sides = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _broken(filename, "one of its textures is no picture") from error
    if max(sides) > LONGEST_PICTURE:
        raise BadInput(
            f"{filename} has a texture of {sides[0]} x {sides[1]} pixels; "
            f"here a side may have {LONGEST_PICTURE}",
            hint="export it with smaller textures",
        )


def _survey_obj(path: Path, filename: str, should_stop: ShouldStop) -> int:
    """Count vertices and faces line by line, and hold the faces' numbers against the vertices."""
    vertices = faces = highest = 0
    for number, line in enumerate(_lines(path, filename)):
        if number % _LOOK_EVERY == 0 and should_stop():
            raise Cancelled(f"stopped while reading {filename}")
        word, _, rest = line.partition(b" ")
        try:
            if word == b"v":
                vertices += len([float(value) for value in rest.split()[:3]]) == 3
            elif word == b"f":
                corners = [abs(int(one.split(b"/")[0])) for one in rest.split()]
                faces, highest = faces + 1, max(highest, *corners)
        except (ValueError, TypeError) as error:
            raise _broken(filename, f"line {number + 1} is no vertex or face") from error
        _require_few(filename, max(vertices, faces // 2))
    if not faces or highest > vertices:
        raise _broken(filename, "it has no faces" if not faces else "faces name absent vertices")
    return vertices


def _lines(path: Path, filename: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(_MOST_LINE):
            if len(line) == _MOST_LINE:
                raise _broken(filename, "it has a line without end")
            yield line.strip()


def _require_few(filename: str, vertices: int) -> None:
    if vertices > MOST_VERTICES:
        raise BadInput(
            f"{filename} has more than {MOST_VERTICES:,} vertices", hint="reduce its polygons"
        )


def _broken(filename: str, why: str) -> BadInput:
    return BadInput(f"{filename} is broken: {why}", hint="export or fetch it again")

"""A cube as GLB and OBJ, and a sky as Radiance HDR, written byte by byte."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype="<f4")
FACES = np.array(
    [
        *([0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]),
        *([2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]),
    ],
    dtype="<u2",
)
RED = {"pbrMetallicRoughness": {"baseColorFactor": [0.8, 0.05, 0.05, 1], "metallicFactor": 0}}


def cube_tree(**more: Any) -> dict[str, Any]:
    """Return the description of a red cube whose data is ``cube_data``; ``more`` replaces parts."""
    places, corners = CORNERS.nbytes, FACES.nbytes
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "scale": [1, 1, 2]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [RED],
        "buffers": [{"byteLength": places + corners}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": places},
            {"buffer": 0, "byteOffset": places, "byteLength": corners},
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": 8,
                "type": "VEC3",
                "min": [-1, -1, -1],
                "max": [1, 1, 1],
            },
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ],
    } | more


def glb(tree: dict[str, Any] | None = None, data: bytes | None = None) -> bytes:
    """Return a GLB of a description and its data, those of the cube by default."""
    told = json.dumps(tree or cube_tree()).encode()
    told += b" " * (-len(told) % 4)
    held = CORNERS.tobytes() + FACES.tobytes() if data is None else data
    held += b"\0" * (-len(held) % 4)
    chunks = struct.pack("<I4s", len(told), b"JSON") + told
    chunks += struct.pack("<I4s", len(held), b"BIN\0") + held
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def obj() -> bytes:
    """Return the cube as text."""
    lines = [f"v {x} {y} {z}" for x, y, z in CORNERS]
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in FACES]
    return "\n".join(["# a cube", *lines, ""]).encode()


def hdr(width: int = 16, height: int = 8, *, pixels: bytes | None = None) -> bytes:
    """Return a sky, green above and blue below, as flat RGBE pixels in rows below 8 wide and as
    runs in others."""
    rows = []
    for row in range(height if pixels is None else 0):
        rgbe = (20, 200, 20, 128) if row < height // 2 else (20, 20, 200, 128)
        if width < 8:
            rows.append(bytes(rgbe) * width)
            continue
        runs = b"".join(
            bytes((128 + min(127, width - at), value))
            for value in rgbe
            for at in range(0, width, 127)
        )
        rows.append(struct.pack(">BBH", 2, 2, width) + runs)
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n" + b"-Y %d +X %d\n" % (height, width)
    return head + (b"".join(rows) if pixels is None else pixels)

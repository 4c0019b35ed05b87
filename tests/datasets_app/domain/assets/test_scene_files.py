"""Files of scenes: what is theirs is told, and every hostile one ends in a sentence."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datasets_app.domain.assets.scene_files import (
    MOST_BYTES,
    require_size,
    scene_file_kind,
    survey_scene_file,
)
from datasets_app.domain.progress import never_stop
from matteweb.errors import BadInput, Cancelled, MatteError
from tests.scene_files import CORNERS, FACES, cube_tree, glb, hdr, obj

EXR_SIZE = b"dataWindow\0box2i\0" + struct.pack("<i4i", 16, 0, 0, 15, 7)
EXR = b"\x76\x2f\x31\x01" + struct.pack("<I", 2) + b"compression\0compression\0\x01\0\0\0\0"


def survey(folder: Path, name: str, data: bytes) -> dict[str, Any]:
    (folder / name).write_bytes(data)
    return survey_scene_file(folder / name, name, should_stop=never_stop)


def test_a_cube_and_a_sky_are_what_they_are(tmp_path: Path) -> None:
    told = {"codec": "glTF 2.0", "vertices": 12, "pictures": 0}
    assert survey(tmp_path, "cube.glb", glb()) == told
    assert survey(tmp_path, "cube.OBJ", obj())["vertices"] == 8
    assert survey(tmp_path, "sky.hdr", hdr()) == {"codec": "Radiance HDR", "pixels": "16 x 8"}
    exr = EXR + EXR_SIZE + bytes(200)
    assert survey(tmp_path, "sky.exr", exr) == {"codec": "OpenEXR", "pixels": "16 x 8"}


def test_kinds_are_told_by_their_endings() -> None:
    assert [scene_file_kind(name) for name in ("a.GLB", "a.hdr", "a.png", "glb")] == [
        "model",
        "light",
        None,
        None,
    ]


def test_a_light_of_4_gigabytes_is_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    """The file is a hole on disk: reading it would take minutes, saying its size does not."""
    path = tmp_path / "studio.hdr"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 4 * 10**9)
    with pytest.raises(BadInput, match=r"studio.hdr has 4.0 GB; here it may have 600.0 MB") as told:
        survey_scene_file(path, "studio.hdr", should_stop=never_stop)
    assert "4096" in told.value.hint
    require_size("studio.hdr", MOST_BYTES["light"])
    require_size("clip.mp4", 10**12)


def changed_tree(*path: str | int, value: Any) -> bytes:
    """Return the cube with one value of its description replaced."""
    tree = cube_tree()
    part: Any = tree
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return glb(tree)


def described_and(rest: bytes) -> bytes:
    """Return the cube's description with these bytes behind it, where the length says so too."""
    whole = glb()
    end = 20 + int.from_bytes(whole[12:16], "little")
    return whole[:8] + struct.pack("<I", end + len(rest)) + whole[12:end] + rest


def textured(picture: bytes) -> bytes:
    """Return the cube with a texture of these bytes."""
    data = CORNERS.tobytes() + FACES.tobytes()
    tree = cube_tree(buffers=[{"byteLength": len(data) + len(picture)}])
    tree["bufferViews"].append({"buffer": 0, "byteOffset": len(data), "byteLength": len(picture)})
    return glb(tree | {"images": [{"bufferView": 2}]}, data + picture)


def png(width: int, height: int) -> bytes:
    """Return a picture whose header says another size than its pixels have."""
    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[16:24] = struct.pack(">II", width, height)
    from zlib import crc32

    data[29:33] = struct.pack(">I", crc32(bytes(data[12:29])))
    return bytes(data)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty.glb": (b"", "is no GLB"),
    "text.glb": (b"hello, I am a model, believe me", "is no GLB"),
    "cut.glb": (glb()[:-30], "another length than it says"),
    "tail.glb": (described_and(bytes(3)), "its data ends early"),
    "old.glb": (b"glTF" + struct.pack("<II", 1, 40) + bytes(28), "is not GLB 2"),
    "words.glb": (glb()[:20] + b"{" * 40 + glb()[60:], "is no JSON"),
    "version.glb": (changed_tree("asset", "version", value="1.0"), "is not glTF 2.0"),
    "outside.glb": (changed_tree("buffers", 0, "uri", value="http://x/a.bin"), "another file"),
    "passwd.glb": (glb(cube_tree(images=[{"uri": "../../etc/passwd"}])), "another file"),
    "draco.glb": (
        glb(cube_tree(extensionsRequired=["KHR_draco_mesh_compression"])),
        "needs KHR_draco_mesh_compression",
    ),
    "many.glb": (
        glb(cube_tree(nodes=[{"mesh": 0}] * 30_000)),
        "more than 200,000 vertices",
    ),
    "claims.glb": (changed_tree("accessors", 0, "count", value=10**9), "claims more than it has"),
    "huge.glb": (changed_tree("accessors", 0, "count", value=10**400), "claims more than it has"),
    "minus.glb": (changed_tree("bufferViews", 0, "byteOffset", value=-5), "do not fit"),
    "absent.glb": (changed_tree("nodes", 0, "mesh", value=7), "do not fit"),
    "strange.glb": (changed_tree("accessors", value=[1, 2]), "do not fit"),
    "nothing.glb": (glb(cube_tree(nodes=[])), "shows no mesh"),
    "bomb.glb": (textured(png(60_000, 60_000)), "a texture of|no picture"),
    "nopicture.glb": (textured(b"<svg/>" * 9), "is no picture"),
    "empty.obj": (b"# nothing\n", "has no faces"),
    "words.obj": (b"v 1 2 three\n", "line 1 is no vertex"),
    "absent.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "absent vertices"),
    "endless.obj": (b"v " + b"1" * 100_000, "a line without end"),
    "many.obj": (b"v 0 0 0\n" * 200_001, "more than 200,000"),
    "text.hdr": (b"hello", "neither Radiance HDR nor OpenEXR"),
    "empty.hdr": (b"", "neither Radiance HDR nor OpenEXR"),
    "format.hdr": (hdr().replace(b"rgbe", b"xyze"), "no header of a Radiance picture"),
    "square.hdr": (hdr(16, 16), "twice as wide as high"),
    "huge.hdr": (hdr(65_536, 32_768, pixels=b""), "a side may have 8192"),
    "cut.hdr": (hdr(512, 256, pixels=b"\x02\x02"), "ends early"),
    "cut.exr": (EXR, "broken OpenEXR header"),
    "deep.exr": (b"\x76\x2f\x31\x01" + struct.pack("<I", 0x802) + EXR_SIZE, "deep pixels"),
    "huge.exr": (EXR + EXR_SIZE.replace(b"\x0f\0\0\0", b"\xff\xff\xff\x7f"), "a side may have"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words(name: str, tmp_path: Path) -> None:
    data, words = HOSTILE[name]
    with pytest.raises(BadInput, match=words) as told:
        survey(tmp_path, name, data)
    assert name in told.value.message
    assert told.value.hint


@given(at=st.integers(0, len(glb()) - 1), byte=st.integers(0, 255))
def test_any_damaged_model_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    data = bytearray(glb())
    data[at] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.glb"
    path.write_bytes(data)
    try:
        survey_scene_file(path, "damaged.glb", should_stop=never_stop)
    except MatteError as error:
        assert "damaged.glb" in error.message


def test_reading_a_long_model_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "long.obj").write_bytes(b"v 0 0 0\n" * 50_000)
    with pytest.raises(Cancelled):
        survey_scene_file(tmp_path / "long.obj", "long.obj", should_stop=lambda: True)

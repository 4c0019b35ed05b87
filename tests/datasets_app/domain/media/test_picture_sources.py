"""A ZIP from a stranger opens without harm, or not at all."""

from __future__ import annotations

import stat
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_sources import is_picture_name, picture_source
from matteweb.errors import BadInput, MatteError, NotFound, Unsupported
from tests.scale import scale

LIMITS = Limits(max_frames=50)


def _png() -> bytes:
    out = BytesIO()
    Image.new("L", (8, 8), 200).save(out, "PNG")
    return out.getvalue()


def _zip(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return path


def test_pictures_are_found_and_leftovers_are_not(tmp_path: Path) -> None:
    names = ["masks/00000.png", "masks/00001.PNG", "masks/00002.jpeg"]
    others = ["__MACOSX/masks/._00000.png", "masks/.DS_Store", "masks/Thumbs.db", "notes.txt"]
    path = _zip(tmp_path / "a.zip", {name: _png() for name in names + others})
    source = picture_source(path, LIMITS)
    assert sorted(source.names()) == names
    assert source.open(names[0]).read() == _png()
    source.close()


@pytest.mark.parametrize(
    "name",
    ["../a.png", "b/../../a.png", "/etc/a.png", "\\a.png", "..\\a.png", "C:\\a.png", "a.png\0.txt"],
)
def test_an_entry_outside_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("placeholder.png".ljust(len(name), "x"))
        # Names that zipfile would clean are put in as a hostile packer does.
        info.filename = info.orig_filename = name
        archive.writestr(info, _png())
    with pytest.raises(BadInput, match="has an entry outside of itself"):
        picture_source(path, LIMITS)


def test_links_inside_a_zip_are_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a.png")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(BadInput, match=r"a\.png is a link"):
        picture_source(tmp_path / "a.zip", LIMITS)


def test_encrypted_entries_are_unsupported(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.png": _png()})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)
    with pytest.raises(Unsupported, match=r"a\.png is encrypted"):
        picture_source(path, LIMITS)


def test_too_many_entries_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {f"{number}.png": b"" for number in range(51)})
    with pytest.raises(BadInput, match=r"a\.zip has 51 entries, more than 50"):
        picture_source(path, LIMITS)
    # An end record that promises a directory of gigabytes.
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 7, 7, 0x7FFF0000, 0, 0)
    liar = tmp_path / "b.zip"
    liar.write_bytes(b"PK\x03\x04" + end)
    with pytest.raises(BadInput, match=r"b\.zip has 7 entries"):
        picture_source(liar, LIMITS)


def test_a_zip64_directory_is_counted_as_well(tmp_path: Path) -> None:
    record = struct.pack(
        "<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 70_000, 70_000, 70_000 * 60, 0
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path = tmp_path / "a.zip"
    path.write_bytes(record + locator + end)
    with pytest.raises(BadInput, match="has 70000 entries"):
        picture_source(path, LIMITS)


def test_a_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    block = bytes(1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(3):
            with archive.open(f"{number}.png", "w") as entry:
                for _ in range(400):
                    entry.write(block)
    with pytest.raises(BadInput, match=r"bomb\.zip would unpack to 1200 MiB"):
        picture_source(path, LIMITS)


def test_an_entry_that_lies_about_its_length_is_not_unpacked_further(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.png": bytes(5000)})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + at
        data[place : place + 4] = struct.pack("<I", 100)
    path.write_bytes(data)
    source = picture_source(path, LIMITS)
    with pytest.raises(BadInput, match=r"a\.png inside the ZIP"):
        source.open("a.png")


def test_a_doubled_name_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive, pytest.warns(UserWarning):
        archive.writestr("a.png", _png())
        archive.writestr("a.png", _png())
    with pytest.raises(BadInput, match=r"holds a\.png twice"):
        picture_source(tmp_path / "a.zip", LIMITS)


@settings(max_examples=scale(60, 2000), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_to_a_zip_does_more_than_end_in_a_sentence(
    tmp_path: Path, data: st.DataObject
) -> None:
    whole = _zip(tmp_path / "a.zip", {f"{n}.png": _png() for n in range(3)}).read_bytes()
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if damaged:
            place = data.draw(st.integers(0, len(damaged) - 1))
            damaged[place] = data.draw(st.integers(0, 255))
    (tmp_path / "b.zip").write_bytes(damaged)
    try:
        source = picture_source(tmp_path / "b.zip", LIMITS, "b.zip")
        for name in source.names():
            source.open(name)
    except MatteError as error:
        assert error.message


def test_folders_hold_their_own_pictures_and_missing_ones_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(_png())
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.png").write_bytes(_png())
    (tmp_path / "c.png").mkdir()
    assert picture_source(tmp_path, LIMITS).names() == ["a.png"]
    assert picture_source(tmp_path / "a.png", LIMITS, "photo.png").names() == ["photo.png"]
    with pytest.raises(NotFound, match="there is no file or folder gone"):
        picture_source(tmp_path / "gone", LIMITS)


def test_a_name_tells_what_is_meant_as_picture() -> None:
    assert is_picture_name("a/b.TIFF")
    assert not is_picture_name("a/.b.png")
    assert not is_picture_name("a/b.exr")

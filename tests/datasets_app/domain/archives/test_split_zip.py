"""Archives in parts are put together as they were before they were cut."""

from __future__ import annotations

import random
import struct
import zipfile
from pathlib import Path

import pytest

from datasets_app.domain.archives.split_zip import join_archive, join_folder, split_archives
from matteweb.errors import BadInput, Cancelled

INFO_ZIP = Path(__file__).parent / "info_zip"


def contents(count: int = 5) -> dict[str, bytes]:
    rng = random.Random(3)
    return {f"tree/file {n}.bin": rng.randbytes(30_000 + 7000 * n) for n in range(count)}


def whole(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents().items():
            archive.writestr(name, data)
    return path


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def by_disk(folder: Path, *, parts: int = 4) -> Path:
    """Cut an archive as Info-ZIP does: a mark in front, offsets that count within each part."""
    folder.mkdir()
    plain = whole(folder / "plain.zip")
    data = bytearray(b"PK\x07\x08" + plain.read_bytes())
    plain.unlink()
    end = data.rfind(b"PK\x05\x06")
    entries, length, begin = struct.unpack_from("<H2L", data, end + 10)
    begin += 4
    step = begin // (parts - 1) + 1
    at = begin
    for _ in range(entries):
        named, extra, comment = struct.unpack_from("<3H", data, at + 28)
        (offset,) = struct.unpack_from("<L", data, at + 42)
        place = offset + 4
        struct.pack_into("<H", data, at + 34, place // step)
        struct.pack_into("<L", data, at + 42, place % step)
        at += 46 + named + extra + comment
    struct.pack_into("<2H", data, end + 4, parts - 1, begin // step)
    struct.pack_into("<L", data, end + 16, begin % step)
    assert length
    cuts = [data[n * step : (n + 1) * step] for n in range(parts - 1)]
    for number, piece in enumerate(cuts, 1):
        (folder / f"set.z{number:02d}").write_bytes(piece)
    (folder / "set.zip").write_bytes(data[(parts - 1) * step :])
    return folder


def numbered(folder: Path, form: str = "{:03d}") -> Path:
    """Cut an archive anywhere."""
    folder.mkdir()
    data = whole(folder / "x").read_bytes()
    (folder / "x").unlink()
    for number in range(4):
        piece = data[number * 60_000 : (number + 1) * 60_000 if number < 3 else None]
        (folder / f"set.zip.{form.format(number + 1)}").write_bytes(piece)
    return folder


def test_parts_by_disk_become_one_archive(tmp_path: Path) -> None:
    (made,) = join_folder(by_disk(tmp_path / "a"), tmp_path / "joined")
    assert read(made) == contents()


def test_parts_cut_anywhere_become_one_archive(tmp_path: Path) -> None:
    (made,) = join_folder(numbered(tmp_path / "a"), tmp_path / "joined")
    assert read(made) == contents()


def test_what_info_zip_cuts_is_joined(tmp_path: Path) -> None:
    """The parts beside this file were made by `zip -s 64k` of Info-ZIP 3.0."""
    (made,) = join_folder(INFO_ZIP, tmp_path / "joined")
    found = {name: data for name, data in read(made).items() if not name.endswith("/")}
    assert found == contents(3)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    (numbered(tmp_path / "a") / "set.zip.002").unlink()
    with pytest.raises(BadInput, match=r"part 2 of set\.zip is missing"):
        split_archives(tmp_path / "a")
    (by_disk(tmp_path / "b") / "set.zip").unlink()
    with pytest.raises(BadInput, match=r"the last part of set, set.zip, is missing"):
        split_archives(tmp_path / "b")


def test_a_last_part_that_was_cut_off_is_named(tmp_path: Path) -> None:
    last = by_disk(tmp_path / "a") / "set.zip"
    last.write_bytes(last.read_bytes()[:-30])
    with pytest.raises(BadInput, match="no directory"):
        join_folder(tmp_path / "a", tmp_path / "joined")


def test_joining_can_be_stopped(tmp_path: Path) -> None:
    (archive,) = split_archives(numbered(tmp_path / "a"))
    with pytest.raises(Cancelled):
        join_archive(archive, tmp_path / "x.zip", should_stop=lambda: True)


def test_a_folder_without_parts_has_none(tmp_path: Path) -> None:
    whole(tmp_path / "whole.zip")
    assert split_archives(tmp_path) == []

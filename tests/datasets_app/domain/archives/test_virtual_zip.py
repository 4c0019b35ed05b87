from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets_app.domain.archives.virtual_zip import FileSlice, ZipEntry, ZipLayout, zip_layout
from matteweb.errors import BadInput

GIB = 1024**3

names = st.lists(
    st.text(
        st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]),
        min_size=1,
        max_size=12,
    ).filter(lambda part: part not in {".", ".."}),
    min_size=1,
    max_size=3,
).map("/".join)
files = st.dictionaries(names, st.binary(max_size=400), max_size=12)


def layout_of(contents: Mapping[str, bytes]) -> ZipLayout:
    return zip_layout(
        ZipEntry(name, len(data), zlib.crc32(data), source=name) for name, data in contents.items()
    )


def read(
    layout: ZipLayout, contents: Mapping[str, bytes], start: int = 0, stop: int | None = None
) -> bytes:
    return b"".join(
        piece if isinstance(piece, bytes) else contents[piece.source][piece.start : piece.stop]
        for piece in layout.segments(start, stop)
    )


class SparseArchive(io.RawIOBase):
    """The archive as a seekable file in which every entry is zeros; only what is read exists."""

    def __init__(self, layout: ZipLayout) -> None:
        self.layout = layout
        self.at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + {0: 0, 1: self.at, 2: self.layout.size}[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        stop = min(self.at + len(buffer), self.layout.size)
        data = b"".join(
            bytes(piece.stop - piece.start) if isinstance(piece, FileSlice) else piece
            for piece in self.layout.segments(min(self.at, stop), stop)
        )
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)


@given(files)
def test_zipfile_reads_every_entry_back(contents: dict[str, bytes]) -> None:
    layout = layout_of(contents)
    data = read(layout, contents)
    assert len(data) == layout.size
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == contents
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
        assert all(info.external_attr >> 16 == 0o100644 for info in archive.infolist())


@given(files, st.data())
def test_any_range_equals_that_part_of_the_whole(
    contents: dict[str, bytes], data: st.DataObject
) -> None:
    layout = layout_of(contents)
    whole = read(layout, contents)
    start = data.draw(st.integers(0, layout.size))
    stop = data.draw(st.integers(start, layout.size))
    assert read(layout, contents, start, stop) == whole[start:stop]


@given(files, st.randoms(use_true_random=False))
def test_the_order_of_the_entries_does_not_change_a_byte(
    contents: dict[str, bytes],
    random: object,
) -> None:
    shuffled = list(contents.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert read(layout_of(dict(shuffled)), contents) == read(layout_of(contents), contents)


def test_the_manifest_leads_and_the_rest_is_sorted() -> None:
    layout = layout_of({"b/mask.mp4": b"", "a.json": b"", "manifest.json": b"", "a/z": b""})
    assert [entry.name for entry in layout.entries] == [
        "manifest.json",
        "a.json",
        "a/z",
        "b/mask.mp4",
    ]


def test_more_entries_than_a_plain_zip_can_count() -> None:
    contents = {f"frames/{number:06d}.png": b"%d" % number for number in range(70_000)}
    layout = layout_of(contents)
    with zipfile.ZipFile(io.BytesIO(read(layout, contents))) as archive:
        assert len(archive.infolist()) == 70_000
        assert archive.read("frames/069999.png") == b"69999"


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_the_count_is_right_on_both_sides_of_its_limit(count: int) -> None:
    layout = zip_layout(ZipEntry(f"{number}", 0, 0, "") for number in range(count))
    with zipfile.ZipFile(io.BytesIO(read(layout, {"": b""}))) as archive:
        assert len(archive.infolist()) == count


sizes = st.one_of(
    st.integers(0, 3),
    st.sampled_from([2**32 - 2, 2**32 - 1, 2**32, 2**32 + 1]),
    st.integers(GIB, 80 * GIB),
)


@settings(max_examples=60)
@given(st.lists(sizes, max_size=6))
def test_entries_and_offsets_beyond_4_gib_are_found(lengths: list[int]) -> None:
    zeros_crc = {0: 0, 1: zlib.crc32(bytes(1)), 2: zlib.crc32(bytes(2)), 3: zlib.crc32(bytes(3))}
    layout = zip_layout(
        ZipEntry(f"{number}.mkv", size, zeros_crc.get(size, 0), "zeros")
        for number, size in enumerate(lengths)
    )
    with zipfile.ZipFile(io.BufferedReader(SparseArchive(layout))) as archive:
        assert [info.file_size for info in archive.infolist()] == lengths
        for info in archive.infolist():
            with archive.open(info) as stream:  # checks the local header, which lies at the offset
                assert stream.read(3) == bytes(min(info.file_size, 3))


def test_an_entry_may_bring_its_bytes_along() -> None:
    data = b'{"a": 1}'
    entries = [
        ZipEntry("casper.json", len(data), zlib.crc32(data), data),
        ZipEntry("mask.mp4", 3, zlib.crc32(b"\0\1\2"), "mask"),
    ]
    whole = read(zip_layout(entries), {"mask": b"\0\1\2"})
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.read("casper.json") == data
        assert archive.read("mask.mp4") == b"\0\1\2"
    with pytest.raises(BadInput, match="has 8 bytes, not 7"):
        zip_layout([ZipEntry("casper.json", 7, 0, data)])


def test_a_small_archive_needs_no_reader_that_knows_zip64() -> None:
    contents = {"manifest.json": b"{}"}
    with zipfile.ZipFile(io.BytesIO(read(layout_of(contents), contents))) as archive:
        assert archive.infolist()[0].extract_version == 20
        assert archive.infolist()[0].extra == b""


def test_the_first_byte_of_a_far_range_costs_no_walk_over_the_entries() -> None:
    layout = zip_layout(ZipEntry(f"{number:06d}", GIB, 0, "zeros") for number in range(1000))
    visited = []
    original = layout._pieces

    def counted(start: int):  # type: ignore[no-untyped-def]
        for piece in original(start):
            visited.append(piece)
            yield piece

    layout._pieces = counted  # type: ignore[method-assign]
    (piece,) = layout.segments(900 * GIB, 900 * GIB + 1)
    assert isinstance(piece, FileSlice)
    assert len(visited) <= 3


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "a//b", "../b", "a/../b", "a/.", "a\\b", "a\0", "x/", "\ud800"]
)
def test_a_name_that_would_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a path"):
        zip_layout([ZipEntry(name, 0, 0, "")])


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadInput, match="too long"):
        zip_layout([ZipEntry("ä" * 40_000, 0, 0, "")])


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(BadInput, match=r"'a\.mp4'"):
        zip_layout([ZipEntry("a.mp4", 0, 0, "x"), ZipEntry("a.mp4", 0, 0, "y")])


@pytest.mark.parametrize(("size", "crc32"), [(-1, 0), (1, -1), (1, 2**32)])
def test_figures_that_no_file_can_have_are_refused(size: int, crc32: int) -> None:
    with pytest.raises(BadInput, match="impossible"):
        zip_layout([ZipEntry("a", size, crc32, "")])


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 23)])
def test_a_range_outside_the_archive_is_an_error(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="of an archive of 22"):
        list(zip_layout([]).segments(start, stop))

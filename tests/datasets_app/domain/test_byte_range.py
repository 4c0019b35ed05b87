from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.byte_range import ByteRange, Unsatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=10-", 10, 100),
        ("bytes=-1", 99, 100),
        ("bytes=-500", 0, 100),
        ("bytes=90-500", 90, 100),
        ("Bytes = 5 - 6", 5, 7),
    ],
)
def test_one_range_is_cut_to_the_file(header: str, start: int, stop: int) -> None:
    assert parse_range(header, 100) == ByteRange(start, stop)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=-",
        "bytes",
        "items=0-1",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0-1,5-6",
        "bytes=--1",
        "bytes=٣-٤",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_is_no_single_range_means_everything(header: str) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)]
)
def test_a_range_without_a_byte_cannot_be_satisfied(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(header, size)


@given(st.text(), st.integers(0, 2**63))
def test_any_header_gives_a_range_inside_the_file_or_none(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except Unsatisfiable:
        return
    assert found is None or 0 <= found.start < found.stop <= size


@given(st.integers(0, 2**63), st.integers(0, 2**63), st.integers(1, 2**63))
def test_first_and_last_are_both_included(first: int, last: int, size: int) -> None:
    try:
        found = parse_range(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert first >= size
        return
    if last < first:
        assert found is None
    else:
        assert found == ByteRange(first, min(last + 1, size))

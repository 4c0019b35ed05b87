"""Mattes as PNG: every library reads back what was written."""

from __future__ import annotations

import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from datasets_app.domain.media.gray_png import encode_gray_png
from tests.subjects import figure


@pytest.mark.parametrize("shape", [(1, 1), (96, 64), (7, 301)])
def test_what_was_written_is_read_back(shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    data = encode_gray_png(frame)
    assert np.array_equal(np.array(Image.open(BytesIO(data))), frame)
    read = cv2.imdecode(np.frombuffer(data, np.uint8), -1)
    assert read is not None
    assert np.array_equal(read, frame)


@pytest.mark.parametrize(("first", "last"), [(0, 0), (0, 1), (47, 48), (5, 90), (33, 64), (95, 96)])
def test_empty_rows_above_and_below_are_there_and_the_checksum_holds(first: int, last: int) -> None:
    frame = np.zeros((96, 301), np.uint8)
    frame[first:last] = np.random.default_rng(2).integers(0, 256, (last - first, 301), np.uint8)
    data = encode_gray_png(frame)
    assert np.array_equal(np.array(Image.open(BytesIO(data))), frame)
    begin = data.index(b"IDAT")
    length = int.from_bytes(data[begin - 4 : begin], "big")
    rows = zlib.decompress(data[begin + 4 : begin + 4 + length])  # raises if Adler-32 is wrong
    assert np.array_equal(np.frombuffer(rows, np.uint8).reshape(96, 302)[:, 1:], frame)


def test_a_matte_becomes_small() -> None:
    assert len(encode_gray_png(figure())) < figure().size / 3

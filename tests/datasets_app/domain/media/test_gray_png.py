"""Mattes as PNG: every library reads back what was written."""

from __future__ import annotations

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


def test_a_matte_becomes_small() -> None:
    assert len(encode_gray_png(figure())) < figure().size / 3

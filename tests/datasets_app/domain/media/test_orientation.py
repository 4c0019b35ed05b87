"""Display matrices."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from datasets_app.domain.media.orientation import Orientation, read_display_matrix
from matteweb.errors import Unsupported

ONE = 1 << 16
PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3)


def _matrix(a: float, b: float, c: float, d: float) -> bytes:
    numbers = [round(a * ONE), round(b * ONE), 0, round(c * ONE), round(d * ONE), 0, 0, 0, 1 << 30]
    return struct.pack("=9i", *numbers)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_all_eight_orientations_say_what_they_do(turns: int, mirrored: bool) -> None:
    cos, sin = [(1, 0), (0, 1), (-1, 0), (0, -1)][turns]
    # Mirror left to right first (x to -x), then turn counter-clockwise on screen.
    sign = -1 if mirrored else 1
    found = read_display_matrix(_matrix(sign * cos, -sign * sin, sin, cos))
    assert (found.degrees, found.is_mirrored) == (90 * turns, mirrored)
    before = PICTURE[:, ::-1] if mirrored else PICTURE
    assert np.array_equal(found.apply(PICTURE), np.rot90(before, turns))


def test_scaled_matrices_count_by_their_signs() -> None:
    assert read_display_matrix(_matrix(2, 0, 0, 0.5)) == Orientation()


@pytest.mark.parametrize("matrix", [(0.7, 0.7, -0.7, 0.7), (0, 0, 0, 0), (1, 0.5, 0, 1)])
def test_other_angles_are_unsupported(matrix: tuple[float, float, float, float]) -> None:
    with pytest.raises(Unsupported, match="no multiple of 90"):
        read_display_matrix(_matrix(*matrix))

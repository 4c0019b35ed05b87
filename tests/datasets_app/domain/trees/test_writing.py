"""Frames written as pictures, one after the other."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets_app.domain.trees.entries import Pictures
from datasets_app.domain.trees.writing import PictureForm, write_frames
from matteweb.errors import BadInput


def frames(folder: Path, count: int) -> Pictures:
    """Leave so many gray pictures and return them as one footage."""
    folder.mkdir()
    files = tuple(folder / f"{number:04d}.png" for number in range(count))
    for number, file in enumerate(files):
        cv2.imwrite(str(file), np.full((6, 8), number, np.uint8))
    return Pictures(files)


@pytest.mark.parametrize("form", ["gray", "jpg"])
@pytest.mark.parametrize("places", [2, 4])
def test_frames_and_places_that_differ_in_number_are_refused(
    tmp_path: Path, form: PictureForm, places: int
) -> None:
    targets = [tmp_path / "out" / str(number) for number in range(places)]
    with pytest.raises(BadInput, match="frames"):
        write_frames(frames(tmp_path / "in", 3), targets, form)


def test_a_picture_that_is_in_its_form_already_is_copied_byte_for_byte(tmp_path: Path) -> None:
    source = frames(tmp_path / "in", 2)
    targets = [tmp_path / "out" / file.name for file in source.files]
    assert write_frames(source, targets, "gray") == 2
    assert [one.read_bytes() for one in targets] == [one.read_bytes() for one in source.files]

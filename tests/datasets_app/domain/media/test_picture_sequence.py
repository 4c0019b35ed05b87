"""Numbered pictures in the order in which people count, with what is wrong named."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.picture_sequence import PictureSequence, describe_gaps
from matteweb.errors import BadInput, Unsupported
from tests.encodings import noise_colours, noise_pictures

SIZE = FrameSize(16, 12)


def _png(picture: GrayFrame) -> bytes:
    out = BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def _pack(path: Path, names: list[str], sizes: dict[str, FrameSize] | None = None) -> Path:
    shuffled = random.Random(0).sample(names, len(names))
    with zipfile.ZipFile(path, "w") as archive:
        for name in shuffled:
            size = (sizes or {}).get(name, SIZE)
            archive.writestr(name, _png(np.full((size.height, size.width), 9, np.uint8)))
    return path


def test_a_zip_and_a_folder_give_the_same_frames_in_natural_order(tmp_path: Path) -> None:
    pictures = noise_colours(12, SIZE)
    folder = tmp_path / "shot"
    folder.mkdir()
    for number, picture in enumerate(pictures):
        (folder / f"Frame_{number + 1}.png").write_bytes(_png(picture))
    packed = tmp_path / "shot.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"shot/{file.name}")
    for path in (folder, packed):
        with PictureSequence(path) as sequence:
            assert (len(sequence), sequence.size, sequence.gaps) == (12, SIZE, ())
            assert sequence.span.endswith("Frame_12.png")
            assert np.array_equal(list(sequence.read_rgb()), pictures)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(st.integers(0, 3000), min_size=1, max_size=20), st.integers(1, 5))
def test_any_numbers_come_in_their_order(tmp_path: Path, numbers: set[int], digits: int) -> None:
    path = _pack(tmp_path / "a.zip", [f"v2_{number:0{digits}d}_L.png" for number in numbers])
    with PictureSequence(path) as sequence:
        found = [int(name.split("_")[1]) for name in sequence.names]
    assert found == sorted(numbers)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ([1, 2, 3, 4], ""),
        ([0, 5, 10, 15], ""),
        ([7], ""),
        ([1, 2, 4, 5, 9], "4 pictures are missing: 1 between f2.png and f4.png; "
         "3 between f5.png and f9.png"),
        ([1, 2, 4], "1 picture is missing: 1 between f2.png and f4.png"),
        ([0, 5, 10, 20], "1 picture is missing: 1 between f10.png and f20.png"),
    ],
)  # fmt: skip
def test_gaps_in_the_numbers_are_named(tmp_path: Path, numbers: list[int], sentence: str) -> None:
    path = _pack(tmp_path / "a.zip", [f"f{number}.png" for number in numbers])
    with PictureSequence(path) as sequence:
        assert describe_gaps(sequence.gaps) == sentence


def test_pictures_of_mixed_sizes_are_named(tmp_path: Path) -> None:
    names = [f"f{number}.png" for number in range(5)]
    path = _pack(tmp_path / "a.zip", names, {"f3.png": FrameSize(8, 12)})
    with pytest.raises(BadInput, match=r"2 sizes: 4 are 16x12, but not f3\.png \(8x12\)"):
        PictureSequence(path)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["a/1.png", "b/1.png"], "holds pictures in 2 folders: a, b"),
        (["rgb_1.png", "mask_1.png"], r"mixes 2 series of pictures: mask_#\.png, rgb_#\.png"),
        (["1.png", "2.jpg"], r"mixes 2 series of pictures: #\.jpg, #\.png"),
        (["01.png", "1.png"], r"1\.png and 01\.png have the same number|same number"),
        (["notes.txt"], "holds no pictures"),
    ],
)
def test_what_is_no_single_sequence_is_refused(
    tmp_path: Path, names: list[str], sentence: str
) -> None:
    path = _pack(tmp_path / "0f3a", names)
    with pytest.raises(BadInput, match=sentence) as caught:
        PictureSequence(path, name="shot.zip")
    assert "0f3a" not in caught.value.message


def test_a_damaged_picture_is_named_with_its_place(tmp_path: Path) -> None:
    good = [_png(picture) for picture in noise_pictures(3, FrameSize(64, 64))]
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, data in enumerate(good):
            archive.writestr(f"f{number}.png", data if number != 1 else data[:-900])
    with PictureSequence(path) as sequence:
        frames = sequence.read_gray()
        next(frames)
        with pytest.raises(BadInput, match=r"f1\.png is damaged or incomplete"):
            next(frames)


def test_limits_hold_for_pictures_too(tmp_path: Path) -> None:
    path = _pack(tmp_path / "a.zip", ["1.png", "2.png"])
    with pytest.raises(Unsupported, match=r"1\.png claims to be larger than 15 px"):
        PictureSequence(path, limits=Limits(max_side=15))
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(_png(np.zeros((2, 2), np.uint8)))
    with pytest.raises(BadInput, match="many holds 3 pictures, more than 2"):
        PictureSequence(folder, limits=Limits(max_frames=2))


def test_one_picture_is_a_sequence_of_one(tmp_path: Path) -> None:
    picture = noise_pictures(1, SIZE)[0]
    path = tmp_path / "0f3a"
    path.write_bytes(_png(picture))
    with PictureSequence(path, name="still.png") as sequence:
        assert sequence.span == "still.png"
        assert np.array_equal(next(sequence.read_gray()), picture)

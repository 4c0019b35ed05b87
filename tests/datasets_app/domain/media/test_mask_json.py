"""Runs of masks to the letter of their format, and both JSON forms that hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.mask_json import coco_bytes, read_mask_json
from datasets_app.domain.media.mask_rle import decode_rle, encode_rle
from matteweb.errors import BadInput


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([1, 3], "13"),
        ([5, 3, 2, 7], "5324"),  # the fourth run is 7 - 3
        ([1, 5, 1, 4], "151O"),  # 4 - 5 = -1, one group with its sign
        ([40, 8], "X18"),  # 40 = 8 + 1 * 32
        ([0, 12], "0<"),
    ],
)
def test_runs_are_written_as_computed_by_hand(runs: list[int], text: str) -> None:
    values = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8)
    mask = values.reshape((1, -1), order="F")
    assert encode_rle(mask) == {"size": [1, sum(runs)], "counts": text}
    assert (decode_rle({"size": [1, sum(runs)], "counts": text}) == mask * 255).all()


def test_columns_come_before_rows_in_runs() -> None:
    mask = np.array([[0, 1], [1, 1]], np.uint8)
    assert encode_rle(mask)["counts"] == "13"


def test_any_mask_comes_back_as_it_was(seed: int = 5) -> None:
    rng = np.random.default_rng(seed)
    for share in (0.0, 0.02, 0.5, 0.98, 1.0):
        mask = (rng.random((37, 53)) < share).astype(np.uint8)
        assert (decode_rle(encode_rle(mask)) == mask * 255).all()


def test_runs_may_be_plain_numbers() -> None:
    assert decode_rle({"size": [1, 3], "counts": [1, 2]}).tolist() == [[0, 255, 255]]


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({"size": [1, 3], "counts": "1"}, "runs of 1 pixels"),
        ({"size": [1, 3], "counts": [-1, 4]}, "runs of 3 pixels"),
        ({"size": [1, 3], "counts": "1X"}, "break off"),
        ({"size": [1, 3], "counts": "1\n"}, "cannot be read"),
        ({"size": [1, 3]}, "no runs"),
        ({"size": [3], "counts": "3"}, "no size"),
        ({"size": [1 << 20, 1 << 20], "counts": "3"}, "claims to be"),
    ],
)
def test_damaged_runs_of_a_mask_are_named(plain: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        decode_rle(plain)


def numbers() -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Return three frames of two objects, the second of which goes."""
    frames = []
    for number in range(3):
        frame = np.zeros((12, 16), np.uint8)
        frame[2:6, number : number + 5] = 1
        if number < 2:
            frame[8:, 8:] = 2
        frames.append(frame)
    return frames


def test_what_is_written_for_coco_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(coco_bytes(numbers(), name="clip", labels=["cat", "box"]))
    found = read_mask_json(path)
    assert found.objects == ((1, "cat"), (2, "box"))
    assert found.step == 1
    assert [frame.tolist() for frame in found.frames()] == [one.tolist() for one in numbers()]
    plain = json.loads(path.read_text())
    assert plain["annotations"][1]["segmentations"][2] is None
    assert plain["videos"][0]["length"] == 3


def test_sa_v_is_read_by_frame_and_object(tmp_path: Path) -> None:
    rows = [
        [encode_rle((frame == number).astype(np.uint8)) for number in (1, 2)] for frame in numbers()
    ]
    path = tmp_path / "sav_manual.json"
    path.write_text(json.dumps({"masklet": rows, "masklet_id": [0, 7], "video_width": 16}))
    found = read_mask_json(path)
    assert (found.step, found.objects) == (4, ((0, ""), (7, "")))
    assert [frame.tolist() for frame in found.frames()] == [one.tolist() for one in numbers()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "is not JSON"),
        ("{}", "holds no masks"),
        ('{"masklet": []}', "no masklet"),
        ('{"annotations": [], "videos": [{}, {}]}', "holds 2 videos"),
        ('{"annotations": [{"id": 1}], "videos": [{"length": 2}]}', "lacks something"),
    ],
)
def test_a_file_that_is_neither_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=said):
        read_mask_json(path)

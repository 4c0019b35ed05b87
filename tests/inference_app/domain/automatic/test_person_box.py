"""People from a detector and SAM 2: the real architectures, small, weights at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.automatic import MAKERS
from inference_app.domain.automatic.base import TellsApart
from inference_app.domain.automatic.people import Seen, followed, numbers, repaired, union
from inference_app.domain.device import Device
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.model_folders import use_weights
from inference_app.domain.networks.detector import Detector
from matteweb.errors import BadInput, Cancelled, WeightsMissing
from tests.inference_app.domain.automatic.test_makers import (
    FRAMES,
    HEIGHT,
    WIDTH,
    made,
    painted,
    resting,
)
from tests.inference_app.tiny_folders import write_detector, write_sam2

MAKER = MAKERS["person_box"]
KINDS = ("rt_detr", "d_fine")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    places = {kind: tmp_path_factory.mktemp(kind) for kind in KINDS}
    for kind, place in places.items():
        write_sam2(place / "sam2")
        write_detector(place / "person-detector", kind)
    return places


@pytest.mark.parametrize("kind", KINDS)
def test_a_detector_draws_boxes_within_the_picture_the_surest_first(
    kind: str, folders: dict[str, Path]
) -> None:
    detector = Detector(folders[kind] / "person-detector", Device())
    found = detector.people(resting(0), 0.0, 4)
    assert len(found) == 4
    assert [one.sure for one in found] == sorted((one.sure for one in found), reverse=True)
    assert all(0 <= one.box.left <= one.box.right < WIDTH for one in found)
    assert all(0 <= one.box.top <= one.box.bottom < HEIGHT for one in found)
    assert detector.people(resting(0), 1.0, 4) == []


@pytest.mark.parametrize("kind", KINDS)
def test_people_get_one_soft_mask_or_a_number_each(
    kind: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    use_weights(folders[kind])
    clip = painted(tmp_path, resting)
    frames = "first" if kind == "rt_detr" else "all"
    masks = made(MAKER, clip, frames=frames, most=2, steady=False)
    assert len(masks) == FRAMES and any(mask.any() for mask in masks)
    assert isinstance(MAKER, TellsApart)
    params = MAKER.params.model_validate({"frames": frames, "most": 2, "steady": False})
    told = list(MAKER.numbered(clip, params, ignore_progress, never_stop))
    assert {int(number) for one in told for number in np.unique(one)} <= {0, 1, 2}
    # A pixel has a number where the mask of everybody says so.
    assert (
        np.mean([((one > 0) == (two > 127)).mean() for one, two in zip(told, masks, strict=True)])
        > 0.99
    )
    assert set(MAKER.provenance()) == {"person-detector", "sam2"}
    assert all(len(digest) == 64 for digest in MAKER.provenance().values())
    with pytest.raises(Cancelled):
        list(MAKER.make(clip, params, ignore_progress, lambda: True))


def test_a_clip_without_people_is_said_so(tmp_path: Path) -> None:
    use_weights(tmp_path)
    write_sam2(tmp_path / "sam2")
    write_detector(tmp_path / "person-detector", "rt_detr", somebody=False)
    with pytest.raises(BadInput, match="nobody"):
        made(MAKER, painted(tmp_path, resting), sure=0.5, frames="all")


def test_the_files_that_are_missing_are_named_with_their_place(tmp_path: Path) -> None:
    use_weights(tmp_path)
    said = MAKER.unavailable()
    assert str(tmp_path / "person-detector") in said and str(tmp_path / "sam2") in said
    with pytest.raises(WeightsMissing):
        made(MAKER, painted(tmp_path, resting))


def _person(left: int) -> SoftMask:
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[20:60, left : left + 20] = 1
    return mask


def test_people_keep_their_numbers_whatever_order_they_are_found_in() -> None:
    picture = resting(0)
    frames = [
        (picture, [_person(10), _person(100)]),
        (picture, [_person(98), _person(13)]),
        (picture, [_person(95)]),
        (picture, [_person(16), _person(92), _person(50)]),
    ]
    seen = list(followed(frames, most=2))
    assert [sorted(one.people) for one in seen] == [[1, 2], [1, 2], [2], [1, 2]]
    assert all(one.people[2][40, 105] for one in seen)
    labels = numbers(seen[1].people, (HEIGHT, WIDTH))
    assert labels[40, 20] == 1 and labels[40, 110] == 2
    assert np.array_equal(union(seen[1].people, (HEIGHT, WIDTH)) > 0.5, labels > 0)


def test_somebody_who_is_missed_on_one_frame_is_mended_and_a_flash_is_dropped() -> None:
    picture = resting(0)
    shown = [
        {1: _person(40)},
        {1: _person(40)},
        {},
        {1: _person(40), 2: _person(110)},
        {1: _person(40)},
    ]
    mended = list(repaired(Seen(picture, people) for people in shown))
    assert [sorted(one.people) for one in mended] == [[1]] * 5
    assert (mended[2].people[1] > 0.5).sum() > 0.95 * 800

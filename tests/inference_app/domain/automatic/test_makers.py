"""Makers of automatic masks on painted clips whose masks are known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.automatic import MAKERS
from inference_app.domain.automatic.background import median_of
from inference_app.domain.automatic.base import ClipFile, MaskMaker
from inference_app.domain.automatic.objects import numbered
from inference_app.domain.automatic.registration import camera_steps, is_still
from inference_app.domain.automatic.steadying import steadied
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.model_folders import use_weights
from matteweb.errors import BadInput, Cancelled
from tests.inference_app.domain.interactive.moving import overlap
from tests.inference_app.tiny_folders import write_detector, write_sam2

WIDTH, HEIGHT, FRAMES = 160, 96, 24
SIDE = 28
Place = Callable[[int], tuple[int, int]]


def _ground(width: int, height: int, seed: int = 2) -> RgbFrame:
    rng = np.random.default_rng(seed)
    blocks = rng.integers(60, 190, (height // 6 + 1, width // 6 + 1, 3))
    return np.kron(blocks, np.ones((6, 6, 1)))[:height, :width].astype(np.uint8)


def _place(frame: int) -> tuple[int, int]:
    return 6 + 5 * frame, 30


def _truth(frame: int) -> GrayFrame:
    left, top = _place(frame)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[top : top + SIDE, left : left + SIDE] = 1
    return mask


def painted(folder: Path, ground: Callable[[int], RgbFrame]) -> ClipFile:
    """Write a clip of a red square that crosses what ``ground`` gives for each frame."""
    rng = np.random.default_rng(1)
    frames = []
    for number in range(FRAMES):
        frame = ground(number).copy()
        frame[_truth(number) > 0] = (220, 40, 40)
        noise = rng.normal(0, 2, frame.shape)
        frames.append(np.clip(frame + noise, 0, 255).astype(np.uint8))
    size = PictureList(frames).size
    path = folder / "clip.mkv"
    with RgbMasterWriter(path, size, Fraction(24)) as writer:
        for frame in frames:
            writer.write(frame)
    return ClipFile(path, FRAMES, size, "clip")


def made(maker: MaskMaker, clip: ClipFile, **params: object) -> list[GrayFrame]:
    chosen = maker.params.model_validate(params)
    return list(maker.make(clip, chosen, ignore_progress, never_stop))


def mean_overlap(masks: list[GrayFrame], first: int = 0) -> float:
    places = range(first, FRAMES - first)
    return float(np.mean([overlap(masks[i] / 255, _truth(i).astype(np.float32)) for i in places]))


def resting(number: int) -> RgbFrame:
    return _ground(WIDTH, HEIGHT)


def panning(number: int) -> RgbFrame:
    return _ground(WIDTH + 80, HEIGHT + 20)[number // 2 : number // 2 + HEIGHT, 3 * number :][
        :, :WIDTH
    ]


def green(number: int) -> RgbFrame:
    return np.full((HEIGHT, WIDTH, 3), (40, 190, 60), np.uint8)


def test_what_moves_before_a_resting_place_is_found(tmp_path: Path) -> None:
    assert mean_overlap(made(MAKERS["motion"], painted(tmp_path, resting))) > 0.9


def test_what_moves_is_found_while_the_camera_pans(tmp_path: Path) -> None:
    clip = painted(tmp_path, panning)
    steps = camera_steps(clip.small(480), never_stop)
    assert not is_still(steps, WIDTH, HEIGHT)
    assert np.allclose(np.median([step[0, 2] for step in steps]), -3, atol=0.3)
    assert mean_overlap(made(MAKERS["motion"], clip), first=3) > 0.75


def test_what_stands_before_a_screen_is_found(tmp_path: Path) -> None:
    assert mean_overlap(made(MAKERS["chroma"], painted(tmp_path, green))) > 0.9


def test_a_clip_without_a_screen_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no green or blue screen"):
        made(MAKERS["chroma"], painted(tmp_path, resting))


@pytest.fixture
def networks(tmp_path: Path) -> Path:
    use_weights(tmp_path)
    write_sam2(tmp_path / "sam2")
    write_detector(tmp_path / "person-detector", "rt_detr")
    return tmp_path


@pytest.mark.parametrize("maker", list(MAKERS), ids=lambda one: one.info.slug)
def test_every_maker_gives_a_mask_per_frame_the_same_again_and_stops(
    maker: MaskMaker, tmp_path: Path, networks: Path
) -> None:
    clip = painted(tmp_path, green)
    params = maker.params()
    told: list[int] = []
    masks = list(maker.make(clip, params, lambda done, total: told.append(done), never_stop))
    assert told == list(range(1, FRAMES + 1))
    assert {(mask.shape, mask.dtype.name) for mask in masks} == {((HEIGHT, WIDTH), "uint8")}
    again = list(maker.make(clip, params, ignore_progress, never_stop))
    assert all(np.array_equal(one, two) for one, two in zip(masks, again, strict=True))
    with pytest.raises(Cancelled):
        list(maker.make(clip, params, ignore_progress, lambda: True))


def test_a_frame_that_flickers_is_mended_by_its_neighbours() -> None:
    ground = [resting(0)] * 5
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[20:60, 30:80] = 1
    masks = [mask.copy() for _ in ground]
    masks[2][:] = 0  # lost for one frame
    masks[3][70:80, 120:140] = 1  # there for one frame
    mended = [found for _, found in steadied(zip(ground, masks, strict=True))]
    assert all(overlap(found, mask) > 0.97 for found in mended)


def test_things_keep_their_numbers_and_what_shows_most_is_the_first() -> None:
    masks = []
    for frame in range(12):
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        mask[10:20, 5 + 3 * frame : 15 + 3 * frame] = 255
        mask[50:80, 100 - 2 * frame : 130 - 2 * frame] = 255
        if frame == 6:
            mask[10:20] = 0  # away for a moment
            mask[90:94, 2:6] = 255  # there for a moment
        masks.append(mask)
    found = list(numbered(lambda: masks, least_frames=3, least_pixels=4))
    assert [sorted(np.unique(one)) for one in found] == [
        [0, 1] if frame == 6 else [0, 1, 2] for frame in range(12)
    ]
    assert all(one[60, 100] == 1 for one in found)


def test_two_things_that_meet_stay_two() -> None:
    masks = []
    for frame in range(10):
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        mask[30:50, 20 + 4 * frame : 50 + 4 * frame] = 255
        mask[30:50, 100:130] = 255
        masks.append(mask)
    found = list(numbered(lambda: masks, least_frames=3, least_pixels=4))
    first, last = found[0], found[-1]
    assert {int(first[40, 30]), int(first[40, 120])} == {1, 2}
    assert last[40, 60] == first[40, 30]
    assert last[40, 128] == first[40, 120]


def test_nothing_found_is_said() -> None:
    with pytest.raises(BadInput, match="no object"):
        list(numbered(lambda: [np.zeros((8, 8), np.uint8)], least_frames=1, least_pixels=1))


def test_the_median_of_planes_is_that_of_numpy() -> None:
    stack = np.random.default_rng(0).integers(0, 256, (9, 7, 5), np.uint8)
    assert np.array_equal(median_of(stack), np.median(stack, axis=0))

"""The side file of a subject: exact, every half, found by frame number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets_app.domain.assets.cutout import Cutout
from datasets_app.domain.assets.cutout_writer import CutoutWriter
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.synthesis.geometry.placement import Box
from matteweb.errors import Corrupt
from tests.scenes import texture
from tests.subjects import figure

SIZE, BOX = FrameSize(160, 240), Box(21, 11, 140, 231)


def written(path: Path, fps: Fraction = Fraction(30000, 1001)) -> Path:
    with CutoutWriter(path, BOX, fps) as out:
        for number in range(7):
            out.write(texture(SIZE, number), figure(SIZE, shift=number))
    return path


@pytest.mark.parametrize(("start", "step", "length"), [(0, 1, 7), (2, 2, 3), (6, 1, 1)])
def test_level_0_is_the_premultiplied_crop_frame_by_frame(
    tmp_path: Path, start: int, step: int, length: int
) -> None:
    cutout = Cutout(written(tmp_path / "one"))
    assert (cutout.header.box, cutout.header.frames) == (BOX, 7)
    given = cutout.read(0, start=start, step=step, length=length)
    for number, planes in zip(range(start, 7, step), given, strict=True):
        alpha = figure(SIZE, shift=number)[BOX.slices]
        height, width = alpha.shape
        assert np.array_equal(planes.alpha[:height, :width], alpha)
        assert not planes.alpha[height:].any()
        red = np.rint(texture(SIZE, number)[BOX.slices][..., 0] * (alpha / 255))
        assert np.abs(planes.red[:height, :width] - red).max() <= 1


def test_each_level_is_exactly_half_the_one_before(tmp_path: Path) -> None:
    cutout = Cutout(written(tmp_path / "one"))
    for level in range(1, cutout.header.levels):
        large, small = (next(cutout.read(one, start=3)).alpha.copy() for one in (level - 1, level))
        assert small.shape == (large.shape[0] // 2, large.shape[1] // 2)
        half = cv2.resize(large, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
        assert np.array_equal(half, small)


def test_the_level_that_is_read_need_not_be_enlarged(tmp_path: Path) -> None:
    header = Cutout(written(tmp_path / "one")).header
    assert [header.level_for(factor) for factor in (1.4, 1, 0.6, 0.5, 0.26, 0.25)] == [
        0, 0, 0, 1, 1, 2,
    ]  # fmt: skip


def test_same_pictures_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "one").read_bytes() == written(tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_file_that_is_no_cut_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not at all")
    with pytest.raises(Corrupt, match="is no cut-out"):
        Cutout(tmp_path / "text")


def test_frames_that_are_not_there_are_refused(tmp_path: Path) -> None:
    cutout = Cutout(written(tmp_path / "one"))
    with pytest.raises(Corrupt, match="gives 2 pictures from 5, planned 4"):
        list(cutout.read(0, start=5, length=4))

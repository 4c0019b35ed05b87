"""Pictures out of annotated videos: in the right place, class and split."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.annotation.cutting import (
    Annotated,
    Cut,
    CutParams,
    fault_mask,
    plan_cuts,
    render_cuts,
)
from datasets_app.domain.annotation.cvat_xml import read_cvat
from datasets_app.domain.annotation.relabel import Relabelling, labels_of
from datasets_app.domain.annotation.tracks import Shape
from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.progress import never_stop
from matteweb.errors import BadInput
from tests.layout_cases.cvat_video import LEFT, RIGHT, SCRATCH, xml_of

SIZE = FrameSize(64, 48)


@pytest.fixture
def videos(tmp_path: Path) -> list[Annotated]:
    path = tmp_path / "1.xml"
    path.write_text(xml_of(LEFT, RIGHT, SCRATCH))
    tracks = read_cvat(path, [])
    rule = Relabelling.suggested(labels_of(tracks))
    return [Annotated(name, tracks, rule, 8, SIZE) for name in ("1", "2")]


def frames(count: int = 8) -> Generator[RgbFrame, None, None]:
    """Yield frames whose red is x, green is y, blue is the frame's number."""
    down, across = np.mgrid[: SIZE.height, : SIZE.width]
    for number in range(count):
        yield np.dstack([across, down, np.full_like(down, number)]).astype(np.uint8)


def test_margin_is_a_share_of_the_box_wherever_it_lies(videos: list[Annotated]) -> None:
    (cut,) = [
        one
        for one in plan_cuts(videos[:1], CutParams(margin=0.1))
        if (one.track, one.frame) == (1, 0)
    ]
    # 36..54 by 4..40: 10 % of 18 and of 36. Scaling the coordinates themselves, as the tool did
    # that this replaces, gives 35.28 * 0.98 for the left and 52.92 for the right edge.
    assert cut.edges == (34, 0, 56, 44)


def test_every_nth_frame_and_nothing_between(videos: list[Annotated]) -> None:
    cuts = plan_cuts(videos[:1], CutParams(every=3))
    assert {cut.frame for cut in cuts} == {0, 3, 6}


def test_every_object_of_a_frame_is_cut(videos: list[Annotated]) -> None:
    cuts = [one for one in plan_cuts(videos[:1], CutParams()) if one.frame == 2]
    assert [(one.track, one.label) for one in cuts] == [(0, "defective"), (1, "good")]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("take", ["crops", "whole", "both"])
def test_a_split_divides_no_track_and_trains_on_good_ones_only(
    videos: list[Annotated], seed: int, take: str
) -> None:
    params = CutParams.model_validate({"take": take, "seed": seed, "test_share": 0.5})
    cuts = plan_cuts(videos, params)
    units: dict[tuple[str, int | None], set[str]] = {}
    for cut in cuts:
        unit = (cut.video, cut.track if take == "crops" else None)
        units.setdefault(unit, set()).add(cut.split)
    assert all(len(splits) == 1 for splits in units.values())
    assert {cut.label for cut in cuts if cut.split == "train"} <= {"good"}


def test_the_same_seed_draws_the_same_tracks(videos: list[Annotated]) -> None:
    params = CutParams(test_share=0.5, seed=3)
    assert plan_cuts(videos, params) == plan_cuts(videos, params)
    drawn = {
        frozenset(cut.video for cut in cuts if cut.split == "test" and cut.track == 1)
        for seed in range(12)
        for cuts in [plan_cuts(videos, CutParams(test_share=0.5, seed=seed))]
    }
    assert drawn == {frozenset("1"), frozenset("2")}


def test_all_anomalies_may_be_one_class(videos: list[Annotated]) -> None:
    labels = {cut.label for cut in plan_cuts(videos, CutParams(one_anomaly=True))}
    assert labels == {"good", "anomaly"}


def test_a_crop_shows_what_lies_there_and_its_mask_the_fault(videos: list[Annotated]) -> None:
    cuts = [one for one in plan_cuts(videos[:1], CutParams()) if one.frame == 2]
    made = {
        cut.track: (picture, mask) for cut, picture, mask in render_cuts(frames(), cuts, never_stop)
    }
    picture, mask = made[0]
    left, top, right, bottom = next(one.edges for one in cuts if one.track == 0) or (0, 0, 0, 0)
    assert picture[0, 0].tolist() == [left, top, 2]
    assert picture[-1, -1].tolist() == [right - 1, bottom - 1, 2]
    assert mask is not None and mask.shape == picture.shape[:2]
    down, across = np.nonzero(mask)
    assert (across.min() + left, across.max() + left) == (8, 14)
    assert (down.min() + top, down.max() + top) == (10, 18)
    assert made[1][1] is None


def test_a_video_that_is_too_short_is_named(videos: list[Annotated]) -> None:
    cuts = plan_cuts(videos[:1], CutParams())
    with pytest.raises(BadInput, match="no frame 4"):
        list(render_cuts(frames(4), cuts, never_stop))


def test_a_mask_of_runs_is_drawn_row_by_row_and_cut_at_the_edge() -> None:
    shape = Shape(0, "mask", ((62.0, 1.0), (66.0, 3.0)), runs=(1, 4, 3))
    mask = fault_mask(SIZE, [shape])
    assert np.argwhere(mask).tolist() == [[1, 63], [2, 62]]


def test_names_say_where_a_picture_is_from() -> None:
    assert Cut("1.avi", 7, 3, "good", "train", None, ()).name == "1.avi-f000007-t003.png"
    assert Cut("1.avi", 7, None, "good", "train", None, ()).name == "1.avi-f000007.png"

"""A subject is read once: index, cut-out, facts; faults are named, not fatal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.assets.asset_index import AssetIndexer, read_index, write_index
from datasets_app.domain.assets.cutout import Cutout
from datasets_app.domain.assets.faults import matte_findings, suspect_frames
from datasets_app.domain.assets.subject_box import subject_box
from datasets_app.domain.assets.subject_reading import SubjectFiles, survey_subject
from datasets_app.domain.assets.subject_streams import SubjectStreams, stream_subject
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.synthesis.geometry.placement import Box
from matteweb.errors import BadInput, Cancelled
from tests.subjects import figure, filmed, pair, pictures_zip, rgba_png

LIMITS = Limits()


def streamed(folder: Path, files: SubjectFiles, fps: str = "25") -> SubjectStreams:
    found = survey_subject(
        files,
        limits=LIMITS,
        decisions={"frame_rate": fps},
        progress=ignore_progress,
        should_stop=never_stop,
    )
    work = folder / "work"
    work.mkdir()
    return stream_subject(
        files, found, work, limits=LIMITS, progress=ignore_progress, should_stop=never_stop
    )


def test_a_pair_of_clips_gives_streams_index_and_cut_out(tmp_path: Path) -> None:
    colour, alpha = pair(tmp_path, "walk")
    made = streamed(tmp_path, SubjectFiles(colour, colour.name, alpha, alpha.name))
    assert made.colour.frames == made.alpha.frames == 6
    index = tmp_path / "index"
    index.write_bytes(made.index)
    read = read_index(index)
    assert len(read.small) == len(read.boxes) == 6
    assert read.box == made.facts.box
    assert made.facts.area == pytest.approx(figure().mean() / 255, abs=0.002)
    assert 0 < made.facts.soft < 0.5
    assert Cutout(made.cutout).header.box == made.facts.box
    assert made.findings == ()


def test_the_cut_out_has_the_subjects_own_colour_and_no_rim_of_the_old_backdrop(
    tmp_path: Path,
) -> None:
    colour, alpha = pair(tmp_path, "walk", frames=1)
    made = streamed(tmp_path, SubjectFiles(colour, colour.name, alpha, alpha.name))
    planes = next(Cutout(made.cutout).read(0))
    edge = (planes.alpha > 40) & (planes.alpha < 215)
    pure = planes.red[edge].astype(float) * 255 / planes.alpha[edge]
    as_filmed = filmed(figure(), (200, 40, 30), 120)[made.facts.box.slices][..., 0]
    height, width = as_filmed.shape
    assert np.abs(pure - 200).mean() < 9
    rim = as_filmed[edge[:height, :width]].astype(float)
    assert np.abs(rim - 200).mean() > 25  # what is pasted when nothing is estimated


@pytest.mark.parametrize("clip", [False, True])
def test_opacity_inside_the_colour_file_is_the_matte(tmp_path: Path, clip: bool) -> None:
    if clip:
        rgba = [np.dstack([filmed(figure(), (9, 9, 9), 9), figure(shift=k)]) for k in range(3)]
        path = pictures_zip(tmp_path / "walk.zip", rgba)
    else:
        path = rgba_png(tmp_path / "one.png", figure())
    made = streamed(tmp_path, SubjectFiles(path, path.name, None, ""))
    assert made.alpha.frames == (3 if clip else 1)

    def is_that_of_the_subject(box: Box) -> None:
        assert box.right - box.left < 48

    is_that_of_the_subject(made.facts.box)
    with pytest.raises(AssertionError):  # the fallback of the tools takes the brightness for it
        is_that_of_the_subject(subject_box(filmed(figure(), (200, 40, 30), 120)[..., 0]))


def test_a_file_without_opacity_and_without_matte_is_refused(tmp_path: Path) -> None:
    colour, _ = pair(tmp_path, "walk", frames=2)
    with pytest.raises(BadInput, match=r"walk\.mkv has no opacity channel"):
        streamed(tmp_path, SubjectFiles(colour, colour.name, None, ""))


def test_unequal_counts_are_named_with_both_files(tmp_path: Path) -> None:
    colour, _ = pair(tmp_path, "walk", frames=5)
    _, shorter = pair(tmp_path, "other", frames=4)
    with pytest.raises(BadInput, match=r"5 frames but its matte other_pha\.mkv has 4"):
        streamed(tmp_path, SubjectFiles(colour, colour.name, shorter, shorter.name))


def test_an_empty_matte_is_refused_with_its_name(tmp_path: Path) -> None:
    path = rgba_png(tmp_path / "ghost.png", np.zeros((40, 40), np.uint8))
    with pytest.raises(BadInput, match=r"the matte of ghost\.png is empty"):
        streamed(tmp_path, SubjectFiles(path, path.name, None, ""))


def test_a_matte_of_another_picture_is_named_by_its_frame() -> None:
    indexer = AssetIndexer()
    for number in range(9):
        matte = figure(shift=number)
        indexer.add(np.ascontiguousarray(np.roll(matte, 40, 1)) if number == 4 else matte)
    index = indexer.index()
    assert suspect_frames(index) == (4,)
    (finding,) = matte_findings(index)
    assert finding.code == "matte_of_another_picture"
    assert "frame 4" in finding.message


def test_a_subject_that_walks_out_is_noted_and_nothing_more() -> None:
    indexer = AssetIndexer()
    for number in range(6):
        indexer.add(figure() if number < 4 else np.zeros_like(figure()))
    assert [one.code for one in matte_findings(indexer.index())] == ["matte_empty_in_frames"]


def test_same_matte_same_index() -> None:
    made = []
    for _ in range(2):
        indexer = AssetIndexer()
        indexer.add(figure())
        made.append(write_index(indexer.index()))
    assert made[0] == made[1]


def test_reading_a_subject_stops_when_asked_to(tmp_path: Path) -> None:
    colour, alpha = pair(tmp_path, "walk")
    files = SubjectFiles(colour, colour.name, alpha, alpha.name)
    found = survey_subject(
        files, limits=LIMITS, decisions={}, progress=ignore_progress, should_stop=never_stop
    )
    with pytest.raises(Cancelled, match="stopped at frame 1 of 6"):
        stream_subject(
            files, found, tmp_path, limits=LIMITS, progress=ignore_progress,
            should_stop=lambda: True,
        )  # fmt: skip

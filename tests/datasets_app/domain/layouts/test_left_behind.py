"""What of a sample has no place in a layout that takes it is told, and what has one is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.trees.entries import LayoutContents
from tests.layout_cases import CASES

SOURCES = ("mask_a", "mask_b")


@pytest.mark.parametrize(
    ("slug", "kept"),
    [("defocused_segmentation", 1), ("maggie_video", 2), ("davis", 0), ("png_sequences", 0)],
)
def test_each_source_of_guidance_is_written_or_told(tmp_path: Path, slug: str, kept: int) -> None:
    tree = CASES["defocused_segmentation"].tree(tmp_path / "tree")
    tuples = LAYOUTS["defocused_segmentation"].read(tree).tuples
    (walker,) = (one for one in tuples if one.name == "walker")
    (masks,) = walker.guidance
    guidance = tuple(replace(masks, source=source) for source in SOURCES)
    contents = LayoutContents(tuples=(replace(walker, guidance=guidance),))
    told = LAYOUTS[slug].left_behind(contents)
    assert [note.where for note in told] == list(SOURCES[kept:])
    assert all(note.severity == "note" and note.where in note.message for note in told)
    LAYOUTS[slug].write(contents, tmp_path / "out")
    written = {
        guide for one in LAYOUTS[slug].read(tmp_path / "out").tuples for guide in one.guidance
    }
    assert len(written) == kept

"""What every registered layout must do; a new one brings a tree and its faults, nothing else."""

from __future__ import annotations

import shutil
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from datasets_app.domain.findings import errors_in
from datasets_app.domain.layouts import LAYOUTS, find_layout
from datasets_app.domain.layouts.base import Layout
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.trees.entries import LabelledPicture
from matteweb.errors import BadInput, Cancelled, Conflict
from tests.layout_cases import CASES
from tests.layout_cases.planting import Plant

LIMITS = Limits(memory_mib=2048, cpu_seconds=20, wall_seconds=60)


@pytest.fixture(params=list(LAYOUTS), ids=lambda layout: layout.info.slug)
def layout(request: pytest.FixtureRequest) -> Layout:
    chosen: Layout = request.param
    return chosen


@pytest.fixture
def tree(layout: Layout, tmp_path: Path) -> Path:
    return CASES[layout.info.slug].tree(tmp_path / "tree")


def plain(value: Any) -> Any:
    """Return contents with each path replaced by its name and its bytes."""
    if isinstance(value, Path):
        inside = [plain(path) for path in sorted(value.iterdir())] if value.is_dir() else None
        return value.name, inside or value.read_bytes()
    if isinstance(value, LabelledPicture):
        # Its name is a field of its own: the file's may have had to change.
        own = replace(value, picture=Path(), mask=None)
        drawn = value.mask.read_bytes() if value.mask else None
        return own, value.picture.read_bytes(), drawn
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def test_a_good_tree_is_read_and_found_good(layout: Layout, tree: Path) -> None:
    contents = layout.read(tree)
    assert contents.size
    assert errors_in(contents.findings) == ()
    assert {finding.code for finding in contents.findings} == CASES[layout.info.slug].still
    told: list[tuple[int, int | None]] = []
    findings = layout.validate(tree, limits=LIMITS, progress=lambda *now: told.append(now))
    assert errors_in(findings) == ()
    assert told[-1][0] == told[-1][1]


def test_what_is_written_is_read_back(layout: Layout, tree: Path, tmp_path: Path) -> None:
    contents = layout.read(tree)
    layout.write(contents, tmp_path / "copy")
    found, inside = find_layout(tmp_path / "copy")
    assert (found.info.slug, inside) == (layout.info.slug, tmp_path / "copy")
    again = layout.read(tmp_path / "copy")
    assert plain(replace(again, findings=())) == plain(replace(contents, findings=()))
    assert {finding.code for finding in again.findings} <= CASES[layout.info.slug].still


def test_a_tree_is_recognised_under_folders_that_wrap_it(
    layout: Layout, tree: Path, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    shutil.move(tree, tmp_path / "a" / "b")
    found, inside = find_layout(tmp_path / "a")
    assert found.info.slug == layout.info.slug
    assert inside == tmp_path / "a" / "b"


def test_what_is_there_is_never_overwritten(layout: Layout, tree: Path) -> None:
    with pytest.raises(Conflict, match="not empty"):
        layout.write(layout.read(tree), tree)


def test_another_folder_is_refused_in_words(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=tmp_path.name):
        layout.read(tmp_path)
    with pytest.raises(BadInput, match="no layout that is known"):
        find_layout(tmp_path)


def test_work_on_a_tree_can_be_stopped(layout: Layout, tree: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        layout.validate(tree, limits=LIMITS, should_stop=lambda: True)
    with pytest.raises(Cancelled):
        layout.write(layout.read(tree), tmp_path / "copy", should_stop=lambda: True)


def test_what_file_managers_leave_behind_does_not_come_in(layout: Layout, tree: Path) -> None:
    before = layout.read(tree)
    for folder in [tree, *(path for path in tree.rglob("*") if path.is_dir())]:
        (folder / ".DS_Store").write_bytes(b"x")
    after = layout.read(tree)
    assert replace(after, findings=()) == replace(before, findings=())
    case = CASES[layout.info.slug]
    assert {finding.code for finding in after.findings} == case.still | case.hidden


def test_every_layout_brings_a_tree_and_faults() -> None:
    assert set(CASES) == {layout.info.slug for layout in LAYOUTS}
    assert all(case.faults for case in CASES.values())


@pytest.mark.parametrize(
    ("slug", "code", "plant"),
    [(slug, code, plant) for slug, case in CASES.items() for code, plant in case.faults],
)
def test_each_planted_fault_is_found(tmp_path: Path, slug: str, code: str, plant: Plant) -> None:
    tree = CASES[slug].tree(tmp_path / "tree")
    plant(tree)
    found = list(LAYOUTS[slug].read(tree).findings)
    if code not in {finding.code for finding in found}:
        found += LAYOUTS[slug].validate(tree, limits=LIMITS)
    (said, *_) = [finding for finding in found if finding.code == code]
    assert said.message
    assert said.hint
    assert said.where

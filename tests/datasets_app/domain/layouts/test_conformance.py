"""What every registered layout must do; a new one brings a tree and its faults, nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasets_app.domain.findings import errors_in
from datasets_app.domain.layouts import LAYOUTS, find_layout
from datasets_app.domain.layouts.base import Layout, LayoutContents
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize
from matteweb.errors import BadInput, Cancelled, Conflict
from tests.layout_trees import TREES, source_clip
from tests.tuples import SIZE, tuple_frames, write_videos

LIMITS = Limits(memory_mib=2048, cpu_seconds=20, wall_seconds=60)


@pytest.fixture(params=list(LAYOUTS), ids=lambda layout: layout.info.slug)
def layout(request: pytest.FixtureRequest) -> Layout:
    chosen: Layout = request.param
    return chosen


@pytest.fixture
def tree(layout: Layout, tmp_path: Path) -> Path:
    return TREES[layout.info.slug](tmp_path / "tree")


def plain(contents: LayoutContents) -> list[Any]:
    """Return contents with each path replaced by its name and its bytes."""

    def stored(path: Path) -> Any:
        if path.is_dir():
            return path.name, [stored(inside) for inside in sorted(path.iterdir())]
        return path.name, path.read_bytes()

    clips = [
        (c.name, stored(c.video), [(m.name, stored(m.path)) for m in c.masks], c.captions)
        for c in contents.clips
    ]
    tuples = [
        [t.category, t.name, t.captions, t.repeats, t.split, t.sources]
        + [(layer, stored(path)) for layer, path in sorted(t.layers.items())]
        for t in contents.tuples
    ]
    return [*clips, *tuples]


def test_a_good_tree_is_read_and_found_good(layout: Layout, tree: Path) -> None:
    contents = layout.read(tree)
    assert contents.clips or contents.tuples
    assert contents.findings == ()
    told: list[tuple[int, int | None]] = []
    findings = layout.validate(tree, limits=LIMITS, progress=lambda *now: told.append(now))
    assert errors_in(findings) == ()
    assert told[-1][0] == told[-1][1]


def test_what_is_written_is_read_back(layout: Layout, tree: Path, tmp_path: Path) -> None:
    contents = layout.read(tree)
    layout.write(contents, tmp_path / "copy")
    again = layout.read(tmp_path / "copy")
    assert plain(again) == plain(contents)
    assert again.findings == ()


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


def test_what_file_managers_leave_behind_is_ignored(layout: Layout, tree: Path) -> None:
    for folder in [tree, *(path for path in tree.rglob("*") if path.is_dir())]:
        (folder / ".DS_Store").write_bytes(b"x")
    assert layout.read(tree).findings == ()


def _break(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def _json(path: Path, change: Callable[[list[Any]], object]) -> None:
    rows = json.loads(path.read_text())
    change(rows)
    path.write_text(json.dumps(rows))


def _copy(path: Path, name: str) -> None:
    shutil.copyfile(path, path.with_name(name))


Plant = Callable[[Path], object]
FAULTS: dict[str, list[tuple[str, Plant]]] = {
    "paste_source": [
        ("mask_unpaired", lambda t: (t / "masks/camel.mp4").rename(t / "masks/dromedary.mp4")),
        ("video_without_mask", lambda t: (t / "masks/camel.mp4").unlink()),
        ("mask_unpaired", lambda t: (t / "videos/camel.mp4").unlink()),
        ("no_masks", lambda t: shutil.rmtree(t / "masks")),
        ("caption_unpaired", lambda t: (t / "videos/camel.mp4").unlink()),
        ("video_without_caption", lambda t: _json(t / "caption.json", lambda rows: rows.pop())),
        ("caption_twice", lambda t: _json(t / "caption.json", lambda r: r.append(r[0]))),
        ("caption_twice", lambda t: (t / "captions.json").write_text('{"camel":{"full":"x"}}')),
        ("captions_unreadable", lambda t: (t / "caption.json").write_text("[")),
        ("name_twice", lambda t: _copy(t / "videos/camel.mp4", "camel.mov")),
        ("not_footage", lambda t: (t / "videos/notes.txt").write_text("x")),
        ("unreadable", lambda t: _break(t / "videos/camel.mp4")),
        ("unreadable", lambda t: _break(t / "masks/camel.mp4")),
        ("unreadable", lambda t: (t / "masks/camel.mp4").write_text("not a video")),
        ("mask_frames", lambda t: _lengths(t, 17, 18)),
        ("mask_size", lambda t: _swap(t, 18, FrameSize(48, 48))),
    ],
    "train_casper": [
        ("missing_stream", lambda t: (t / "kubric/000001/mask.mp4").unlink()),
        ("missing_stream", lambda t: shutil.rmtree(t / "omnimatte+tripod/flamingo/bg")),
        ("frame_counts", lambda t: (t / "omnimatte+tripod/flamingo/bg/00003.png").unlink()),
        ("unreadable", lambda t: _break(t / "kubric/000001/rgb_full.mp4")),
        ("nothing_changed", lambda t: _same(t / "kubric/000001")),
        ("caption_unpaired", lambda t: shutil.rmtree(t / "kubric/000001")),
        ("row_unpaired", lambda t: shutil.rmtree(t / "kubric/000001")),
        ("row_missing", lambda t: _json(t / "casper.json", lambda rows: rows.pop())),
        ("row_type", lambda t: _json(t / "casper.json", lambda r: r[0].update(type="video"))),
        ("list_unreadable", lambda t: (t / "casper.json").write_text("{}")),
        ("captions_unreadable", lambda t: (t / "kubric.json").write_text("7")),
        ("caption_malformed", lambda t: _json(t / "kubric.json", lambda rows: rows.append(3))),
        ("caption_empty", lambda t: _remove(t / "kubric.json", t / "casper.json")),
        ("not_a_tuple", lambda t: (t / "object-paste/videos").mkdir()),
        ("category_name", lambda t: (t / "kubric").rename(t / "kub ric")),
        ("both_variants", lambda t: _both(t)),
        ("split_leak", lambda t: _copy(t / "casper.json", "casper.test.json")),
        ("manifest_unreadable", lambda t: (t / "manifest.json").write_text("{}")),
    ],
}


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink()


def _lengths(tree: Path, video: int, mask: int) -> None:
    source_clip(tree, "camel", frames=video)
    _swap(tree, mask)


def _swap(tree: Path, frames: int, size: FrameSize = SIZE) -> None:
    mask = tuple_frames(frames, size)["mask"]
    write_videos(tree / "other", {"mask": mask})["mask"].replace(tree / "masks/camel.mp4")


def _same(folder: Path) -> None:
    shutil.copyfile(folder / "rgb_full.mp4", folder / "rgb_removed.mp4")


def _both(tree: Path) -> None:
    shutil.copytree(tree / "omnimatte+tripod/flamingo", tree / "kubric/000001", dirs_exist_ok=True)


def test_every_layout_brings_a_tree_and_faults() -> None:
    slugs = {layout.info.slug for layout in LAYOUTS}
    assert set(TREES) == set(FAULTS) == slugs


@pytest.mark.parametrize(
    ("slug", "code", "plant"),
    [(slug, code, plant) for slug, faults in FAULTS.items() for code, plant in faults],
)
def test_each_planted_fault_is_found(tmp_path: Path, slug: str, code: str, plant: Plant) -> None:
    tree = TREES[slug](tmp_path / "tree")
    plant(tree)
    read = {finding.code for finding in LAYOUTS[slug].read(tree).findings}
    if code not in read:
        read |= {finding.code for finding in LAYOUTS[slug].validate(tree, limits=LIMITS)}
    assert code in read

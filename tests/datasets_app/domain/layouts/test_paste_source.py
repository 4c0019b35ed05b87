"""What belongs together is found by name, however the suffixes fall."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datasets_app.domain.captions import Captions
from datasets_app.domain.layouts.paste_source import PasteSource
from datasets_app.domain.layouts.train_casper import TrainCasper
from matteweb.errors import BadInput
from tests.layout_trees import paste_source, train_casper


def names_only(folder: Path, videos: list[str], masks: list[str]) -> Path:
    """Make a tree whose files are empty: reading looks at names only."""
    for kind, names in (("videos", videos), ("masks", masks)):
        (folder / kind).mkdir(parents=True)
        for name in names:
            if name.endswith("/"):
                (folder / kind / name).mkdir()
                (folder / kind / name / "00000.png").touch()
            else:
                (folder / kind / name).touch()
    return folder


def test_masks_are_paired_with_and_without_a_suffix(tmp_path: Path) -> None:
    tree = names_only(
        tmp_path,
        ["davis_camel.mp4", "davis_kite-walk.mov", "tennis_video.mp4", "boat/", "lone.mp4"],
        [
            "davis_camel.mp4",
            "davis_kite-walk_00.mp4",
            "davis_kite-walk_01.mp4",
            "tennis_mask.mp4",
            "boat_mask.zip",
            "nobody.mp4",
        ],
    )
    contents = PasteSource().read(tree)
    assert {clip.name: [mask.name for mask in clip.masks] for clip in contents.clips} == {
        "boat": ["boat_mask"],
        "davis_camel": ["davis_camel"],
        "davis_kite-walk": ["davis_kite-walk_00", "davis_kite-walk_01"],
        "lone": [],
        "tennis_video": ["tennis_mask"],
    }
    listed = [(f.code, f.where) for f in contents.findings if "caption" not in f.code]
    assert listed == [
        ("mask_unpaired", "masks/nobody.mp4"),
        ("video_without_mask", "videos/lone.mp4"),
    ]


def test_a_caption_by_the_name_before_the_underscore_serves_all_its_clips(tmp_path: Path) -> None:
    tree = names_only(tmp_path, ["camel_1.mp4", "camel_2.mp4", "kite.mp4"], [])
    entries = {"camel": {"full": "a zoo"}, "kite.mp4": {"full": "a beach"}, "x": {"full": "?"}}
    (tree / "captions.json").write_text(json.dumps(entries))
    contents = PasteSource().read(tree)
    assert {clip.name: clip.captions for clip in contents.clips} == {
        "camel_1": Captions(verbose="a zoo"),
        "camel_2": Captions(verbose="a zoo"),
        "kite": Captions(verbose="a beach"),
    }
    assert [f.where for f in contents.findings if f.code == "caption_unpaired"] == ["x"]


def test_both_caption_files_may_be_there_when_they_agree(tmp_path: Path) -> None:
    tree = paste_source(tmp_path / "a")
    PasteSource().write(PasteSource().read(tree), tmp_path / "b")
    assert sorted(path.name for path in (tmp_path / "b").glob("*.json")) == [
        "caption.json",
        "captions.json",
    ]
    contents = PasteSource().read(tmp_path / "b")
    assert contents.findings == ()
    assert contents.clips[0].captions == Captions(
        short="a zoo", verbose="a zoo with sand and a wall"
    )


def test_each_layout_refuses_what_has_no_place_in_it(tmp_path: Path) -> None:
    clips = PasteSource().read(paste_source(tmp_path / "b"))
    with pytest.raises(BadInput, match="source clips have no place in"):
        TrainCasper().write(clips, tmp_path / "c")


def test_finished_samples_become_clips_with_their_masks(tmp_path: Path) -> None:
    ready = TrainCasper().read(train_casper(tmp_path / "a"))
    PasteSource().write(ready, tmp_path / "b")
    contents = PasteSource().read(tmp_path / "b")
    assert [clip.name for clip in contents.clips] == [
        "kubric-000001",
        "object-paste-000000",
        "omnimatte+tripod-flamingo",
    ]
    assert all(len(clip.masks) == 1 and clip.captions for clip in contents.clips)

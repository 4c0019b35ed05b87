"""Ready tuples in category folders, in both variants."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.layout_cases.planting import Fault, change_json, copy, cut, remove
from tests.tuples import tuple_frames, write_pictures, write_videos


def tree(folder: Path) -> Path:
    """Write one tuple of each category, in both variants, with lists, and return the folder."""
    write_videos(folder / "kubric/000001", tuple_frames(18))
    write_videos(folder / "object-paste/000000", tuple_frames(18, seed=1))
    write_pictures(folder / "omnimatte+tripod/flamingo", tuple_frames(18, seed=2))
    names = {"kubric": "000001", "object-paste": "000000", "omnimatte+tripod": "flamingo"}
    for category, name in names.items():
        rows = [{"path": name, "short_prompt": f'"a {category} scene"', "summary": "short"}]
        (folder / f"{category}.json").write_text(json.dumps(rows))
    repeats = {"omnimatte+tripod": 4, "kubric": 2, "object-paste": 1}
    rows = [
        {
            "file_path": f"/data/train-casper/{category}/{names[category]}",
            "text": f"a {category} scene",
            "type": "video_mask_tuple",
        }
        for category, count in repeats.items()
        for _ in range(count)
    ]
    (folder / "casper.json").write_text(json.dumps(rows))
    return folder


def _same(folder: Path) -> None:
    shutil.copyfile(folder / "rgb_full.mp4", folder / "rgb_removed.mp4")


def _both(tree: Path) -> None:
    shutil.copytree(tree / "omnimatte+tripod/flamingo", tree / "kubric/000001", dirs_exist_ok=True)


FAULTS: list[Fault] = [
    ("missing_stream", lambda t: (t / "kubric/000001/mask.mp4").unlink()),
    ("missing_stream", lambda t: shutil.rmtree(t / "omnimatte+tripod/flamingo/bg")),
    ("frame_counts", lambda t: (t / "omnimatte+tripod/flamingo/bg/00003.png").unlink()),
    ("unreadable", lambda t: cut(t / "kubric/000001/rgb_full.mp4")),
    ("nothing_changed", lambda t: _same(t / "kubric/000001")),
    ("caption_unpaired", lambda t: shutil.rmtree(t / "kubric/000001")),
    ("row_unpaired", lambda t: shutil.rmtree(t / "kubric/000001")),
    ("row_missing", lambda t: change_json(t / "casper.json", lambda rows: rows.pop())),
    ("row_type", lambda t: change_json(t / "casper.json", lambda r: r[0].update(type="video"))),
    ("list_unreadable", lambda t: (t / "casper.json").write_text("{}")),
    ("captions_unreadable", lambda t: (t / "kubric.json").write_text("7")),
    ("caption_malformed", lambda t: change_json(t / "kubric.json", lambda rows: rows.append(3))),
    ("caption_empty", lambda t: remove(t / "kubric.json", t / "casper.json")),
    ("not_a_tuple", lambda t: (t / "object-paste/videos").mkdir()),
    ("category_name", lambda t: (t / "kubric").rename(t / "kub ric")),
    ("both_variants", lambda t: _both(t)),
    ("split_leak", lambda t: copy(t / "casper.json", "casper.test.json")),
    ("manifest_unreadable", lambda t: (t / "manifest.json").write_text("{}")),
]

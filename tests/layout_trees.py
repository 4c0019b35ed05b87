"""Real trees of every layout, on which the conformance tests and the import tests stand."""

from __future__ import annotations

import json
from pathlib import Path

from datasets_app.domain.media.frames import FrameSize
from tests.tuples import SIZE, tuple_frames, write_pictures, write_videos


def source_clip(folder: Path, name: str, *, frames: int = 18, size: FrameSize = SIZE) -> None:
    """Write videos/<name>.mp4 and a mask of its square, white on black, as masks/<name>.mp4."""
    content = tuple_frames(frames, size, seed=len(name))
    white = [((mask == 0) * 255).astype("uint8") for mask in content["mask"]]
    written = write_videos(folder / "work", {"rgb_full": content["rgb_full"], "mask": white})
    for layer, kind in (("rgb_full", "videos"), ("mask", "masks")):
        (folder / kind).mkdir(exist_ok=True)
        written[layer].replace(folder / kind / f"{name}.mp4")
    (folder / "work").rmdir()


def paste_source(folder: Path) -> Path:
    """Write two paired clips with captions and return the folder."""
    folder.mkdir(parents=True)
    source_clip(folder, "camel")
    source_clip(folder, "kite-walk")
    captions = [
        {"path": "camel", "short_prompt": "a zoo", "verbose_prompt": "a zoo with sand and a wall"},
        {"path": "kite-walk", "prompt": "a beach"},
    ]
    (folder / "caption.json").write_text(json.dumps(captions))
    return folder


def train_casper(folder: Path) -> Path:
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


TREES = {"paste_source": paste_source, "train_casper": train_casper}

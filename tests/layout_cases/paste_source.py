"""Videos and masks paired by name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from datasets_app.domain.media.frames import FrameSize
from tests.layout_cases.planting import Fault, change_json, copy, cut
from tests.tuples import SIZE, tuple_frames, write_videos


def source_clip(folder: Path, name: str, *, frames: int = 18, size: FrameSize = SIZE) -> None:
    """Write videos/<name>.mp4 and a mask of its square, white on black, as masks/<name>.mp4."""
    content = tuple_frames(frames, size, seed=len(name))
    white = [((mask == 0) * 255).astype("uint8") for mask in content["mask"]]
    written = write_videos(folder / "work", {"rgb_full": content["rgb_full"], "mask": white})
    for layer, kind in (("rgb_full", "videos"), ("mask", "masks")):
        (folder / kind).mkdir(exist_ok=True)
        written[layer].replace(folder / kind / f"{name}.mp4")
    (folder / "work").rmdir()


def tree(folder: Path) -> Path:
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


def _lengths(tree: Path, video: int, mask: int) -> None:
    source_clip(tree, "camel", frames=video)
    _swap(tree, mask)


def _swap(tree: Path, frames: int, size: FrameSize = SIZE) -> None:
    mask = tuple_frames(frames, size)["mask"]
    write_videos(tree / "other", {"mask": mask})["mask"].replace(tree / "masks/camel.mp4")


FAULTS: list[Fault] = [
    ("mask_unpaired", lambda t: (t / "masks/camel.mp4").rename(t / "masks/dromedary.mp4")),
    ("video_without_mask", lambda t: (t / "masks/camel.mp4").unlink()),
    ("mask_unpaired", lambda t: (t / "videos/camel.mp4").unlink()),
    ("no_masks", lambda t: shutil.rmtree(t / "masks")),
    ("caption_unpaired", lambda t: (t / "videos/camel.mp4").unlink()),
    ("video_without_caption", lambda t: change_json(t / "caption.json", lambda rows: rows.pop())),
    ("caption_twice", lambda t: change_json(t / "caption.json", lambda r: r.append(r[0]))),
    ("caption_twice", lambda t: (t / "captions.json").write_text('{"camel":{"full":"x"}}')),
    ("captions_unreadable", lambda t: (t / "caption.json").write_text("[")),
    ("name_twice", lambda t: copy(t / "videos/camel.mp4", "camel.mov")),
    ("not_footage", lambda t: (t / "videos/notes.txt").write_text("x")),
    ("unreadable", lambda t: cut(t / "videos/camel.mp4")),
    ("unreadable", lambda t: cut(t / "masks/camel.mp4")),
    ("unreadable", lambda t: (t / "masks/camel.mp4").write_text("not a video")),
    ("mask_frames", lambda t: _lengths(t, 17, 18)),
    ("mask_size", lambda t: _swap(t, 18, FrameSize(48, 48))),
]

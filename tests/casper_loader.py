"""Reads a training list as the Casper trainer does: paths, streams, masks, batches.

Written from what its loader does with the files, not from ours: whatever it would pass over in
silence is an error here.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

VIDEOS = ("rgb_full.mp4", "rgb_removed.mp4", "mask.mp4")
FOLDERS = ("input", "bg", "trimask")
ASPECTS = (0.5, 0.5625, 0.625, 0.6667, 0.75, 1.0, 1.3333, 1.5, 1.6, 1.7778, 2.0)
"""Width by height of buckets, as far as they matter for sorting a handful of clips."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the trainer's model gets it: (F, H, W, 3) in -1..1, mask (F, H, W, 1) of which 1
    is to be removed, 0.5 background, 0 kept."""

    folder: Path
    text: str
    full: np.ndarray
    removed: np.ndarray
    mask: np.ndarray

    @property
    def aspect(self) -> float:
        """The bucket that the sampler puts it in."""
        height, width = self.full.shape[1:3]
        return min(ASPECTS, key=lambda one: abs(one - width / height))


def load(listed: Path, *, window: int = 81) -> list[Item]:
    """Return every row of a training list. Raises AssertionError for what the trainer would draw
    another row for, or train wrongly on."""
    rows = json.loads(listed.read_text(encoding="ascii"))
    assert isinstance(rows, list)
    read: dict[str, Item] = {}
    found = []
    for row in rows:
        assert row["type"] == "video_mask_tuple"
        assert Path(row["file_path"]).is_absolute(), "no root is joined to a tuple's path"
        assert row["text"].strip() == row["text"] != ""
        if row["file_path"] not in read:
            read[row["file_path"]] = _item(Path(row["file_path"]), row["text"], window)
        assert read[row["file_path"]].text == row["text"]
        found.append(read[row["file_path"]])
    return found


def batches(items: list[Item], size: int) -> Counter[float]:
    """Return how many whole batches each aspect gives; what is left over is never trained on."""
    buckets = Counter(item.aspect for item in items)
    return Counter({aspect: count // size for aspect, count in buckets.items()})


def _item(folder: Path, text: str, window: int) -> Item:
    as_videos = (folder / VIDEOS[0]).exists()
    # The sampler looks for folders first, the loader for videos: both would read different things.
    assert not (as_videos and (folder / FOLDERS[0]).exists())
    full, removed, mask = (
        (_video(folder / name) for name in VIDEOS)
        if as_videos
        else (_pictures(folder / name) for name in FOLDERS)
    )
    assert len(full) == len(removed) == len(mask) >= 17
    assert full.shape == removed.shape == mask.shape
    used = min(window, len(full))
    frames = np.linspace(0, used - 1, used, dtype=int)
    return Item(
        folder,
        text,
        full[frames] / 127.5 - 1,
        removed[frames] / 127.5 - 1,
        (255 - _levels(mask[frames][..., :1])) / 255,
    )


def _levels(mask: np.ndarray) -> np.ndarray:
    """Quantise as the loader does: up to 63 removed, from 192 kept, background between."""
    return np.where(mask <= 63, 0, np.where(mask >= 192, 255, 128)).astype(np.uint8)


def _video(path: Path) -> np.ndarray:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while True:
        more, frame = capture.read()
        if not more:
            break
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    capture.release()
    assert frames, path
    return np.stack(frames)


def _pictures(folder: Path) -> np.ndarray:
    paths = sorted(folder.glob("*.png"))
    return np.stack([np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)) for path in paths])

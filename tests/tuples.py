"""Small real tuples on disk: a bright square that moves over a gradient, and what lies behind."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.bundles.manifest import TUPLE_LAYERS
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.writer import GrayDeliveryWriter, RgbDeliveryWriter

SIZE = FrameSize(64, 48)
PICTURE_FOLDERS = {"rgb_full": "input", "mask": "trimask", "rgb_removed": "bg"}

Frames = dict[str, list[RgbFrame | GrayFrame]]


def tuple_frames(frames: int = 20, size: FrameSize = SIZE, *, seed: int = 0) -> Frames:
    """Return a valid tuple: rgb_full, rgb_removed (H, W, 3) and mask (H, W) in {0, 128, 255}."""
    ramp = np.linspace(40, 200, size.width, dtype=np.uint8)
    found: Frames = {layer: [] for layer in TUPLE_LAYERS}
    for number in range(frames):
        removed = np.repeat(np.tile(ramp, (size.height, 1))[..., None], 3, axis=2)
        removed[..., 1] = 60 + (number * 3 + seed) % 120
        full, mask = removed.copy(), np.full((size.height, size.width), 128, np.uint8)
        left = 4 + (number + seed) % (size.width - 20)
        full[10:26, left : left + 16] = (250, 240, 20)
        mask[10:26, left : left + 16] = 0
        mask[-8:, :8] = 255
        found["rgb_full"].append(full)
        found["mask"].append(mask)
        found["rgb_removed"].append(removed)
    return found


def write_videos(folder: Path, content: Frames, *, fps: Fraction = Fraction(16)) -> dict[str, Path]:
    """Write the layers that ``content`` has as the three videos of a tuple folder."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for layer, frames in content.items():
        path = folder / f"{layer}.mp4"
        size = FrameSize(frames[0].shape[1], frames[0].shape[0])
        writer = GrayDeliveryWriter if frames[0].ndim == 2 else RgbDeliveryWriter
        with writer(path, size, fps) as out:
            for frame in frames:
                out.write(frame)
        written[layer] = path
    return written


def write_pictures(folder: Path, content: Frames) -> dict[str, Path]:
    """Write the layers as the picture folders of the other variant."""
    written = {}
    for layer, frames in content.items():
        inside = folder / PICTURE_FOLDERS[layer]
        inside.mkdir(parents=True, exist_ok=True)
        for number, frame in enumerate(frames):
            rgb = frame if frame.ndim == 3 else np.repeat(frame[..., None], 3, axis=2)
            cv2.imwrite(str(inside / f"{number:05d}.png"), rgb[..., ::-1])
        written[layer] = inside
    return written

"""Masks of a session on disk, one small PNG per object and frame, while they are worked on.

They can all be made again from the interactions; a killed process loses at most one frame.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

Origin = Literal["hand", "engine"]

_TOGETHER: Final = 100
_NAME: Final = re.compile(r"(\d{6})\.(hand|engine)\.(\d{3})\.([0-9a-f]*)\.png")


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """What is known of a kept mask without reading it.

    ``sure``: 0..1. ``digest``: of the interactions of a mask by hand, "" for the engine's.
    """

    frame: int
    origin: Origin
    sure: float
    digest: str
    path: Path


class MaskFrames:
    """The folder of one session. Several processes may write; the newest of a frame counts.

    A hundred frames share a subfolder, so that looking one up does not read the whole clip's names.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kept(self, object_: int) -> dict[int, KeptFrame]:
        """Return what there is of an object, by frame."""
        try:
            parts = sorted((self._folder / str(object_)).iterdir())
        except FileNotFoundError:
            return {}
        found: dict[int, KeptFrame] = {}
        for part in parts:
            found.update(_kept_in(part))
        return found

    def one(self, object_: int, frame: int) -> KeptFrame | None:
        """Return what is known of one mask, None when there is none."""
        return _kept_in(self._part(object_, frame)).get(frame)

    def write(
        self, object_: int, frame: int, png: bytes, *, origin: Origin, sure: float, digest: str = ""
    ) -> None:
        """Keep a mask in the place of whatever was kept of the frame; complete or not at all."""
        folder = self._part(object_, frame)
        folder.mkdir(parents=True, exist_ok=True)
        share = round(100 * min(max(sure, 0), 1))
        path = folder / f"{frame:06d}.{origin}.{share:03d}.{digest}.png"
        part = folder / f"{frame:06d}.{os.getpid()}.part"
        part.write_bytes(png)
        part.replace(path)
        for other in folder.glob(f"{frame:06d}.*.png"):
            if other != path:
                other.unlink(missing_ok=True)

    def remove(self, object_: int, frame: int) -> None:
        """Forget a mask."""
        for path in self._part(object_, frame).glob(f"{frame:06d}.*.png"):
            path.unlink(missing_ok=True)

    def _part(self, object_: int, frame: int) -> Path:
        return self._folder / str(object_) / f"{frame // _TOGETHER:04d}"


def _kept_in(folder: Path) -> dict[int, KeptFrame]:
    found: dict[int, tuple[int, KeptFrame]] = {}
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return {}
    for entry in entries:
        match = _NAME.fullmatch(entry.name)
        if match is None:
            continue
        try:
            changed = entry.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # replaced by a newer one a moment ago
        frame, origin = int(match[1]), match[2]
        kept = KeptFrame(
            frame,
            "hand" if origin == "hand" else "engine",
            int(match[3]) / 100,
            match[4],
            Path(entry.path),
        )
        if frame not in found or found[frame][0] < changed:
            found[frame] = changed, kept
    return {frame: kept for frame, (_, kept) in found.items()}


def mask_png(mask: npt.NDArray[np.floating[Any]]) -> bytes:
    """Return a soft mask, (H, W) in 0..1, as 8-bit gray PNG."""
    gray = np.round(np.clip(mask, 0, 1) * 255).astype(np.uint8)
    done, data = cv2.imencode(".png", gray, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ValueError(f"a mask of {gray.shape} could not be encoded")
    return data.tobytes()


def png_mask(data: bytes) -> npt.NDArray[np.floating[Any]]:
    """Return the soft mask of a PNG made by `mask_png`."""
    gray = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        raise ValueError("these bytes are no mask")
    return np.asarray(gray, np.float32) / 255

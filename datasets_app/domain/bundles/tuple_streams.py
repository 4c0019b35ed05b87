"""Frames of a tuple's layer, whether it is a video or a folder of PNG files."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from matteweb.errors import BadInput

Frame: TypeAlias = RgbFrame | GrayFrame


def layer_frames(path: Path, *, gray: bool) -> Generator[Frame, None, None]:
    """Yield the frames of a layer: (H, W, 3) R, G, B, or (H, W) when ``gray``.

    ``path`` is a video, or a folder whose PNG files are taken in the order of their names, as the
    Casper trainer takes them. Raises BadInput with the file that cannot be read.
    """
    if path.is_dir():
        yield from _pictures(path, gray=gray)
    elif gray:
        yield from read_gray(path)
    else:
        yield from read_rgb(path)


def picture_files(folder: Path) -> list[Path]:
    """Return the PNG files of a folder in the order of their names."""
    return sorted(entry for entry in folder.iterdir() if entry.suffix.lower() == ".png")


def _pictures(folder: Path, *, gray: bool) -> Generator[Frame, None, None]:
    for path in picture_files(folder):
        where = f"{folder.name}/{path.name}"
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
        if picture is None:
            raise BadInput(f"{where} is not a picture that can be read")
        if picture.dtype != np.uint8:
            raise BadInput(f"{where} has 16 bits per channel", hint="save it with 8 bits")
        yield _one_channel(picture, where) if gray else _three_channels(picture, where)


def _three_channels(picture: GrayFrame, where: str) -> RgbFrame:
    if picture.ndim != 3 or picture.shape[2] != 3:
        channels = 1 if picture.ndim == 2 else picture.shape[2]
        # A fourth channel shifts all later ones in the trainer's stacked input, without an error.
        raise BadInput(f"{where} has {channels} channels, not 3", hint="save it as plain RGB")
    frame: RgbFrame = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    return frame


def _one_channel(picture: GrayFrame, where: str) -> GrayFrame:
    if picture.ndim == 2:
        return picture
    if picture.shape[2] != 3:
        raise BadInput(f"{where} has {picture.shape[2]} channels", hint="save it as gray or RGB")
    first: GrayFrame = np.ascontiguousarray(picture[:, :, 0])
    if (picture != first[:, :, None]).any():
        raise BadInput(f"{where} is coloured, not a mask", hint="save the values 0, 128, 255")
    return first

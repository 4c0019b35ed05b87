"""Layers of a tuple without loss: FFV1 in Matroska, or the PNG folders that the trainer reads.

Both start from the lossless master, or from the delivered stream where there is no other. An odd
right column or bottom row is left out, as in every delivered stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.bundles.retag import retag_fps
from datasets_app.domain.media.frames import FrameSize, delivery_size, frame_size
from datasets_app.domain.media.measured import LayerKind
from datasets_app.domain.media.reader import opened
from datasets_app.domain.media.stream_files import master_frames, master_writer
from datasets_app.domain.progress import ShouldStop, never_stop
from matteweb.errors import BadInput, Cancelled

_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 3)


def write_ffv1(
    source: Path,
    out: Path,
    fps: Fraction,
    *,
    kind: LayerKind,
    should_stop: ShouldStop = never_stop,
) -> int:
    """Write ``source`` as FFV1 (.mkv) at exactly ``fps`` and return its frames.

    A master of even size is copied packet by packet; anything else is decoded and written again.
    Raises BadInput, NoSpace, Cancelled.
    """
    with opened(source) as (_, stream):
        whole = (
            stream.codec_context.name == "ffv1" and FrameSize(stream.width, stream.height).is_even
        )
    if whole:
        return retag_fps(source, out, fps)
    frames = _even_frames(source, kind, should_stop)
    first = next(frames, None)
    if first is None:
        raise BadInput(f"{source.name} has no frames")
    with master_writer(kind)(out, frame_size(first), fps) as target:
        for frame in chain((first,), frames):
            target.write(frame)
    return target.frames


def write_pictures(
    source: Path, folder: Path, *, kind: LayerKind, should_stop: ShouldStop = never_stop
) -> int:
    """Write each frame of ``source`` as ``00000.png``, ``00001.png``, ... and return their number.

    Pictures are always 8-bit R, G, B: the trainer stacks channels without counting them, so a mask
    has its value three times. A measured layer keeps its 16-bit numbers. Raises BadInput, NoSpace,
    Cancelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for number, frame in enumerate(_even_frames(source, kind, should_stop)):
        path = folder / f"{number:05d}.png"
        picture = frame
        if frame.ndim == 3:
            picture = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
        elif kind == "gray":
            picture = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
        done, data = cv2.imencode(".png", picture, _PNG)
        if not done:
            raise BadInput(f"frame {number} of {source.name} cannot be written as PNG")
        path.write_bytes(data.tobytes())
        written += 1
    return written


def _even_frames(
    source: Path, kind: LayerKind, should_stop: ShouldStop
) -> Iterator[npt.NDArray[Any]]:
    size: FrameSize | None = None
    for frame in master_frames(source, kind):
        if should_stop():
            raise Cancelled("the export was stopped")
        size = size or delivery_size(frame_size(frame))
        yield np.ascontiguousarray(frame[: size.height, : size.width])

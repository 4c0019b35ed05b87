"""The frames that a plan names, decoded one at a time and held to what the plan says of them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from pathlib import Path

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.recipes.base import ClipRef, MaskRef
from datasets_app.domain.synthesis.window import FrameWindow
from matteweb.errors import BadInput


def clip_frames(
    clip: ClipRef, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[RgbFrame, None, None]:
    """Yield exactly ``window.length`` pictures of ``clip``. Raises BadInput when it has changed."""
    path = sources[clip.digest]
    with closing(read_rgb(path, start=window.start, stop=window.stop, step=window.step)) as frames:
        yield from _held(frames, clip, window)


def mask_frames(
    mask: MaskRef, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[GrayFrame, None, None]:
    """Yield exactly ``window.length`` pictures of ``mask``. Raises BadInput when it has changed."""
    path = sources[mask.digest]
    with closing(read_gray(path, start=window.start, stop=window.stop, step=window.step)) as frames:
        yield from _held(frames, mask, window)


def _held(
    frames: Iterable[RgbFrame], ref: ClipRef | MaskRef, window: FrameWindow
) -> Generator[RgbFrame, None, None]:
    given = 0
    for frame in frames:
        if frame.shape[:2] != (ref.height, ref.width):
            raise BadInput(
                f"{ref.name} has pictures of {frame.shape[1]}x{frame.shape[0]}, "
                f"planned with {ref.width}x{ref.height}",
                hint="the file changed since it was planned with: bring it in again",
            )
        given += 1
        yield frame
    if given != window.length:
        raise BadInput(
            f"{ref.name} gives {given} frames from frame {window.start}, planned {window.length}",
            hint="the file changed since it was planned with: bring it in again",
        )

"""The frames that a plan names, decoded one at a time and held to what the plan says of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import repeat
from pathlib import Path

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_gray_at, read_rgb
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.references import AssetRef, ClipRef, MaskRef
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


def asset_frames(
    asset: AssetRef, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[RgbFrame, None, None]:
    """Yield exactly ``window.length`` pictures of ``asset``; a still is decoded once and repeated.

    Raises BadInput when it has changed.
    """
    yield from _asset_pictures(read_rgb, asset, sources[asset.digest], window)


def asset_alphas(
    asset: AssetRef, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[GrayFrame, None, None]:
    """Yield the alpha of the same pictures, a hard mask as {0, 255}. Raises as `asset_frames`."""
    yield from _asset_pictures(read_gray, asset, sources[asset.alpha_digest], window)


def mask_looks(
    mask: MaskRef, sources: Mapping[str, Path], window: FrameWindow, numbers: Sequence[int]
) -> Generator[GrayFrame, None, None]:
    """Yield the pictures of ``mask`` that have these ascending numbers in ``window``.

    Raises BadInput when it has changed.
    """
    yield from _looks(mask, sources[mask.digest], window, numbers)


def alpha_looks(
    asset: AssetRef, sources: Mapping[str, Path], window: FrameWindow, numbers: Sequence[int]
) -> Generator[GrayFrame, None, None]:
    """Yield the alpha of ``asset`` at these ascending numbers. Raises as ``mask_looks``."""
    if asset.kind == "still":
        yield from asset_alphas(asset, sources, FrameWindow(0, 1, len(numbers)))
    else:
        yield from _looks(asset, sources[asset.alpha_digest], window, numbers)


def _looks(
    ref: MaskRef | AssetRef, path: Path, window: FrameWindow, numbers: Sequence[int]
) -> Generator[GrayFrame, None, None]:
    places = [window.start + number * window.step for number in numbers]
    with closing(read_gray_at(path, places)) as frames:
        yield from _held(frames, ref, FrameWindow(places[0], 1, len(places)))


def _asset_pictures(
    read: Callable[..., Generator[RgbFrame, None, None]],
    asset: AssetRef,
    path: Path,
    window: FrameWindow,
) -> Generator[RgbFrame, None, None]:
    still = asset.kind == "still"
    taken = FrameWindow(0, 1, 1) if still else window
    with closing(read(path, start=taken.start, stop=taken.stop, step=taken.step)) as frames:
        for frame in _held(frames, asset, taken):
            yield from repeat(frame, window.length if still else 1)


def _held(
    frames: Iterable[RgbFrame], ref: ClipRef | MaskRef | AssetRef, window: FrameWindow
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

"""Frames out of a file, one at a time, by number.

Frame number is the only clock: frame i is the i-th that a decoder shows, whatever its timestamp.
Memory does not grow with the length of the clip, and closing the generator closes the file.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from datasets_app.domain.media.colour import GrayConversion, MeasuredConversion, RgbConversion
from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.measured import MeasuredFrame
from datasets_app.domain.media.orientation import UPRIGHT, orientation_of
from datasets_app.domain.media.picture_file import (
    is_picture,
    read_picture_gray,
    read_picture_rgb,
)
from matteweb.errors import BadInput, NotFound

RgbStream: TypeAlias = Generator[RgbFrame, None, None]
GrayStream: TypeAlias = Generator[GrayFrame, None, None]
MeasuredStream: TypeAlias = Generator[MeasuredFrame, None, None]
T = TypeVar("T", RgbFrame, GrayFrame, MeasuredFrame)

# Codecs whose every packet shows exactly one frame, so that packets can be counted undecoded.
_ONE_FRAME_PER_PACKET: Final = frozenset(
    {"h264", "hevc", "ffv1", "prores", "mjpeg", "dnxhd", "png", "qtrle", "vp9", "av1", "libdav1d"}
)
# No codec of that list shows a frame later than 16 packets after a later one was stored.
_REORDER_MARGIN: Final = 32
_ENDLESS: Final = 1 << 62
# What may come in at all is decided where it comes in, see `clip_facts.Limits`.
_LARGEST_SIDE: Final = 16384
# Playlists and picture patterns name other files: only containers that hold their own pictures.
_SAFELY: Final = {
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,mxf,ogg,flv,asf,ivf,nut,h264,hevc,"
    "yuv4mpegpipe,dv",
    "protocol_whitelist": "file",
}


def read_rgb(
    path: Path, *, start: int = 0, stop: int | None = None, step: int = 1, threads: int = 1
) -> RgbStream:
    """Yield frames ``start``, ``start + step``, ... below ``stop`` as `RgbFrame`.

    Rotation, colour matrix and range are applied; a still is a clip of one frame. A range beyond
    the end yields what there is.
    ``threads`` is for a caller that has cores to spare: the CPU time stays the same.
    Raises NotFound without the file, BadInput when it cannot be read to the end of the range.
    """
    return _read(path, RgbConversion(), _still_rgb, _frame_range(start, stop, step), threads)


def read_gray(
    path: Path, *, start: int = 0, stop: int | None = None, step: int = 1, threads: int = 1
) -> GrayStream:
    """Yield the same frames as `GrayFrame`.

    Stored gray comes out exactly as stored; of YUV video it is the luma, stretched to 0..255 when
    the file has limited range. Raises as `read_rgb`.
    """
    return _read(path, GrayConversion(), _still_gray, _frame_range(start, stop, step), threads)


def read_gray_at(path: Path, numbers: Sequence[int]) -> GrayStream:
    """Yield the frames of these ascending numbers, each as `read_gray` gives it; a number beyond
    the end ends it. The file is opened and its packets are counted once. Raises as `read_rgb`.
    """
    if not path.is_file() or is_picture(path):
        for number in numbers:
            yield from read_gray(path, start=number, stop=number + 1)
        return
    jumps = _jumps(path, numbers)
    with opened(path) as (container, stream):
        for number, jump in zip(numbers, jumps, strict=True):
            frames = _decode_from(container, stream, jump) if jump is not None else None
            if frames is None:
                given = list(read_gray(path, start=number, stop=number + 1))
            else:
                one = range(number, number + 1)
                given = list(_convert(path, frames, number, one, GrayConversion()))
            if not given:
                return
            yield from given


def read_measured(
    path: Path, *, start: int = 0, stop: int | None = None, step: int = 1, threads: int = 1
) -> MeasuredStream:
    """Yield the same frames of a measured layer's master as `MeasuredFrame`, as stored.

    Raises as `read_rgb`, and BadInput for a file of any other kind.
    """
    wanted = _frame_range(start, stop, step)
    return _read(path, MeasuredConversion(), _no_still, wanted, threads)


@contextmanager
def opened(
    path: Path, threads: int = 1, name: str = ""
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the file and its first real video stream, and close both whatever happens.

    ``name`` is what messages call the file, by default its own name. Raises NotFound without the
    file, BadInput when it is no video.
    """
    name = name or path.name
    if not path.is_file():
        raise NotFound(f"there is no file {name}")
    try:
        # An absolute path cannot be taken for a protocol, nor its name for a pattern.
        container = av.open(
            str(path.absolute()), "r", options=dict(_SAFELY), metadata_errors="replace"
        )
    except (FFmpegError, ValueError) as error:
        raise BadInput(
            f"{name} is not a video that can be read: {reason(error)}",
            hint="check that the file is complete and plays elsewhere",
        ) from error
    with closing(container):
        yield container, _video_stream(container, name, threads)


def reason(error: Exception) -> str:
    """Return what the decoder said, without its numbers and paths."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


def _video_stream(container: InputContainer, name: str, threads: int) -> VideoStream:
    # Cover art is stored as a video stream of one picture.
    streams = [s for s in container.streams.video if not s.disposition & s.disposition.attached_pic]
    if not streams:
        if container.streams.audio:
            raise BadInput(f"{name} holds only sound", hint="choose a file with pictures in it")
        raise BadInput(
            f"{name} holds no video, or the part that describes it was cut off",
            hint="check that the file is complete and plays elsewhere",
        )
    stream = streams[0]
    if stream.codec_context is None:
        raise BadInput(
            f"{name} is stored with a codec that is not known here",
            hint="convert it to H.264, HEVC, ProRes or FFV1",
        )
    stream.codec_context.thread_count = threads
    stream.thread_type = "NONE" if threads == 1 else "AUTO"
    return stream


def _frame_range(start: int, stop: int | None, step: int) -> slice:
    if start < 0 or step < 1 or (stop is not None and stop < 0):
        raise ValueError(f"frames [{start}:{stop}:{step}] cannot be read: only forwards from 0 up")
    return slice(start, stop, step)


def _still_rgb(path: Path) -> RgbFrame:
    return read_picture_rgb(path, path.name, _LARGEST_SIDE)


def _still_gray(path: Path) -> GrayFrame:
    return read_picture_gray(path, path.name, _LARGEST_SIDE)


def _no_still(path: Path) -> MeasuredFrame:
    raise BadInput(f"{path.name} is a picture, not a measured layer")


def _read(
    path: Path,
    convert: Callable[[av.VideoFrame], T],
    still: Callable[[Path], T],
    wanted: slice,
    threads: int,
) -> Generator[T, None, None]:
    chosen = range(wanted.start, _ENDLESS if wanted.stop is None else wanted.stop, wanted.step)
    if not chosen:
        return
    if path.is_file() and is_picture(path):
        if chosen[0] == 0:
            yield still(path)
        return
    jump = _jumps(path, [wanted.start])[0] if wanted.start else None
    if jump is not None:
        with opened(path, threads) as (container, stream):
            frames = _decode_from(container, stream, jump)
            if frames is not None:
                yield from _convert(path, frames, wanted.start, chosen, convert)
                return
    with opened(path, threads) as (container, stream):
        yield from _convert(path, container.decode(stream), 0, chosen, convert)


def _convert(
    path: Path,
    frames: Iterator[av.VideoFrame],
    first: int,
    chosen: range,
    convert: Callable[[av.VideoFrame], T],
) -> Generator[T, None, None]:
    """Yield the ``chosen`` ones of ``frames``, which are numbered from ``first``."""
    size: tuple[int, int] | None = None
    orientation = UPRIGHT
    for number in range(first, chosen[-1] + 1):
        try:
            frame = next(frames, None)
        except FFmpegError as error:
            raise BadInput(
                f"{path.name} cannot be read beyond frame {number}: {reason(error)}",
                hint="the file is damaged or incomplete; bring it in again",
            ) from error
        if frame is None:
            return
        if number not in chosen:
            continue
        if size is None:
            size, orientation = (frame.width, frame.height), orientation_of(frame)
        elif size != (frame.width, frame.height):
            raise BadInput(
                f"{path.name} changes its size at frame {number}: {size[0]}x{size[1]} before, "
                f"{frame.width}x{frame.height} from there",
                hint="cut the clip there",
            )
        yield orientation.apply(convert(frame))


@dataclass(frozen=True, slots=True)
class _Jump:
    """Where decoding may start for a frame: both in units of the stream's time base."""

    decoded_at: int
    shown_at: int


def _decode_from(
    container: InputContainer, stream: VideoStream, jump: _Jump
) -> Iterator[av.VideoFrame] | None:
    """Return the frames from the one shown at ``jump.shown_at``; None when it does not turn up."""
    try:
        container.seek(jump.decoded_at, stream=stream, backward=True)
        frames = container.decode(stream)
        for frame in frames:
            if frame.pts == jump.shown_at:
                return chain((frame,), frames)
            if frame.pts is None or frame.pts > jump.shown_at:
                return None
    except FFmpegError:
        # Decoding from the beginning tells whether the file or only the jump was at fault.
        return None
    return None


def _jumps(path: Path, starts: Sequence[int]) -> list[_Jump | None]:
    """Return where to start for each of the frames ``starts``, from the packets alone.

    None when counting packets could disagree with counting frames, and when there is nothing to
    gain: then the clip is decoded from its beginning, which is always right.
    """
    times: list[int] = []
    keys: list[_Jump] = []
    with opened(path) as (container, stream):
        if stream.codec_context.name not in _ONE_FRAME_PER_PACKET:
            return [None] * len(starts)
        packets = (p for p in container.demux(stream) if p.size and not p.is_discard)
        for packet in islice(packets, max(starts, default=0) + _REORDER_MARGIN + 1):
            if packet.pts is None or packet.dts is None:
                return [None] * len(starts)
            times.append(packet.pts)
            if packet.is_keyframe:
                keys.append(_Jump(packet.dts, packet.pts))
    if len(set(times)) != len(times):
        return [None] * len(starts)
    # Frames shown before the first keyframe cannot be decoded, so decoders do not count them.
    if not keys or not keys[0].shown_at == times[0] == min(times):
        return [None] * len(starts)
    ordered = sorted(times)
    return [_jump(keys, ordered, start) for start in starts]


def _jump(keys: Sequence[_Jump], times: Sequence[int], start: int) -> _Jump | None:
    if len(times) <= start:
        return None
    shown_at = times[start]
    nearest = max((key for key in keys if key.shown_at <= shown_at), key=lambda key: key.shown_at)
    return None if nearest is keys[0] else _Jump(nearest.decoded_at, shown_at)

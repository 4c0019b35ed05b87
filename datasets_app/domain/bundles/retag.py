"""Another frame rate for the same packets: nothing is decoded, dropped, repeated or blended."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError, InvalidDataError
from av.packet import Packet
from av.video.stream import VideoStream

from datasets_app.domain.media.reader import opened, reason
from matteweb.errors import BadInput

_CONTAINER_OPTIONS: Final = {
    ".mp4": {"fflags": "+bitexact", "movflags": "+faststart"},
    ".mkv": {"fflags": "+bitexact"},
}


def retag_fps(path: Path, out: Path, fps: Fraction) -> int:
    """Write the video of ``path`` to ``out`` (.mp4 or .mkv) at exactly ``fps``; return its frames.

    Packets are copied byte for byte, except that H.264 also states the rate in its header, which
    is corrected there. Frame i is shown at i / fps, whatever the source's times were. Raises
    BadInput when the source cannot be read or has packets without times; leaves nothing then.
    """
    if fps <= 0 or out.suffix not in _CONTAINER_OPTIONS:
        raise ValueError(f"cannot write {out.name} at {fps} frames per second")
    try:
        return _copy(path, out, fps)
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _copy(path: Path, out: Path, fps: Fraction) -> int:
    shown = _shown_order(path)
    # A packet is decoded before it is shown; the largest lead is what the first frame waits for.
    delay = max(number - rank for number, rank in enumerate(shown))
    options = _CONTAINER_OPTIONS[out.suffix]
    with opened(path) as (source, stream), av.open(str(out), "w", options=options) as target:
        try:
            _mux(source, stream, target, shown, delay, fps)
        except InvalidDataError as error:
            raise BadInput(f"{path.name} cannot be copied: {reason(error)}") from error
    return len(shown)


def _mux(
    source: InputContainer,
    stream: VideoStream,
    target: OutputContainer,
    shown: list[int],
    delay: int,
    fps: Fraction,
) -> None:
    codec = stream.codec_context.name
    copy = target.add_mux_stream(codec, rate=fps, time_base=1 / fps)
    # The filter also hands the stream's parameters on, which a plain copy has no other way to.
    rate = BitStreamFilterContext(_rate_filter(codec, fps), stream, copy)
    for number, packet in enumerate(_packets(source, stream)):
        packet.time_base = 1 / fps
        packet.pts, packet.dts = shown[number], number - delay
        packet.duration = 1
        for ready in rate.filter(packet):
            ready.stream = copy
            ready.time_base = 1 / fps
            target.mux(ready)


def _rate_filter(codec: str, fps: Fraction) -> str:
    if codec != "h264":
        return "null"
    # H.264 counts fields: two ticks per frame.
    ticks = fps * 2
    return f"h264_metadata=tick_rate={ticks.numerator}/{ticks.denominator}"


def _shown_order(path: Path) -> list[int]:
    """Return for each packet, as stored, the number of the frame that it shows."""
    with opened(path) as (source, stream):
        try:
            times = [packet.pts for packet in _packets(source, stream)]
        except FFmpegError as error:
            raise BadInput(f"{path.name} cannot be read: {reason(error)}") from error
    known = [time for time in times if time is not None]
    if not times or len(set(known)) != len(times):
        raise BadInput(
            f"{path.name} has packets without distinct times, so its frames have no certain order",
            hint="bring it in as a video; the studio decodes it frame by frame",
        )
    rank = {time: number for number, time in enumerate(sorted(known))}
    return [rank[time] for time in known]


def _packets(source: InputContainer, stream: VideoStream) -> list[Packet[Any]]:
    return [packet for packet in source.demux(stream) if packet.size]

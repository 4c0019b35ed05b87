"""Where each frame of a delivery lies in its file, so that a browser needs no demuxer.

With it a page fetches one group of pictures by byte range and hands the packets to a
``VideoDecoder`` configured with ``codec`` and ``description``.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from av.error import FFmpegError
from av.packet import Packet
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from datasets_app.domain.media.reader import opened, reason
from matteweb.errors import BadInput, Unsupported


@dataclass(frozen=True, slots=True)
class Chunk:
    """One stored packet, in storage (= decoding) order: bytes ``[offset, offset + size)``."""

    offset: int
    size: int
    key: bool
    display_index: int


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """What a decoder and a clock must know. ``description`` is the avcC record, base64.

    ``codec`` is spelled from the stream itself, e.g. ``avc1.64001E`` or ``avc1.F4001E``.
    """

    codec: str
    description: str
    width: int
    height: int
    frames: int
    fps: Fraction
    full_range: bool
    chunks: tuple[Chunk, ...]

    def to_json_bytes(self) -> bytes:
        """Return compact JSON; a chunk is ``[offset, size, key (0 or 1), display index]``."""
        document = {
            "codec": self.codec,
            "description": self.description,
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            "fps": [self.fps.numerator, self.fps.denominator],
            "full_range": self.full_range,
            "chunks": [[c.offset, c.size, int(c.key), c.display_index] for c in self.chunks],
        }
        return json.dumps(document, separators=(",", ":")).encode()


def build_frame_index(path: Path) -> FrameIndex:
    """Read the packets of an H.264 file in MP4, without decoding.

    Raises Unsupported for another codec or container, BadInput when the file has no frame or its
    frames do not follow each other at one exact rate.
    """
    with opened(path) as (container, stream):
        avcc = stream.codec_context.extradata or b""
        # An avcC record begins with version 1; a raw stream has start codes instead.
        if stream.codec_context.name != "h264" or avcc[:1] != b"\x01" or len(avcc) < 7:
            raise Unsupported(
                f"{path.name} is no H.264 in MP4, so it has no frame index",
                hint="deliveries are written by the delivery writers",
            )
        try:
            packets = [_placed(packet, path) for packet in container.demux(stream) if packet.size]
        except FFmpegError as error:
            raise BadInput(f"{path.name} cannot be read: {reason(error)}") from error
        return FrameIndex(
            codec="avc1." + avcc[1:4].hex().upper(),
            description=base64.b64encode(avcc).decode("ascii"),
            width=stream.width,
            height=stream.height,
            frames=len(packets),
            fps=_exact_rate(packets, stream, path),
            full_range=_is_full_range(stream),
            chunks=_chunks(packets),
        )


class _Placed(NamedTuple):
    """What is kept of a packet: not its bytes, so that memory stays small."""

    offset: int
    size: int
    key: bool
    time: int
    duration: int


def _placed(packet: Packet[VideoStream], path: Path) -> _Placed:
    if packet.pos is None or packet.pts is None or packet.duration is None:
        raise BadInput(f"{path.name} has frames without a time or a place in the file")
    return _Placed(packet.pos, packet.size, packet.is_keyframe, packet.pts, packet.duration)


def _chunks(packets: list[_Placed]) -> tuple[Chunk, ...]:
    display = {time: number for number, time in enumerate(sorted(p.time for p in packets))}
    return tuple(Chunk(p.offset, p.size, p.key, display[p.time]) for p in packets)


def _exact_rate(packets: list[_Placed], stream: VideoStream, path: Path) -> Fraction:
    if not packets or stream.time_base is None:
        raise BadInput(f"{path.name} has no frames")
    duration = packets[0].duration
    times = sorted(packet.time for packet in packets)
    even = all(time == times[0] + number * duration for number, time in enumerate(times))
    if duration <= 0 or not even:
        raise BadInput(f"the frames of {path.name} do not follow each other at one rate")
    return 1 / (duration * stream.time_base)


def _is_full_range(stream: VideoStream) -> bool:
    # FFmpeg says full range by a pixel format of its own for some profiles, by the tag for others.
    full_format = (stream.pix_fmt or "").startswith("yuvj")
    return full_format or stream.color_range == ColorRange.JPEG

"""Reads what a file really is, by decoding all of it. Meant for a process that may be killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from datasets_app.domain.media.clip_facts import ClipFacts, Limits
from datasets_app.domain.media.colour import is_full_range, matrix_name
from datasets_app.domain.media.orientation import UPRIGHT, Orientation, orientation_of
from datasets_app.domain.media.picture_file import (
    is_picture,
    read_picture_header,
    read_picture_rgb,
)
from datasets_app.domain.media.reader import opened, reason
from datasets_app.domain.media.timing import Rate, measure_rate
from matteweb.errors import BadInput, Unsupported

# H.273 tables 2 and 3, the values that footage has; everything else is named by its number.
_PRIMARIES: Final = {1: "bt709", 2: "unspecified", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
_TRANSFERS: Final = {1: "bt709", 2: "unspecified", 6: "smpte170m", 13: "srgb", 14: "bt2020"}
_HDR: Final = {16: "PQ", 18: "HLG"}
_TEXT_SAMPLE: Final = 512


def examine(path: Path, name: str, limits: Limits, report: Callable[[int], None]) -> ClipFacts:
    """Decode every frame and return the facts. ``name`` is what messages call the file.

    Raises NotFound, BadInput for what is damaged, incomplete or no footage at all, Unsupported
    for what is beyond ``limits`` or would be shown in wrong colours.
    """
    if path.is_file():
        _refuse_empty_and_text(path, name)
        if is_picture(path):
            return _examine_still(path, name, limits)
    with opened(path, name=name) as (container, stream):
        _refuse_large(stream, name, limits)
        seen = _decode_all(container, stream, name, limits, report)
        _refuse_incomplete(container, stream, name, seen)
        return _facts(container, stream, name, seen, _sdr_frame(seen, name))


@dataclass(slots=True)
class _Seen:
    """What went by while decoding; ``first`` is kept for its tags."""

    packets: int = 0
    frames: int = 0
    damaged: int | None = None
    times: list[int] = field(default_factory=list)
    first: av.VideoFrame | None = None
    orientation: Orientation = UPRIGHT


def _refuse_empty_and_text(path: Path, name: str) -> None:
    with path.open("rb") as file:
        head = file.read(_TEXT_SAMPLE)
    if not head:
        raise BadInput(f"{name} is empty: it has 0 bytes", hint="copy the file again")
    # The sample may cut its last character in two.
    text = head.decode("utf-8", "ignore")
    printable = "".join(text.split()).isprintable() and len(text.encode()) > len(head) - 4
    if printable and not is_picture(path):
        raise BadInput(
            f"{name} is a text file, not a video",
            hint="its name does not make it one: choose the footage itself",
        )


def _examine_still(path: Path, name: str, limits: Limits) -> ClipFacts:
    header = read_picture_header(path, name, limits.max_side)
    height, width = read_picture_rgb(path, name, limits.max_side).shape[:2]
    return ClipFacts(
        kind="still",
        frames=1,
        width=width,
        height=height,
        fps=None,
        vfr=None,
        rotation=0,
        mirrored=False,
        full_range=True,
        matrix="rgb",
        matrix_assumed=False,
        primaries="unspecified",
        transfer="unspecified",
        codec=header.format.lower(),
        pix_fmt=header.mode,
        bit_depth=16 if header.mode.startswith("I") else 8,
        pixel_aspect=Fraction(1),
        interlaced=False,
        has_alpha=header.alpha,
        has_audio=False,
    )


def _refuse_large(stream: VideoStream, name: str, limits: Limits) -> None:
    size = (stream.width, stream.height)
    if min(size) < 1:
        # FFmpeg forgets a size that could never be allocated.
        raise Unsupported(
            f"{name} claims frames without a size, or larger than can be decoded",
            hint=f"frames of up to {limits.max_side} px per side are read",
        )
    if max(size) > limits.max_side:
        raise Unsupported(
            f"{name} is {size[0]}x{size[1]}, more than {limits.max_side} px per side",
            hint="scale it down, or raise MATTEWEB_MAX_FRAME_SIDE",
        )


def _decode_all(
    container: InputContainer,
    stream: VideoStream,
    name: str,
    limits: Limits,
    report: Callable[[int], None],
) -> _Seen:
    seen = _Seen()
    try:
        for packet in container.demux(stream):
            seen.packets += bool(packet.size)
            if packet.is_corrupt and seen.damaged is None:
                seen.damaged = seen.frames
            for frame in packet.decode():
                _see(frame, seen, name, limits)
            report(seen.frames)
    except FFmpegError as error:
        raise BadInput(
            f"{name} cannot be decoded beyond frame {seen.frames}: {reason(error)}",
            hint="the file is damaged or incomplete; bring it in again",
        ) from error
    return seen


def _see(frame: av.VideoFrame, seen: _Seen, name: str, limits: Limits) -> None:
    if seen.first is None:
        seen.first, seen.orientation = frame, orientation_of(frame)
    elif (frame.width, frame.height) != (seen.first.width, seen.first.height):
        raise BadInput(
            f"{name} changes its size at frame {seen.frames}: {seen.first.width}x"
            f"{seen.first.height} before, {frame.width}x{frame.height} from there",
            hint="cut the clip there",
        )
    if frame.is_corrupt and seen.damaged is None:
        seen.damaged = seen.frames
    if frame.pts is not None:
        seen.times.append(frame.pts)
    seen.frames += 1
    if seen.frames > limits.max_frames:
        raise Unsupported(
            f"{name} has more than {limits.max_frames} frames",
            hint="cut it into shorter clips, or raise MATTEWEB_MAX_FRAMES",
        )


def _refuse_incomplete(
    container: InputContainer, stream: VideoStream, name: str, seen: _Seen
) -> None:
    hint = "the file was cut off or damaged on its way; bring it in again"
    if 0 < seen.packets < stream.frames:
        raise BadInput(
            f"{name} is incomplete: it announces {stream.frames} frames and holds {seen.packets}",
            hint=hint,
        )
    if seen.damaged is not None:
        raise BadInput(f"{name} is damaged at frame {seen.damaged}", hint=hint)
    announced, shown = _announced_seconds(container, stream), _shown_seconds(stream, seen)
    if announced and shown and shown < announced * Fraction(95, 100) - Fraction(1, 5):
        raise BadInput(
            f"{name} is incomplete: it announces {float(announced):.2f} s and ends at "
            f"{float(shown):.2f} s",
            hint=hint,
        )


def _announced_seconds(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Return the length of the video by the header; unknown beside sound, which may be longer."""
    if len(container.streams) > 1 or container.duration is None:
        return None
    return Fraction(container.duration, av.time_base)


def _shown_seconds(stream: VideoStream, seen: _Seen) -> Fraction | None:
    if len(seen.times) < 2 or stream.time_base is None:
        return None
    span = (max(seen.times) - min(seen.times)) * stream.time_base
    return span * len(seen.times) / (len(seen.times) - 1)


def _sdr_frame(seen: _Seen, name: str) -> av.VideoFrame:
    if seen.first is None:
        raise BadInput(f"{name} holds no frames", hint="choose a file with pictures in it")
    if seen.first.color_trc in _HDR:
        raise Unsupported(
            f"{name} is HDR footage ({_HDR[seen.first.color_trc]})",
            hint="convert it to SDR, BT.709: without tone mapping its colours would be wrong",
        )
    return seen.first


def _rate(stream: VideoStream, name: str, seen: _Seen) -> Rate:
    declared = (stream.guessed_rate, stream.average_rate, stream.base_rate)
    if stream.time_base is not None and len(seen.times) == seen.frames:
        rate = measure_rate(sorted(seen.times), stream.time_base, declared)
    else:
        # Raw streams and old AVI files carry a rate but no times.
        rate = Rate(stream.guessed_rate, None) if stream.guessed_rate else None
    if rate is None:
        raise BadInput(
            f"{name} does not say how fast its frames follow each other",
            hint="store it in MP4 or MOV with a frame rate",
        )
    return rate


def _facts(
    container: InputContainer, stream: VideoStream, name: str, seen: _Seen, frame: av.VideoFrame
) -> ClipFacts:
    rate = _rate(stream, name, seen)
    rgb = frame.format.is_rgb
    matrix, assumed = matrix_name(frame.colorspace, frame.width, frame.height)
    turned = seen.orientation.transpose
    return ClipFacts(
        kind="clip",
        frames=seen.frames,
        width=frame.height if turned else frame.width,
        height=frame.width if turned else frame.height,
        fps=rate.fps,
        vfr=rate.vfr,
        rotation=seen.orientation.degrees,
        mirrored=seen.orientation.is_mirrored,
        full_range=is_full_range(frame),
        matrix="rgb" if rgb else matrix,
        matrix_assumed=assumed and not rgb,
        primaries=_PRIMARIES.get(frame.color_primaries, str(frame.color_primaries)),
        transfer=_TRANSFERS.get(frame.color_trc, str(frame.color_trc)),
        codec=stream.codec_context.name,
        pix_fmt=frame.format.name,
        bit_depth=frame.format.components[0].bits,
        pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
        interlaced=frame.interlaced_frame,
        has_alpha=any(component.is_alpha for component in frame.format.components),
        has_audio=bool(container.streams.audio),
    )

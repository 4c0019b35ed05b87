"""Frames into a file: lossless masters, and deliveries that browsers and trainers read.

Same frames, size and rate give the same bytes on one platform: one encoder thread, no dates, no
random identifiers. Every writer is a context manager; leaving it with an error removes the file.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Self, cast

import av
import numpy as np
import numpy.typing as npt
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    VideoReformatter,
)
from av.video.stream import VideoStream

from datasets_app.domain.media.colour import YuvConversion, plane_view
from datasets_app.domain.media.frames import (
    FrameSize,
    GrayFrame,
    RgbFrame,
    delivery_size,
)
from datasets_app.domain.media.measured import MeasuredFrame
from matteweb.errors import NoSpace

__all__ = [
    "GrayDeliveryWriter",
    "GrayMasterWriter",
    "MeasuredMasterWriter",
    "RgbDeliveryWriter",
    "RgbMasterWriter",
    "ThreeMeasuredMasterWriter",
    "delivery_size",
]

# Every frame a keyframe: any frame is one read away. Four slices: a reader may use four threads.
_FFV1: Final = {"level": "3", "g": "1", "coder": "rice", "slices": "4", "slicecrc": "1"}
# Frame types by position alone (key, then B B P), so that the streams of a sample have their
# keyframes at the same numbers and equal pictures are coded alike in any of them.
# Without mbtree: with it x264 reads memory that it did not write, at 854x480 for one, and the same
# frames give other bytes about one time in ten.
_H264: Final = {
    "g": "12",
    "bf": "2",
    "preset": "superfast",
    "x264-params": "mbtree=0:scenecut=0:b-adapt=0:weightp=0:aq-mode=0",
}
COLOUR_QUANTISER: Final = 14
"""The constant quantiser of colour deliveries; see `RgbDeliveryWriter`."""


class _Writer:
    """What the writers share: one video stream, frame i at time i / fps."""

    depth: ClassVar[type[np.uint8] | type[np.uint16]] = np.uint8
    container: ClassVar[str]
    codec: ClassVar[str]
    pixel_format: ClassVar[str]
    options: ClassVar[dict[str, str]]
    container_options: ClassVar[dict[str, str]] = {"fflags": "+bitexact"}

    def __init__(self, path: Path, size: FrameSize, fps: Fraction) -> None:
        """Prepare to write frames of ``size`` to ``path`` at exactly ``fps`` frames per second."""
        if fps <= 0:
            raise ValueError(f"{fps} frames per second cannot be written")
        self.path = path
        self.size = size
        self.fps = Fraction(fps)
        self.frames = 0
        self._coded = self._coded_size()
        self._container = av.open(
            str(path), "w", format=self.container, options=self.container_options
        )
        self._stream = self._add_stream()

    def _coded_size(self) -> FrameSize:
        return self.size

    def _tag(self, stream: VideoStream) -> None:
        """Say what the numbers mean, where the format has a place for it."""

    def _add_stream(self) -> VideoStream:
        added = self._container.add_stream(
            self.codec, rate=self.fps, options=dict(self.options), time_base=1 / self.fps
        )
        stream = cast(VideoStream, added)
        stream.width, stream.height = self._coded.width, self._coded.height
        stream.pix_fmt = self.pixel_format
        stream.codec_context.thread_count = 1
        stream.codec_context.flags |= Flags.bitexact
        self._tag(stream)
        return stream

    def _write(self, frame: av.VideoFrame) -> None:
        frame.pts = self.frames
        frame.duration = 1
        frame.time_base = 1 / self.fps
        self._mux(frame)
        self.frames += 1

    def _mux(self, frame: av.VideoFrame | None) -> None:
        with _full_disk_named(self.path):
            self._container.mux(self._stream.encode(frame))

    def _checked(self, frame: npt.NDArray[Any], channels: int = 1) -> npt.NDArray[Any]:
        """Return the part of ``frame`` that is coded. Raises ValueError for any other form."""
        shape = (self.size.height, self.size.width) + ((channels,) if channels > 1 else ())
        if frame.shape != shape or frame.dtype != self.depth:
            raise ValueError(
                f"frame {self.frames} of {self.path.name} is {frame.dtype} {frame.shape}, "
                f"not {self.depth.__name__} {shape}"
            )
        part = frame[: self._coded.height, : self._coded.width]
        # The encoder reads rows of packed pixels; rows themselves may lie apart.
        each = part.itemsize
        packed = part.strides[1:] == (channels * each, each)[-len(shape) + 1 :]
        return part if packed else np.ascontiguousarray(part)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        complete = False
        try:
            if kind is None:
                self._finish()
                complete = True
        finally:
            if not complete:
                # What went wrong is on its way up already; closing may only repeat it.
                with suppress(FFmpegError, OSError):
                    self._container.close()
                self.path.unlink(missing_ok=True)

    def _finish(self) -> None:
        if self.frames == 0:
            raise ValueError(f"no frame was written to {self.path.name}")
        self._mux(None)
        with _full_disk_named(self.path):
            self._container.close()


class RgbMasterWriter(_Writer):
    """Colour without loss: FFV1 of 8-bit R, G, B in Matroska. Reads back exactly."""

    container = "matroska"
    codec = "ffv1"
    pixel_format = "bgr0"
    options = _FFV1

    def __init__(self, path: Path, size: FrameSize, fps: Fraction) -> None:
        super().__init__(path, size, fps)
        self._reformatter = VideoReformatter()

    def write(self, frame: RgbFrame) -> None:
        """Append one frame, (H, W, 3) uint8. Raises NoSpace when the disk is full."""
        rgb = av.VideoFrame.from_numpy_buffer(self._checked(frame, channels=3), "rgb24")
        self._write(self._reformatter.reformat(rgb, format="bgr0", threads=1))


class GrayMasterWriter(_Writer):
    """Masks, trimasks, alphas and object numbers without loss: FFV1 gray in Matroska."""

    container = "matroska"
    codec = "ffv1"
    pixel_format = "gray"
    options = _FFV1

    def write(self, frame: GrayFrame) -> None:
        """Append one frame, (H, W) uint8. Raises NoSpace when the disk is full."""
        self._write(av.VideoFrame.from_numpy_buffer(self._checked(frame), "gray"))


class MeasuredMasterWriter(_Writer):
    """One channel of 16-bit numbers without loss: FFV1 gray in Matroska. Reads back exactly."""

    container = "matroska"
    codec = "ffv1"
    pixel_format = "gray16le"
    options = _FFV1
    depth = np.uint16

    def write(self, frame: MeasuredFrame) -> None:
        """Append one frame, (H, W) uint16. Raises NoSpace when the disk is full."""
        self._write(av.VideoFrame.from_ndarray(self._checked(frame), self.pixel_format))


class ThreeMeasuredMasterWriter(MeasuredMasterWriter):
    """Three channels of 16-bit numbers, the first one in the plane of red."""

    pixel_format = "gbrp16le"

    def write(self, frame: MeasuredFrame) -> None:
        """Append one frame, (H, W, 3) uint16. Raises NoSpace when the disk is full."""
        self._write(av.VideoFrame.from_ndarray(self._checked(frame, 3), self.pixel_format))


class _DeliveryWriter(_Writer):
    """H.264 in MP4, index first, a keyframe every 12 frames, 2 B-frames in a row."""

    container = "mp4"
    codec = "libx264"
    pixel_format = "yuv420p"
    container_options: ClassVar[dict[str, str]] = {
        "fflags": "+bitexact",
        "movflags": "+faststart",
    }
    colour_range: ClassVar[ColorRange]

    def _coded_size(self) -> FrameSize:
        return delivery_size(self.size)

    def _tag(self, stream: VideoStream) -> None:
        context = stream.codec_context
        context.color_range = self.colour_range
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709


class RgbDeliveryWriter(_DeliveryWriter):
    """Colour for people and trainers: High profile, 4:2:0, BT.709 limited range, quantiser 14.

    A trainer subtracts two deliveries, so what is equal must be coded alike. CRF decides quantiser
    and frame type by content, and a pasted object changes both for the whole picture. Measured on
    six pairs of real clips (with and without a pasted object, 640x384), absolute difference of R,
    G, B where alpha is 0: CRF 18 (veryfast) mean 0.15 to 1.7 of 255 and 99.9th percentile 10 to
    17; CRF 10 still 6 to 12. Constant quantiser 14 with frame types by position: mean 0.05 to
    0.32; 99.9th percentile 4 to 5 with soft edges, and 3 to 6 beyond 4 px of a hard edge. Next to
    a hard edge 4:2:0 itself, before any coding, moves chroma by 3 to 9 (with coding 4 to 12, luma
    up to 5). PSNR 42 to 48 dB at 15 to 46 KB per frame.
    """

    options: ClassVar[dict[str, str]] = {**_H264, "qp": str(COLOUR_QUANTISER)}
    colour_range = ColorRange.MPEG

    def __init__(self, path: Path, size: FrameSize, fps: Fraction) -> None:
        super().__init__(path, size, fps)
        self._to_yuv = YuvConversion()

    def write(self, frame: RgbFrame) -> None:
        """Append one frame, (H, W, 3) uint8; an odd last row or column is cut off."""
        self._write(self._to_yuv(self._checked(frame, channels=3)))


class GrayDeliveryWriter(_DeliveryWriter):
    """Masks and alphas bit-exact for browsers: lossless H.264, value in Y, full range.

    The chroma planes hold 128 throughout, so that every conversion to R, G, B is neutral.
    """

    options: ClassVar[dict[str, str]] = {**_H264, "qp": "0"}
    colour_range = ColorRange.JPEG

    def write(self, frame: GrayFrame) -> None:
        """Append one frame, (H, W) uint8; an odd last row or column is cut off."""
        gray = self._checked(frame)
        coded = av.VideoFrame(self._coded.width, self._coded.height, self.pixel_format)
        plane_view(coded, 0)[:] = gray
        plane_view(coded, 1).fill(128)
        plane_view(coded, 2).fill(128)
        coded.color_range = ColorRange.JPEG
        self._write(coded)


@contextmanager
def _full_disk_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (FFmpegError, OSError) as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoSpace(
                f"no space is left to write {path.name}", hint="free some disk space and retry"
            ) from error
        raise

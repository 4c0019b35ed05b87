"""From a decoded frame to plain arrays: colour matrix, range and depth.

The conversion to R, G, B asks for accurate rounding *and* full chroma interpolation: measured
against floating point, swscale's default is 1.0 to 1.4 of 255 too dark, accurate rounding alone
about 2, both together 0.02. Bit-exact mode costs nothing more and makes processors agree.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.plane import VideoPlane
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.measured import MeasuredFrame
from matteweb.errors import BadInput

# Values of AVColorSpace (H.273 matrix coefficients); 0 is RGB and 2 says "unspecified".
_MATRICES: Final = {
    1: ("bt709", Colorspace.ITU709),
    4: ("fcc", Colorspace.FCC),
    5: ("bt601", Colorspace.ITU601),
    6: ("bt601", Colorspace.ITU601),
    7: ("smpte240m", Colorspace.SMPTE240M),
    9: ("bt2020", Colorspace.BT2020),
    10: ("bt2020", Colorspace.BT2020),
}
_SWS_BY_NAME: Final = dict(_MATRICES.values())
_TO_RGB: Final = int(
    Interpolation.BILINEAR
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.BITEXACT
)
_TO_YUV: Final = int(
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.BITEXACT
)
_LUMA_FIRST: Final = ("yuv4", "yuvj4", "yuva4", "gray", "nv12", "nv21")


def matrix_name(colorspace: int, width: int, height: int) -> tuple[str, bool]:
    """Return the name of the YUV matrix and whether it had to be assumed.

    Untagged footage follows the convention of players: BT.709 from 1280 pixels of width or more
    than 576 lines, BT.601 below.
    """
    if colorspace in _MATRICES:
        return _MATRICES[colorspace][0], False
    return ("bt709" if width >= 1280 or height > 576 else "bt601"), True


def is_full_range(frame: av.VideoFrame) -> bool:
    """Whether 0..255 of the stored samples mean 0..255. Gray without a tag does, YUV does not."""
    if frame.color_range == ColorRange.UNSPECIFIED:
        return frame.format.name.startswith(("gray", "yuvj")) or frame.format.is_rgb
    return frame.color_range == ColorRange.JPEG


class RgbConversion:
    """Turns decoded frames into `RgbFrame`. One per stream: the scaler inside is set up once."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._gray = GrayConversion()

    def __call__(self, frame: av.VideoFrame) -> RgbFrame:
        """Return an array of its own: later frames and the decoder do not touch it."""
        if frame.format.name.startswith("gray"):
            return cast(RgbFrame, cv2.cvtColor(self._gray(frame), cv2.COLOR_GRAY2RGB))
        if frame.format.is_rgb:
            rgb = self._reformatter.reformat(
                frame, format="rgb24", interpolation=_TO_RGB, threads=1
            )
            array = cast(RgbFrame, rgb.to_ndarray())
            # A frame that was RGB already is a view of the decoder's own buffer.
            return array.copy() if rgb is frame else np.ascontiguousarray(array)
        name, _ = matrix_name(frame.colorspace, frame.width, frame.height)
        # The same values as packed rgb24 in a third of the time: only planes are vectorised.
        planar = self._reformatter.reformat(
            frame,
            format="gbrp",
            src_colorspace=_SWS_BY_NAME[name],
            src_color_range=ColorRange.JPEG if is_full_range(frame) else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_TO_RGB,
            threads=1,
        )
        green, blue, red = (plane_view(planar, number) for number in range(3))
        return cast(RgbFrame, cv2.merge((red, green, blue)))


class GrayConversion:
    """Turns decoded frames into `GrayFrame`: luma stretched to 0..255, stored gray untouched."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> GrayFrame:
        """Return an array of its own. Coloured pixels of RGB footage become BT.601 luma."""
        if frame.format.is_rgb:
            rgb = self._reformatter.reformat(
                frame, format="rgb24", interpolation=_TO_RGB, threads=1
            )
            return cast(GrayFrame, cv2.cvtColor(rgb.to_ndarray(), cv2.COLOR_RGB2GRAY))
        full = is_full_range(frame)
        if not frame.format.name.startswith(_LUMA_FIRST):
            frame = self._reformatter.reformat(
                frame, format="yuv444p", interpolation=_TO_RGB, threads=1
            )
        bits = frame.format.components[0].bits
        luma = _first_plane(frame, bits)
        if bits == 8 and full:
            return luma.astype(np.uint8, copy=True, order="C")
        table = _levels(bits, full)
        if bits == 8:
            return cast(GrayFrame, cv2.LUT(np.ascontiguousarray(luma, np.uint8), table))
        return cast(GrayFrame, table[luma])


class MeasuredConversion:
    """Takes 16-bit numbers out of decoded frames, none changed."""

    def __call__(self, frame: av.VideoFrame) -> MeasuredFrame:
        """Return an array of its own, (H, W) or (H, W, 3). Raises BadInput for other frames."""
        if frame.format.name not in {"gray16le", "gbrp16le"}:
            raise BadInput(
                f"a measured layer holds {frame.format.name} instead of 16-bit numbers",
                hint="restore the file from a backup",
            )
        planes = [_samples(plane, np.dtype("<u2")) for plane in frame.planes]
        if len(planes) == 1:
            return planes[0].astype(np.uint16, copy=True, order="C")
        green, blue, red = planes
        return np.stack([red, green, blue], axis=2).astype(np.uint16)


class YuvConversion:
    """Turns `RgbFrame` into 4:2:0 BT.709 frames of limited range, tagged so."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, rgb: RgbFrame) -> av.VideoFrame:
        """Return a frame with sides as ``rgb``, which must be even."""
        frame = self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(rgb, "rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_TO_YUV,
            threads=1,
        )
        frame.color_primaries = ColorPrimaries.BT709
        frame.color_trc = ColorTrc.BT709
        return frame


def plane_view(frame: av.VideoFrame, number: int) -> npt.NDArray[np.uint8]:
    """Return plane ``number`` of an 8-bit planar frame as a writable view (h, w) of its buffer."""
    return cast(npt.NDArray[np.uint8], _samples(frame.planes[number], np.dtype(np.uint8)))


def _samples(plane: VideoPlane, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.ndarray(
        (plane.height, plane.width),
        dtype,
        buffer=memoryview(plane),
        strides=(plane.line_size, dtype.itemsize),
    )


def _first_plane(frame: av.VideoFrame, bits: int) -> npt.NDArray[Any]:
    if bits == 8:
        return plane_view(frame, 0)
    big = frame.format.name.endswith("be")
    return _samples(frame.planes[0], np.dtype(">u2" if big else "<u2"))


@lru_cache(maxsize=16)
def _levels(bits: int, full: bool) -> npt.NDArray[np.uint8]:
    """Return the table from stored luma of ``bits`` to 0..255 (H.273 equations 23 and 24)."""
    stored = np.arange(1 << bits, dtype=np.float64)
    if full:
        values = stored * 255 / ((1 << bits) - 1)
    else:
        values = (stored / (1 << (bits - 8)) - 16) * 255 / 219
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)

"""One picture file into an array: PNG, JPEG, WebP, TIFF, BMP; upright, 8 bits.

The header is judged before any pixel is decoded, so that a picture that claims to be enormous
costs nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from matteweb.errors import BadInput, Unsupported

Channel = Literal["luma", "alpha", "number"]
"""What a gray frame is taken from: brightness, opacity, or the palette's own index."""

Source = Path | IO[bytes]

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
_ORIENTATION_TAG: Final = 0x0112
_LAID_ON_SIDE: Final = 5
_MAGIC: Final = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\x00",
    b"MM\x00*",
    b"BM",
)


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What a picture says of itself; ``size`` as displayed.

    ``palette``: its pixels are numbers into a palette that has colours; a palette of grays is
    only a way to store gray. ``alpha``: it has an opacity channel.
    """

    size: FrameSize
    format: str
    mode: str
    palette: bool
    alpha: bool
    turned: bool


def is_picture(path: Path) -> bool:
    """Whether the file begins like a picture of a known format; its name does not matter."""
    with path.open("rb") as file:
        head = file.read(12)
    return head.startswith(_MAGIC) or (head[:4] == b"RIFF" and head[8:] == b"WEBP")


def read_picture_header(source: Source, name: str, max_side: int) -> PictureHeader:
    """Read the header alone. ``name`` is for messages.

    Raises BadInput for a file that is no picture, Unsupported for one that is too large, moves,
    or has a kind of pixel that is not read here.
    """
    with _opened(source, name, max_side) as image:
        return _header(image)


def read_picture_rgb(source: Source, name: str, max_side: int) -> RgbFrame:
    """Decode as `RgbFrame`; gray is repeated, opacity is dropped. Raises as the header does."""
    with _opened(source, name, max_side) as image:
        if _is_deep_gray(image):
            return cast(RgbFrame, cv2.cvtColor(_deep_gray(image), cv2.COLOR_GRAY2RGB))
        ImageOps.exif_transpose(image, in_place=True)
        return np.array(image if image.mode == "RGB" else image.convert("RGB"), np.uint8)


def read_picture_gray(
    source: Source, name: str, max_side: int, channel: Channel = "luma"
) -> GrayFrame:
    """Decode one channel as `GrayFrame`: stored gray exactly, colours as BT.601 luma.

    Raises as the header does, and BadInput when the picture lacks the channel.
    """
    with _opened(source, name, max_side) as image:
        if channel == "number":
            if image.mode != "P":
                raise BadInput(f"{name} has no palette, so its pixels number no objects")
            return np.array(ImageOps.exif_transpose(image), np.uint8)
        if channel == "alpha":
            if not image.has_transparency_data:
                raise BadInput(f"{name} has no opacity channel")
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            return np.array(upright.getchannel("A"), np.uint8)
        if _is_deep_gray(image):
            return _deep_gray(image)
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("1", "L", "LA"):
            return np.array(upright.getchannel(0).convert("L"), np.uint8)
        rgb = np.array(upright.convert("RGB"), np.uint8)
        return cast(GrayFrame, cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


@contextmanager
def _opened(source: Source, name: str, max_side: int) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            # The side limit below is stricter than Pillow's warning about many pixels.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(source, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_large(name, max_side) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadInput(
            f"{name} is not a picture that can be read", hint="PNG, JPEG, WebP, TIFF and BMP are"
        ) from error
    with image:
        if max(image.size) > max_side:
            raise _too_large(name, max_side)
        if image.mode == "F" or getattr(image, "n_frames", 1) > 1:
            kind = "floating-point pixels" if image.mode == "F" else "several pictures in one file"
            raise Unsupported(f"{name} has {kind}", hint="save it as 8-bit or 16-bit PNG")
        try:
            yield image
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise BadInput(
                f"{name} is damaged or incomplete: {error}", hint="copy the file again"
            ) from error


def _too_large(name: str, max_side: int) -> Unsupported:
    return Unsupported(
        f"{name} claims to be larger than {max_side} px per side",
        hint="scale it down, or raise MATTEWEB_MAX_FRAME_SIDE",
    )


def _header(image: Image.Image) -> PictureHeader:
    # Asking a PNG without EXIF for it would decode the whole picture.
    has_exif = image.format != "PNG" or "exif" in image.info
    turn = image.getexif().get(_ORIENTATION_TAG, 1) if has_exif else 1
    width, height = image.size
    if turn >= _LAID_ON_SIDE:
        width, height = height, width
    return PictureHeader(
        size=FrameSize(width, height),
        format=image.format or "",
        mode=image.mode,
        palette=image.mode == "P" and not _is_gray_palette(image),
        alpha=image.has_transparency_data,
        turned=turn != 1,
    )


def _is_gray_palette(image: Image.Image) -> bool:
    colours = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _is_deep_gray(image: Image.Image) -> bool:
    return image.mode.startswith("I")


def _deep_gray(image: Image.Image) -> GrayFrame:
    """Bring 16-bit gray to 8 bits by rounding: 65535 becomes 255, 32896 becomes 128."""
    deep: npt.NDArray[Any] = np.asarray(ImageOps.exif_transpose(image)).astype(np.int64)
    if deep.min(initial=0) < 0 or deep.max(initial=0) > 65535:
        raise ValueError("its gray does not fit into 16 bits")
    return ((deep + 128) // 257).astype(np.uint8)

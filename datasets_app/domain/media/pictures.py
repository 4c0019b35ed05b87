"""The pictures that stand for a stream: a poster, and eight small frames in a row."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np
from PIL import Image

from datasets_app.domain.media.frames import AnyFrame, FrameSize, frame_size
from matteweb.errors import BadInput

POSTER_SIDE: Final = 640
"""Longest side of a poster in pixels."""

FILMSTRIP_FRAMES: Final = 8
SPRITE: Final = FrameSize(320, 192)
"""One picture of the filmstrip: 5:3, filled, its overhanging sides cut evenly."""

_QUALITY: Final = 82


def poster_number(frames: int) -> int:
    """Return the number of the frame that stands for a clip of ``frames``: the middle one."""
    return frames // 2


def filmstrip_numbers(frames: int) -> tuple[int, ...]:
    """Return the eight frame numbers of the strip: the middles of eight equal parts."""
    return tuple(
        (2 * part + 1) * frames // (2 * FILMSTRIP_FRAMES) for part in range(FILMSTRIP_FRAMES)
    )


def small_picture(frame: AnyFrame, longest: int) -> AnyFrame:
    """Return the whole frame, area-averaged so that its longer side is at most ``longest``."""
    size = frame_size(frame).fitted(longest)
    if size == frame_size(frame):
        return frame
    resized = cv2.resize(frame, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return cast(AnyFrame, resized)


def sprite_picture(frame: AnyFrame) -> AnyFrame:
    """Return the middle of the frame in the shape and size of one sprite."""
    size = frame_size(frame)
    width = max(1, min(size.width, round(size.height * SPRITE.width / SPRITE.height)))
    height = max(1, min(size.height, round(size.width * SPRITE.height / SPRITE.width)))
    left, top = (size.width - width) // 2, (size.height - height) // 2
    # INTER_AREA averages when shrinking; to enlarge it would only repeat pixels.
    how = cv2.INTER_AREA if width >= SPRITE.width else cv2.INTER_LINEAR
    middle = frame[top : top + height, left : left + width]
    return cast(AnyFrame, cv2.resize(middle, (SPRITE.width, SPRITE.height), interpolation=how))


def encode_webp(picture: AnyFrame) -> bytes:
    """Return the picture as WebP; same pixels, same bytes."""
    out = BytesIO()
    Image.fromarray(picture).save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()


def encode_exact_webp(picture: AnyFrame) -> bytes:
    """Return the picture as lossless WebP, for who reads its values back."""
    out = BytesIO()
    Image.fromarray(picture).save(out, "WEBP", lossless=True, quality=60, method=4)
    return out.getvalue()


class PictureCollector:
    """Picks poster and filmstrip out of frames that pass by once. Holds nine small pictures."""

    def __init__(self, frames: int) -> None:
        """``frames``: how many will pass; places the pictures."""
        if frames < 1:
            raise BadInput("a clip without frames has no poster", hint="check the file")
        self._poster_at = poster_number(frames)
        self._strip_at = filmstrip_numbers(frames)
        self._poster: AnyFrame | None = None
        self._sprites: dict[int, AnyFrame] = {}

    def see(self, number: int, frame: AnyFrame) -> None:
        """Look at frame ``number``; keeps a small copy when it was chosen."""
        if number == self._poster_at:
            self._poster = small_picture(frame, POSTER_SIDE).copy()
        if number in self._strip_at:
            self._sprites[number] = sprite_picture(frame)

    def poster(self) -> bytes:
        """Return the poster as WebP. Raises BadInput when its frame never came."""
        if self._poster is None:
            raise BadInput(f"frame {self._poster_at}, the poster, never came")
        return encode_webp(self._poster)

    def filmstrip(self) -> bytes:
        """Return eight sprites side by side as WebP. Raises BadInput when a frame never came."""
        missing = sorted(set(self._strip_at) - self._sprites.keys())
        if missing:
            raise BadInput(f"frames {missing} of the filmstrip never came")
        return encode_webp(np.hstack([self._sprites[number] for number in self._strip_at]))

    def save(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write ``<name>.poster.webp`` and ``<name>.filmstrip.webp``; return their paths."""
        poster, strip = folder / f"{name}.poster.webp", folder / f"{name}.filmstrip.webp"
        poster.write_bytes(self.poster())
        strip.write_bytes(self.filmstrip())
        return poster, strip

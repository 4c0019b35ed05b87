"""The forms in which a page and the API hand out a finished result."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from inference_app.domain.deliveries import (
    Begun,
    Delivery,
    ProRes4444,
    Vp9,
    bgra,
    sixteen_bit,
)
from inference_app.domain.predictors.base import UnitPlane
from matteweb.errors import NotFound

_UP_TO_16_BIT = 257
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same frames are the same bytes."""


@dataclass(frozen=True, slots=True)
class DeliveryForm:
    """One form. ``bytes_per_pixel`` is a generous guess, to ask for room beforehand."""

    slug: str
    label: str
    note: str
    ending: str
    media_type: str
    bytes_per_pixel: float

    def begun(self, path: Path, size: FrameSize, fps: Fraction) -> Delivery:
        """Open the file that is written."""
        if self.slug == "prores":
            return ProRes4444(path, size, fps)
        if self.slug == "vp9":
            return Vp9(path, size, fps)
        return PictureZip(path, deep=self.slug == "png16")


FORMS = {
    form.slug: form
    for form in (
        DeliveryForm(
            "png", "PNG, 8 bit", "a picture with alpha per frame", ".zip", "application/zip", 4
        ),
        DeliveryForm(
            "png16",
            "PNG, 16 bit",
            "alpha as finely as it was kept; colour is 8 bit in 16",
            ".zip",
            "application/zip",
            8,
        ),
        DeliveryForm(
            "prores", "ProRes 4444", "10 bit with alpha, for editing", ".mov", "video/quicktime", 4
        ),
        DeliveryForm("vp9", "VP9 with alpha", "8 bit, for browsers", ".webm", "video/webm", 1),
    )
}


def form_named(slug: str) -> DeliveryForm:
    """Return a form. Raises NotFound."""
    if slug not in FORMS:
        raise NotFound(f"there is no form {slug!r}", hint=f"known: {', '.join(FORMS)}")
    return FORMS[slug]


class PictureZip(Begun):
    """``00000.png`` and on in a ZIP; colour not multiplied with alpha; ``deep``: 16 bit."""

    def __init__(self, path: Path, *, deep: bool) -> None:
        super().__init__(path)
        self._deep = deep
        # PNG is compressed already.
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True)

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Append the picture of one frame."""
        picture: npt.NDArray[np.integer] = bgra(rgb, alpha)
        if self._deep:
            picture = picture.astype(np.uint16) * _UP_TO_16_BIT
            picture[..., 3] = sixteen_bit(alpha)
        _, data = cv2.imencode(".png", picture)
        member = zipfile.ZipInfo(f"{self.frames:05d}.png", _EARLIEST)
        self._archive.writestr(member, data.tobytes())
        self.frames += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()
        super().__exit__(kind, error, trace)

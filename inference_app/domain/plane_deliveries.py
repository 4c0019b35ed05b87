"""What a result that is no alpha leaves as: a depth, or how odd each place of a picture looks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from inference_app.domain.deliveries import (
    AlphaMaster,
    Delivery,
    KeptFolder,
    OnePicture,
    sixteen_bit,
)
from inference_app.domain.predictors.base import UnitPlane
from matteweb.errors import Unsupported


def plane_delivery_to(path: Path, size: FrameSize, fps: Fraction, layer: str) -> Delivery:
    """Return the delivery that the ending of ``path`` asks for.

    No ending: a folder of 16-bit pictures; ".png": one of them; ".mkv": lossless, 8 bit. Raises
    Unsupported for another ending, BadInput for a folder that holds something.
    """
    ending = path.suffix.lower()
    if ending == "":
        return PlaneFolder(path)
    if ending == ".png":
        return OnePicture(path, lambda rgb, plane: sixteen_bit(plane))
    if ending == ".mkv":
        return AlphaMaster(path, size, fps)
    raise Unsupported(
        f"a {layer} cannot be written as {ending}",
        hint="a folder or .png (16 bit), or .mkv (8 bit, lossless)",
    )


class PlaneFolder(KeptFolder):
    """``00000.png`` and on, 16 bit."""

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Write the plane of a frame."""
        cv2.imwrite(str(self.path / f"{self.frames:05d}.png"), sixteen_bit(alpha))
        self.frames += 1

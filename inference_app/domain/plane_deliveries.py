"""What a result that is no alpha leaves as: a depth, or how odd each place of a picture looks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import cv2

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from inference_app.domain.deliveries import AlphaMaster, Begun, Delivery, new_folder, sixteen_bit
from inference_app.domain.predictors.base import UnitPlane
from matteweb.errors import BadInput, Unsupported


def plane_delivery_to(path: Path, size: FrameSize, fps: Fraction, layer: str) -> Delivery:
    """Return the delivery that the ending of ``path`` asks for.

    No ending: a folder of 16-bit pictures; ".png": one of them; ".mkv": lossless, 8 bit. Raises
    Unsupported for another ending, BadInput for a folder that holds something.
    """
    ending = path.suffix.lower()
    if ending == "":
        return PlaneFolder(path)
    if ending == ".png":
        return OnePlane(path)
    if ending == ".mkv":
        return AlphaMaster(path, size, fps)
    raise Unsupported(
        f"a {layer} cannot be written as {ending}",
        hint="a folder or .png (16 bit), or .mkv (8 bit, lossless)",
    )


class PlaneFolder(Begun):
    """``00000.png`` and on, 16 bit. A run that stops keeps the pictures that are finished."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        new_folder(path)

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Write the plane of a frame."""
        cv2.imwrite(str(self.path / f"{self.frames:05d}.png"), sixteen_bit(alpha))
        self.frames += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep what is there."""


class OnePlane(Begun):
    """One picture of 16 bit."""

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Write it. Raises BadInput for a second frame."""
        if self.frames:
            raise BadInput("a clip does not fit into one picture", hint="give a folder instead")
        cv2.imwrite(str(self.path), sixteen_bit(alpha))
        self.frames += 1

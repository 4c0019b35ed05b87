"""What lies behind a subject: footage through a camera, a plain colour, or a gradient."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from itertools import repeat
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.synthesis.geometry.camera import Camera, CameraPath, gradient
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.references import AssetRef
from datasets_app.domain.synthesis.sources.source_frames import asset_frames

Rgb = tuple[int, int, int]


class Backdrop(BaseModel):
    """``source`` from its frame ``start`` on, every ``step``-th; without one, ``top`` to
    ``bottom`` (stored colours, 0..255)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: AssetRef | None
    start: int
    step: int
    camera: CameraPath
    top: Rgb
    bottom: Rgb

    @property
    def files(self) -> tuple[str, ...]:
        """The digests that it reads."""
        return () if self.source is None else (self.source.digest,)

    def frames(
        self, sources: Mapping[str, Path], size: FrameSize, frames: int, first: int = 0
    ) -> Generator[RgbFrame, None, None]:
        """Yield the pictures behind frames ``first``.. of a sample of ``frames`` frames.

        An array may come more than once: nobody writes into it.
        """
        if self.source is None:
            yield from repeat(gradient(size, self.top, self.bottom), frames - first)
            return
        camera = Camera(self.camera, FrameSize(self.source.width, self.source.height), size, frames)
        window = FrameWindow(self.start, self.step, frames).rest(first)
        with closing(asset_frames(self.source, sources, window)) as pictures:
            for number, picture in enumerate(pictures, start=first):
                yield camera.picture(picture, number)


def plain(top: Rgb, bottom: Rgb) -> Backdrop:
    """Return a backdrop without footage."""
    return Backdrop(source=None, start=0, step=1, camera=CameraPath(), top=top, bottom=bottom)


def drawn_colour(rng: np.random.Generator) -> Rgb:
    """Draw any stored colour."""
    red, green, blue = rng.integers(0, 256, 3)
    return int(red), int(green), int(blue)

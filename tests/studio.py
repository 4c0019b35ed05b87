"""Something painted before a lit screen, with the alpha that it has."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.domain.recipes.base import PoolClip
from datasets_app.domain.synthesis.chroma.screen import ScreenColour
from tests.scenes import SIZE, Scenes, texture

GREEN = ScreenColour(50, 160, 60)


def before_screen(
    colours: RgbFrame, alpha: GrayFrame, screen: ScreenColour = GREEN, falloff: float = 0.0
) -> RgbFrame:
    """Mix ``colours`` by ``alpha`` over the screen, which loses ``falloff`` of its light to the
    right and has the noise of a camera."""
    height, width = alpha.shape
    light = np.linspace(1, 1 - falloff, width)[None, :, None]
    noise = np.random.default_rng(5).normal(0, 1.5, (height, width, 1))
    lit = np.array([screen.red, screen.green, screen.blue]) * light + noise
    share = alpha[..., None].astype(np.float64) / 255
    return np.rint(np.clip(share * colours + (1 - share) * lit, 0, 255)).astype(np.uint8)


def studio_frame(
    size: FrameSize, number: int, screen: ScreenColour = GREEN, falloff: float = 0.0
) -> tuple[RgbFrame, GrayFrame]:
    """Return a frame and its alpha: a soft ellipse without any green of its own, which moves."""
    alpha = np.zeros((size.height, size.width), np.uint8)
    centre = (size.width * 2 // 5 + number, size.height // 2)
    cv2.ellipse(alpha, centre, (size.width // 6, size.height // 4), 20, 0, 360, 255, cv2.FILLED)
    alpha = cv2.GaussianBlur(alpha, (0, 0), size.width / 80)
    colours = texture(size, 7)
    colours[..., 1] = np.minimum(colours[..., 1], colours[..., 0])
    colours = np.maximum(colours, 40)
    return before_screen(colours, alpha, screen, falloff), alpha


def add_studio(scenes: Scenes, frames: int = 20) -> PoolClip:
    """Add a clip called "studio" before a green screen, without a mask, to ``scenes``."""
    path = scenes.folder / "studio-clip.mkv"
    with RgbMasterWriter(path, SIZE, Fraction(25)) as out:
        for number in range(frames):
            out.write(studio_frame(SIZE, number % 12)[0])
    scenes.sources["studio-clip"] = path
    clip = PoolClip(
        id=900,
        digest="studio-clip",
        group="studio",
        name="studio",
        frames=frames,
        width=SIZE.width,
        height=SIZE.height,
        fps=Fraction(25),
        masks=(),
        caption="something before a screen",
    )
    scenes.clips.append(clip)
    return clip

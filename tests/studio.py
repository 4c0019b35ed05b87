"""Something painted before a lit screen, with the alpha that it has."""

from __future__ import annotations

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.synthesis.screen import ScreenColour
from tests.scenes import texture

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

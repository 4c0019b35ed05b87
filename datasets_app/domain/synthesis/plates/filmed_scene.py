"""A subject where it was filmed, taken apart: alpha, pure colour, and the picture without it.

What the subject hides is continued from around it, so that a blur of the background takes nothing
of the subject with it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.synthesis.compositing.compositor import Compositor
from datasets_app.domain.synthesis.compositing.plate_fill import filled
from datasets_app.domain.synthesis.geometry.placement import Box, place
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.plates.scene_frames import ScenePart
from datasets_app.domain.synthesis.sources.references import AssetRef
from datasets_app.domain.synthesis.sources.source_frames import asset_alphas, asset_frames

# Pixels around the subject, at a width of 640, whose colour may still hold some of it.
_MARGIN = 4


def filmed_frames(
    subject: AssetRef, sources: Mapping[str, Path], window: FrameWindow, soft_edge: int
) -> Generator[ScenePart, None, None]:
    """Yield every frame of ``window`` in its parts."""
    size = FrameSize(subject.width, subject.height)
    edge = max(1, soft_edge) if subject.soft else soft_edge
    compositor = Compositor(
        place(size, size, scale=1, shift_x=0, shift_y=0), soft=subject.soft, soft_edge=edge
    )
    with ExitStack() as stack:
        pictures = stack.enter_context(closing(asset_frames(subject, sources, window)))
        alphas = stack.enter_context(closing(asset_alphas(subject, sources, window)))
        for picture, alpha in zip(pictures, alphas, strict=True):
            pasted = compositor.paste(picture, alpha, picture)
            plate = without_subject(picture, pasted.alpha)
            yield ScenePart(pasted.alpha, pasted.foreground, plate)


def without_subject(picture: RgbFrame, alpha: GrayFrame) -> RgbFrame:
    """Return ``picture`` with all that ``alpha`` touches continued from around it."""
    side = 2 * round(_MARGIN * picture.shape[1] / 640) + 3
    touched = cv2.dilate(cv2.inRange(alpha, 1, 255), np.ones((side, side), np.uint8))
    if not cv2.hasNonZero(touched):
        return picture
    size = FrameSize(picture.shape[1], picture.shape[0])
    left, top, width, height = cv2.boundingRect(touched)
    around = 4 * side
    part = Box(left, top, left + width, top + height).grown(around, size).slices
    known = (255 - touched[part]).astype(np.float32) / np.float32(255)
    plate = picture.copy()
    plate[part] = np.rint(filled(picture[part].astype(np.float32), known)).astype(np.uint8)
    return plate

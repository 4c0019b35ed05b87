"""Clips that the program paints itself, with an alpha that is known instead of estimated.

They make the demo project, and material for tests and measurements: same scene, size, length and
seed, same pixels.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np

from datasets_app.domain.media.demo_scenes import SCENES, Scene, make_stage
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from matteweb.errors import NotFound

DEMO_SIZE: Final = FrameSize(640, 384)
DEMO_FRAMES: Final = 64


@dataclass(frozen=True, slots=True)
class DemoFrame:
    """``rgb`` shows the figure over the backdrop, mixed by ``alpha``; ``backdrop`` lacks it.

    All uint8; rgb = alpha figure + (1 - alpha) backdrop, rounded once.
    """

    rgb: RgbFrame
    alpha: GrayFrame
    backdrop: RgbFrame


def demo_scenes() -> tuple[Scene, ...]:
    """Return what there is to paint. A caption describes the backdrop, as a removal leaves it."""
    return SCENES


def demo_clip(
    slug: str, *, size: FrameSize = DEMO_SIZE, frames: int = DEMO_FRAMES, seed: int = 1
) -> Generator[DemoFrame, None, None]:
    """Yield ``frames`` frames of the scene called ``slug``; its motion spans the whole clip.

    Raises NotFound for an unknown scene.
    """
    scene = _scene(slug)
    return _paint(scene, size, frames, seed)


def _scene(slug: str) -> Scene:
    for scene in SCENES:
        if scene.slug == slug:
            return scene
    known = ", ".join(scene.slug for scene in SCENES)
    raise NotFound(f"there is no demo scene {slug!r}", hint=f"known: {known}")


def _paint(
    scene: Scene, size: FrameSize, frames: int, seed: int
) -> Generator[DemoFrame, None, None]:
    stage = make_stage(size, seed)
    for number in range(frames):
        t = number / max(1, frames - 1)
        backdrop = np.clip(scene.backdrop(stage, t), 0, 1) * 255
        figure = scene.figure(stage, t)
        # The mixture uses the alpha as it is stored, so that it can be undone from the files.
        alpha = np.rint(figure.alpha * 255).astype(np.uint8)
        share = alpha[..., None].astype(np.float32) / 255
        mixed = np.clip(figure.colour, 0, 1) * 255 * share + np.rint(backdrop) * (1 - share)
        yield DemoFrame(
            rgb=np.rint(mixed).astype(np.uint8),
            alpha=alpha,
            backdrop=np.rint(backdrop).astype(np.uint8),
        )

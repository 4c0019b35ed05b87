"""What holds between the layers of every frame of a sample, and how far a frame is from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from datasets_app.domain.media.frames import AnyFrame
from datasets_app.domain.synthesis.compositing.mixing import Light, mix

Frame = Mapping[str, AnyFrame]


@dataclass(frozen=True, slots=True)
class Recomposition:
    """``sentence`` says what holds; ``deviation`` gives the largest distance of a frame's layers
    from it, in levels of 255. A sound sample stays within 1."""

    sentence: str
    deviation: Callable[[Frame], float]


def over(background: str, light: Light = "stored") -> Recomposition:
    """Return alpha * fgr + (1 - alpha) * ``background`` = rgb_full, mixed in that light."""

    def deviation(layers: Frame) -> float:
        clean = layers[background]
        if light == "linear":
            again = mix(layers["fgr"], clean, layers["alpha"], "linear").astype(np.float64)
        else:
            alpha = layers["alpha"].astype(np.float64)[..., None] / 255
            again = alpha * layers["fgr"] + (1 - alpha) * clean
        return float(np.abs(again - layers["rgb_full"]).max())

    where = "in linear light" if light == "linear" else "as stored"
    return Recomposition(f"alpha fgr + (1 - alpha) {background} = rgb_full, {where}", deviation)

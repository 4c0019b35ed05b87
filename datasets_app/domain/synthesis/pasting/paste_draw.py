"""Everything that chance decides about a paste, apart from how its mask is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.recipes.base import PoolClip, PoolMask
from datasets_app.domain.synthesis.geometry.placement import place
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.pasting.paste_pool import PastePool
from datasets_app.domain.synthesis.sources.mask_track import MaskFigures, MaskTrack

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class PasteDraw:
    """An object, a background of another scene, which frames of both, and where the object lies.

    ``preserved`` is a mask of the background whose object is to be marked as to be kept.
    """

    clip: PoolClip
    mask: PoolMask
    track: MaskTrack
    background: PoolClip
    window: FrameWindow
    scale: float
    shift_x: float
    shift_y: float
    preserved: PoolMask | None

    def figures(self) -> MaskFigures:
        """Measure the mask over the window, as it would lie in the background's frame."""
        placement = place(
            FrameSize(self.clip.width, self.clip.height),
            FrameSize(self.background.width, self.background.height),
            scale=self.scale,
            shift_x=self.shift_x,
            shift_y=self.shift_y,
        )
        return self.track.measure(self.window, placement)


def draw_paste(pool: PastePool, preservation: float, rng: np.random.Generator) -> PasteDraw:
    """Draw one try; the order of the draws is fixed, since stored seeds depend on it.

    The same frame numbers are taken of both clips. ``preservation``: probability, 0..1, that a
    mask of the background is preserved, if it has one.
    """
    clip, mask, track = pool.draw_object(rng)
    background = pool.draw_background(clip, rng)
    shape = pool.rule.shape(min(clip.frames, mask.frames, background.frames))
    window = shape.at(int(rng.integers(shape.starts)))
    limits = pool.limits
    return PasteDraw(
        clip=clip,
        mask=mask,
        track=track,
        background=background,
        window=window,
        scale=_uniform(limits.scale_min, limits.scale_max, rng),
        shift_x=_uniform(-limits.shift, limits.shift, rng),
        shift_y=_uniform(-limits.shift, limits.shift, rng),
        preserved=_draw_preserved(background, window, preservation, rng),
    )


def _uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """Round before it is used, so that the plan says exactly what was measured."""
    return round(float(rng.uniform(low, high)), _DIGITS)


def _draw_preserved(
    background: PoolClip, window: FrameWindow, preservation: float, rng: np.random.Generator
) -> PoolMask | None:
    masks = [mask for mask in background.masks if mask.frames >= window.stop]
    if not masks or rng.random() >= preservation:
        return None
    return masks[rng.integers(len(masks))]

"""Whether a mask can ever pass the limits of a paste, and which limits would let it in.

Everything here bounds what draws can reach, from above or from below, so that what is left out
could not have passed; what is admitted may still fail in a draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.recipes.base import LeftOut, PoolClip, PoolMask
from datasets_app.domain.synthesis.geometry.placement import Placement, place
from datasets_app.domain.synthesis.geometry.window import WindowRule, WindowShape
from datasets_app.domain.synthesis.sources.mask_track import MaskFigures, MaskTrack

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class PasteLimits:
    """What a pasted mask must fulfil as it lies in the frame, and how it may be moved there.

    ``mean_min``, ``max_max`` and ``stationary_min`` limit ``MaskFigures``; ``shift`` is the
    largest share of width and height, either way.
    """

    mean_min: float
    max_max: float
    stationary_min: float
    scale_min: float
    scale_max: float
    shift: float

    def complaint(self, figures: MaskFigures) -> str:
        """Return which limit ``figures`` break, or "" when they pass."""
        if figures.mean < self.mean_min:
            return "the object covers less than mask_mean_min"
        if figures.max > self.max_max:
            return "the object covers more than mask_max in some frame"
        if figures.stationary < self.stationary_min:
            return "the object rests on less than mask_stationary_min"
        return ""


@dataclass(frozen=True, slots=True)
class Best:
    """The best figures that a mask can reach over all backgrounds, windows and moves."""

    frames: int
    mean: float
    lowest_max: float
    stationary: float


def best_figures(
    clip: PoolClip,
    mask: PoolMask,
    track: MaskTrack,
    backgrounds: Iterable[PoolClip],
    limits: PasteLimits,
    rule: WindowRule,
) -> Best:
    """Bound what ``mask`` of ``clip`` can reach on any of ``backgrounds``."""
    source = FrameSize(clip.width, clip.height)
    own = min(clip.frames, mask.frames)
    pairs = {(min(own, back.frames), back.width, back.height) for back in backgrounds}
    shapes = {frames: rule.shape(frames) for frames, _, _ in pairs}
    sizes = {FrameSize(width, height) for _, width, height in pairs}
    area = max(_unmoved(source, size, limits.scale_max).area for size in sizes)
    return Best(
        frames=max(shape.length for shape in shapes.values()),
        mean=area * max(track.best_mean(shape) for shape in shapes.values()),
        lowest_max=min(
            _lowest_max(track, shape, source, size, limits)
            for shape in shapes.values()
            for size in sizes
        ),
        stationary=max(
            _best_stationary(track, shape, _unmoved(source, size, limits.scale_max))
            for shape in shapes.values()
            for size in sizes
        ),
    )


def left_out(
    name: str, mask: PoolMask, best: Best, limits: PasteLimits, min_frames: int
) -> LeftOut | None:
    """Return why the mask can never pass and what would admit it, or None when it may pass."""
    figures = {
        "min_frames": float(best.frames),
        "mask_mean_min": best.mean,
        "mask_max": best.lowest_max,
        "mask_stationary_min": best.stationary,
    }
    broken = {}
    if best.frames < min_frames:
        broken["min_frames"] = f"gives at most {best.frames} frames of {min_frames}"
    if best.mean < limits.mean_min:
        broken["mask_mean_min"] = _too_little("covers", best.mean, limits.mean_min)
    if best.lowest_max > limits.max_max:
        broken["mask_max"] = (
            f"covers at least {best.lowest_max:.1%} of some frame, allowed {limits.max_max:.1%}"
        )
    if best.stationary < limits.stationary_min:
        broken["mask_stationary_min"] = _too_little(
            "rests on", best.stationary, limits.stationary_min
        )
    if not broken:
        return None
    admits = {parameter: _admitting(parameter, figures[parameter]) for parameter in broken}
    first = next(iter(broken))
    return LeftOut(
        id=mask.id,
        name=name,
        figure=figures[first],
        reason="; ".join(broken.values()),
        threshold=admits[first],
        admits=admits,
    )


def _too_little(verb: str, figure: float, limit: float) -> str:
    return f"{verb} at most {figure:.1%} of the frame, asked {limit:.1%}"


def _admitting(parameter: str, figure: float) -> float:
    """Return the value of the limit that lets ``figure`` pass, rounded to its generous side."""
    towards = math.ceil if parameter == "mask_max" else math.floor
    return float(towards(figure * 10**_DIGITS) / 10**_DIGITS)


def _unmoved(source: FrameSize, frame: FrameSize, scale: float) -> Placement:
    return place(source, frame, scale=scale, shift_x=0, shift_y=0)


def _best_stationary(track: MaskTrack, shape: WindowShape, placement: Placement) -> float:
    """Exact for the one window of a short clip; else what is ever covered bounds it."""
    if shape.starts == 1:
        return track.measure(shape.at(0), placement).stationary
    return track.ever_covered * placement.area


def _lowest_max(
    track: MaskTrack,
    shape: WindowShape,
    source: FrameSize,
    frame: FrameSize,
    limits: PasteLimits,
) -> float:
    """The smallest scale pasted so far into a corner that most of it is cut off."""
    smallest = _unmoved(source, frame, limits.scale_min)
    uncut = track.lowest_peak(shape) * smallest.area
    if uncut <= limits.max_max:
        return uncut
    corners = [
        place(source, frame, scale=limits.scale_min, shift_x=x, shift_y=y)
        for x, y in product((-limits.shift, limits.shift), repeat=2)
    ]
    starts = range(0, shape.starts, max(1, shape.starts // 16))
    return min(track.measure(shape.at(start), corner).max for start in starts for corner in corners)

"""Where in a clip a shadow shows, from what `effect_maps` and `shadow_motion` saw of its frames.

Three kinds of evidence: it got dark at once and light again at once (`coming`); where the object
goes it gets dark, and light where it was (`going_along`); it is darker all around the outline that
a shadow would have (`shadow_outline`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.quality.effect_maps import MAPS, Floats
from datasets_app.domain.quality.shadow_motion import Trace
from datasets_app.domain.quality.shadow_outline import Outline, depth_of
from datasets_app.domain.quality.shadow_traces import fitting

Maps = Mapping[int, npt.NDArray[np.float16]]

# How many times the noise a shadow has to be that comes and goes; the least depth of its outline
# while it is there, and the least by which it is deeper than before and after.
_ONSETS: Final = ((7.0, 0.1, 0.1), (25.0, -1.0, 0.1), (60.0, -1.0, -1.0))
# The least depth of an outline that is there all through.
_DEEP: Final = 0.14
# Noise of the maps, in log luma, where their own spread says less.
_ONSET_NOISE: Final = 0.006
_SHORTEST: Final = 5
# The same of one that goes along as well, in so many of the frames of either.
_WEAK, _SAME = 6.0, 0.4
# Of a clip, the share in which nobody else goes along.
_MOST: Final = 0.6
# Frames after which next to nothing is left in what `shadow_motion` remembers.
_FADES: Final = 12


@dataclass(frozen=True, slots=True)
class Shadow:
    """What was found in frames ``first`` to ``last``: how dark, 0..1, and how many times the
    evidence that is needed."""

    first: int
    last: int
    depth: float
    excess: float


def find_shadow(
    onsets: Maps, outlines: dict[int, Outline], traces: Mapping[int, Trace], frames: int
) -> Shadow | None:
    """Return the shadow that comes and goes, whose frames are known best, else one that is there
    for most of the clip of so many ``frames``.

    Somebody else who passes behind goes along for a part of it, too: then it has to come and go in
    about the same frames, if only weakly.
    """
    come, along = coming(onsets), going_along(traces)
    sure = None if come is None else _corroborated(come, outlines)
    whole = _throughout(along, outlines, frames, len(traces))
    if sure is not None:
        stays = whole is not None and _stays(sure, outlines, traces, frames)
        return whole if stays else sure
    if whole is not None or come is None or along is None:
        return whole
    if come.excess < _WEAK or _shared(come, along) < _SAME:
        return None
    return Shadow(come.first, come.last, along.depth, along.excess)


def _throughout(
    along: Shadow | None, outlines: dict[int, Outline], frames: int, told: int
) -> Shadow | None:
    depth = depth_of(outlines, range(frames), even=True)
    if depth >= _DEEP:
        return Shadow(0, frames - 1, 1 - float(np.exp(-depth)), depth / _DEEP)
    return along if along is not None and along.last - along.first >= _MOST * told else None


def _stays(
    come: Shadow, outlines: dict[int, Outline], traces: Mapping[int, Trace], frames: int
) -> bool:
    """Return whether one is there without the frames of what comes and goes, too."""
    outside = set(range(frames)) - set(range(come.first, come.last + 1))
    if depth_of(outlines, outside, even=True) >= _DEEP:
        return True
    # What is remembered of a shadow fades for some frames after it went.
    hidden = range(come.first, come.last + 1 + _FADES)
    return going_along({at: one for at, one in traces.items() if at not in hidden}) is not None


def _shared(one: Shadow, other: Shadow) -> float:
    """Return how many frames two stretches have in common, 0..1 of those that either has."""
    common = min(one.last, other.last) - max(one.first, other.first) + 1
    return max(0, common) / (max(one.last, other.last) - min(one.first, other.first) + 1)


def coming(onsets: Maps) -> Shadow | None:
    """Find the offset at which it got dark at once, and light again at once later; its excess is
    in noises."""
    if len(onsets) < _SHORTEST + 2:
        return None
    numbers = sorted(onsets)
    in_place = [1.4826 * float(np.median(np.abs(onsets[number]))) for number in numbers]
    best: Shadow | None = None
    for row in range(MAPS[1]):  # a row of offsets at a time, so that little is copied at once
        maps = np.stack([onsets[number][:, row] for number in numbers]).astype(np.float32)
        found = _coming_in(maps, np.array(in_place, np.float32), numbers)
        if best is None or found.excess > best.excess:
            best = found
    return best


def _coming_in(maps: Floats, in_place: npt.NDArray[np.float32], numbers: list[int]) -> Shadow:
    """Return the strongest start and end at one offset, at least 5 frames apart.

    The excess of a frame is its map over the noise: 0.006 plus the larger of the MADs over time and
    over offsets, as standard deviations. A start counts by the smaller of its excess and the sum
    of its own and the frame's before, an end likewise with the frame after; both by the weaker.
    """
    in_time = 1.4826 * np.median(np.abs(maps), axis=0)
    excess = maps / (_ONSET_NOISE + np.maximum(in_time, in_place[:, None, None]))
    # What goes back at once is flicker, of the film or of the fill.
    darker, lighter = excess.copy(), -excess
    darker[1:] = np.minimum(excess[1:], excess[1:] + excess[:-1])
    lighter[:-1] = np.minimum(-excess[:-1], -excess[:-1] - excess[1:])
    begun = np.maximum.accumulate(darker, axis=0)[:-_SHORTEST]
    end, flattened, across = _peak(np.minimum(begun, lighter[_SHORTEST:]))
    course, end = darker[:, flattened, across], end + _SHORTEST
    # Of several that begin before this end, the last one is the one that ends here.
    strong = np.flatnonzero(
        course[: end - _SHORTEST + 1] >= begun[end - _SHORTEST, flattened, across] / 2
    )
    start = int(strong[-1]) if strong.size else 0
    level = float(min(course[start], lighter[end, flattened, across]))
    depth = 1 - float(np.exp(-maps[start, flattened, across]))
    return Shadow(numbers[start], numbers[end] - 1, depth, level)


def _corroborated(found: Shadow, outlines: dict[int, Outline]) -> Shadow | None:
    """Return a shadow whose onset is strong enough for how well it has the object's outline."""
    shown = range(found.first, found.last + 1)
    deep = depth_of(outlines, shown)
    deeper = depth_of(outlines, shown, set(outlines) - set(shown))
    for level, least, less in _ONSETS:
        if found.excess >= level and deep >= least and deeper >= less:
            return Shadow(found.first, found.last, found.depth, found.excess / level)
    return None


def going_along(traces: Mapping[int, Trace]) -> Shadow | None:
    """Find the frames in which the picture changes as a shadow of the object would change it."""
    numbers = sorted(traces)
    found = fitting([traces[number] for number in numbers])
    if found is None or found.last - found.first < _SHORTEST:
        return None
    # A trace tells of its own frame and of the one before.
    first, last = numbers[found.first] - 1, numbers[found.last]
    return Shadow(first, last, 1 - float(np.exp(-found.depth)), found.excess)


def _peak(numbers: Floats) -> list[int]:
    """Return where the largest number stands."""
    return [int(one) for one in np.unravel_index(int(np.argmax(numbers)), numbers.shape)]

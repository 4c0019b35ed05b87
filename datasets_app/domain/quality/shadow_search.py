"""Where in a clip a shadow shows, from what `shadow_outline` and `shadow_motion` saw.

Three kinds of evidence: it got dark at once and light again at once, all around the outline that a
shadow would have (`coming`); where the object goes it gets dark, and light where it was
(`going_along`); it is darker all around that outline (`shadow_outline`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from datasets_app.domain.quality.shadow_motion import Trace
from datasets_app.domain.quality.shadow_outline import SHADOWS, Change, Outline, depth_of
from datasets_app.domain.quality.shadow_traces import fitting
from datasets_app.domain.quality.shadow_views import Floats

Changes = Mapping[int, Change]

# Log luma by which it has to get darker and lighter again, beyond what happens outside of those
# frames in all but a fifth of them.
_CHANGED, _USUAL = 0.055, 0.8
# The same in a film without colour, where another thing that is darker looks like a shadow.
_CHANGED_GRAY: Final = 0.12
# The least depth of an outline that is there all through.
_DEEP: Final = 0.14
_SHORTEST: Final = 5
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
    changes: Changes,
    outlines: dict[int, Outline],
    traces: Mapping[int, Trace],
    frames: int,
    *,
    gray: bool,
) -> Shadow | None:
    """Return the shadow that comes and goes, whose frames are known best, else one that is there
    for most of the clip of so many ``frames``; ``gray``: of a film without colour."""
    come, along = coming(changes, frames, gray=gray), going_along(traces)
    whole = _throughout(along, outlines, frames, len(traces))
    if come is None or (whole is not None and _stays(come, outlines, traces, frames)):
        return whole
    return come


def _throughout(
    along: Shadow | None, outlines: dict[int, Outline], frames: int, told: int
) -> Shadow | None:
    depth = depth_of(outlines, range(frames))
    if depth >= _DEEP:
        return Shadow(0, frames - 1, 1 - float(np.exp(-depth)), depth / _DEEP)
    return along if along is not None and along.last - along.first >= _MOST * told else None


def _stays(
    come: Shadow, outlines: dict[int, Outline], traces: Mapping[int, Trace], frames: int
) -> bool:
    """Return whether one is there without the frames of what comes and goes, too."""
    outside = set(range(frames)) - set(range(come.first, come.last + 1))
    if depth_of(outlines, outside) >= _DEEP:
        return True
    # What is remembered of a shadow fades for some frames after it went.
    hidden = range(come.first, come.last + 1 + _FADES)
    return going_along({at: one for at, one in traces.items() if at not in hidden}) is not None


def coming(changes: Changes, frames: int, *, gray: bool) -> Shadow | None:
    """Find the shadow that got dark at once, and light again at once later; None without any.

    A start counts by how much darker it got around the outline, an end by how much lighter, both by
    the weaker; of that counts what is more than in four of five of the frames outside.
    """
    if len(changes) < _SHORTEST + 2:
        return None
    darker, lighter, depth = (np.zeros((frames, SHADOWS), np.float32) for _ in range(3))
    for number, one in changes.items():
        darker[number], lighter[number], depth[number] = one.darker, one.lighter, one.depth
    # What goes back at once is flicker, of the film or of the fill.
    back = darker[1:].copy()
    darker[1:] = np.maximum(darker[1:] - lighter[:-1], 0)
    lighter[:-1] = np.maximum(lighter[:-1] - back, 0)
    begun = np.maximum.accumulate(darker, axis=0)[:-_SHORTEST]
    both = np.minimum(begun, lighter[_SHORTEST:])
    at, which = (int(one) for one in np.unravel_index(int(np.argmax(both)), both.shape))
    first, last = _ends(darker[:, which], lighter[:, which], at + _SHORTEST, both[at, which] / 2)
    most = np.maximum(darker, lighter).max(axis=1)
    elsewhere = [most[number] for number in changes if not first <= number <= last + 1]
    usual = float(np.quantile(elsewhere, _USUAL)) if elsewhere else 0.0
    excess = (float(both[at, which]) - usual) / (_CHANGED_GRAY if gray else _CHANGED)
    dark = 1 - float(np.exp(-depth[first, which]))
    return Shadow(first, last, dark, excess) if excess >= 1 else None


def _ends(darker: Floats, lighter: Floats, end: int, level: float) -> tuple[int, int]:
    """Return the first and the last frame of a shadow that ends before ``end``: what moves may get
    dark or light more than once, but it does not get light before it is dark again."""
    begins, stops = np.flatnonzero(darker >= level), np.flatnonzero(lighter >= level)
    first = int(begins[begins <= end - _SHORTEST][-1])
    before = stops[stops < first]
    first = int(begins[begins > (before[-1] if before.size else -1)][0])
    again = begins[begins > end]
    after = stops[stops < (again[0] if again.size else len(lighter))]
    return first, int(after[-1]) - 1


def going_along(traces: Mapping[int, Trace]) -> Shadow | None:
    """Find the frames in which the picture changes as a shadow of the object would change it."""
    numbers = sorted(traces)
    found = fitting([traces[number] for number in numbers])
    if found is None or found.last - found.first < _SHORTEST:
        return None
    # A trace tells of its own frame and of the one before.
    first, last = numbers[found.first] - 1, numbers[found.last]
    return Shadow(first, last, 1 - float(np.exp(-found.depth)), found.excess)

"""Which frames of a track stand out, in words that a reviewer reads.

A track's own middle and spread, and how its highest values fall off, say what is usual in this
clip; a floor keeps calm clips from reporting trifles, a ceiling reports what is bad in any clip,
even all through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.metrics.base import Note, Symptom

# Median absolute deviation of a normal distribution per standard deviation.
_MAD: Final = 1.4826
# The highest share of a track whose values are taken to fall off exponentially, and in how many
# clips such a track may pass its level by chance.
_TAIL, _BY_CHANCE = 0.2, 0.001
# Fewer values than that do not tell how they fall off.
_FEWEST: Final = 8
# Frames this close belong to one note.
_JOINED: Final = 2

Track = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a frame stands out: above ``times`` the spread over the middle and above what the track
    reaches by chance, never below ``floor``, always above ``ceiling``; in the unit of the track.

    ``lasts``: what is looked for goes on for many frames, which say nothing about chance.
    """

    floor: float
    ceiling: float = float("inf")
    times: float = 6.0
    lasts: bool = False

    def level(self, track: Track) -> float:
        """Return the level in force for this track."""
        known = _known(track)
        if not known.size:
            return self.floor
        middle = float(np.median(known))
        spread = _MAD * float(np.median(np.abs(known - middle)))
        level = max(self.floor, middle + self.times * spread)
        if not self.lasts:
            level = max(level, _reached_by_chance(known))
        return min(self.ceiling, level)


def _reached_by_chance(known: npt.NDArray[np.float64]) -> float:
    """Return what the highest of so many frames passes in one clip of 1000, if the highest fifth
    goes on to fall off as it does: exponentially, its rate from the median, which a few frames with
    a fault do not move. A clip that goes in jerks has many such frames, and a high level."""
    start = float(np.quantile(known, 1 - _TAIL))
    beyond = known[known > start] - start
    if beyond.size < _FEWEST:
        return start
    rate = float(np.median(beyond)) / np.log(2)
    return float(start + rate * np.log(beyond.size / _BY_CHANCE))


def outbursts(
    track: Track,
    level: float,
    symptom: Symptom,
    *,
    ends: float | None = None,
    lasts: int = 1,
) -> tuple[Note, ...]:
    """Return a note for each run of frames above ``level``; runs with one frame between join.

    ``ends``: a lower level down to which a run goes on, as that of ``level`` when it is None.
    ``lasts``: of a run of fewer frames, one has to reach twice the ``level``.
    """
    least = level if ends is None else ends
    above = [n for n, value in enumerate(track) if value is not None and value > least]
    notes = []
    for first, last in _runs(above):
        peak = max(value for value in track[first : last + 1] if value is not None)
        if peak > (level if last - first + 1 >= lasts else 2 * level):
            notes.append(Note(first, last, symptom, strength(peak, level)))
    return tuple(notes)


def in_layers(
    notes: Iterable[Note], tracks: Mapping[tuple[str, ...], Track], level: float
) -> tuple[Note, ...]:
    """Return the notes, each with those layers alone whose own track passes ``level`` in its
    frames; ``tracks`` are by the layers that they speak of."""
    told = []
    for note in notes:
        layers = dict.fromkeys(
            layer
            for names, track in tracks.items()
            for layer in names
            if any((value or 0) > level for value in track[note.first : note.last + 1])
        )
        told.append(replace(note, symptom=replace(note.symptom, layers=tuple(layers))))
    return tuple(told)


def strength(value: float, level: float) -> float:
    """Return 0..1 for how far ``value`` lies above ``level``; 0.5 at the level, 0.75 at thrice."""
    return value / (value + level) if level > 0 else 1.0


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number - runs[-1][1] <= _JOINED:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _known(track: Track) -> npt.NDArray[np.float64]:
    return np.array([value for value in track if value is not None], np.float64)

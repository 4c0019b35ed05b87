"""Whether the metrics point at a planted fault, and at nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics import METRICS
from datasets_app.domain.metrics.base import Note
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.quality.measure import measure
from datasets_app.domain.recipes.base import Layers
from tests.fault_samples import faulty

FRAMES = 48
KINDS = ("effect_left", "frame_shift", "flicker", "frozen", "spill")
"""The faults that the metrics are held to."""

# The metrics that are to point at each of them; what else does is no merit.
_ALIGNED = {"timing", "frozen", "pulse", "boil", "recomposition", "edge_disagreement"}
_NAMED_BY = {
    "effect_left": {"effect_left"},
    "frame_shift": _ALIGNED,
    "flicker": {"pulse", "fill_flicker", "boil", "recomposition"},
    "frozen": _ALIGNED,
    "spill": {"spill"},
}
# It asks for every small picture, so that the others see them as they do together.
_ALWAYS = "unexplained"

# What sums up a whole clip says nothing about the place of one fault.
_SUMMARIES = {"periodic"}
# Of the frames of a fault, those that have to be pointed at: pulses one by one, a stretch by half.
_POINTED_AT = {"flicker": 0.8}
_HALF = 0.5

Found = list[tuple[str, Note]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One planted fault. ``whole``: it lasts all through the clip. ``found``: enough of its frames
    were pointed at, one frame more or less. ``elsewhere``: frames further off that were pointed at
    although the clean sample has nothing there."""

    kind: str
    layers: tuple[str, ...]
    frames: tuple[int, ...]
    amount: float
    whole: bool
    found: bool
    elsewhere: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SampleTrials:
    """What was found in one clean sample, and of each fault planted into it."""

    seed: int
    imported: bool
    alarms: tuple[str, ...]
    trials: tuple[Trial, ...]


def findings(sample: list[Layers], kind: str | None = None) -> Found:
    """Return what the metrics find in a sample: all, or those that are meant for one ``kind``."""
    height, width = sample[0]["mask"].shape
    meant = {_ALWAYS, *_NAMED_BY[kind]} if kind else {one.info.slug for one in METRICS}
    measured = measure(
        [metric for metric in METRICS if metric.info.slug in meant],
        iter(sample),
        layers=tuple(sample[0]),
        size=FrameSize(width, height),
        fps=Fraction(16),
        progress=ignore_progress,
        should_stop=never_stop,
    )
    return [(one.metric.info.slug, note) for one in measured for note in one.result.notes]


def try_sample(
    make: Callable[..., list[Layers]], seed: int, kinds: tuple[str, ...] = KINDS
) -> SampleTrials:
    """Make the sample of ``seed``, look at it clean, then with each kind of fault."""
    sample = make(seed, frames=FRAMES)
    clean = findings(sample)
    trials = []
    for kind in kinds:
        number = KINDS.index(kind)
        changed, fault, frames = faulty(sample, kind, np.random.default_rng([seed, 13, number]))
        pointed = _pointed_at(findings(changed, kind))
        near = {frame + step for frame in frames for step in (-1, 0, 1)}
        hit = [frame for frame in frames if pointed & {frame - 1, frame, frame + 1}]
        trials.append(
            Trial(
                kind=kind,
                layers=fault.layers,
                frames=tuple(frames),
                amount=fault.amount,
                whole=len(fault.frames) == len(sample),
                found=len(hit) >= _POINTED_AT.get(kind, _HALF) * len(frames),
                elsewhere=tuple(sorted(pointed - near - _pointed_at(clean))),
            )
        )
    alarms = tuple(f"{slug} {note.first}-{note.last}" for slug, note in clean)
    return SampleTrials(seed, "alpha" not in sample[0], alarms, tuple(trials))


def _pointed_at(found: Found) -> set[int]:
    return {
        frame
        for slug, note in found
        if slug not in _SUMMARIES
        for frame in range(note.first, note.last + 1)
    }

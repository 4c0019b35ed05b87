"""What a measurement of a clip offers and what it is given: frames in, one number per frame out.

A metric is fed frame by frame and keeps no more than a few frames, so memory does not grow with
the length of a clip beyond the numbers themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol, TypeAlias

import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.plugins import PluginInfo

LayerFrames: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""One frame of every layer that there is, by name; at least those that the metric needs.

``rgb_full``, ``rgb_removed``, ``fgr``: `RgbFrame`. ``alpha``, ``alpha_truth``: `GrayFrame`, white
is the object. ``mask``: the trimask of a sample, 0 is the object. ``object``: what the clip calls
its object, (H, W) uint8, white: its alpha, else what its mask removes. ``flow``: see
`datasets_app.domain.quality.derived`. A reference layer is called ``<layer>_truth``.
"""

Better: TypeAlias = Literal["low", "high", "none"]
"""Which values are good; "none" for a figure that only describes."""


Place: TypeAlias = Literal["object", "around", "frame"]
"""Where a fault is to be looked for: at the object, at it and as far again around it, anywhere."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a metric can find, said to a reviewer.

    ``words`` is one sentence without the frames, e.g. "the outline flickers"; ``layers`` are those
    that may have it, of which a clip has some; ``advice`` says what to do in one sentence.
    """

    words: str
    layers: tuple[str, ...]
    advice: str
    place: Place = "object"


@dataclass(frozen=True, slots=True)
class Note:
    """A fault found in frames ``first`` to ``last``, both included; ``strength`` is 0..1, where 0.5
    is just worth a look."""

    first: int
    last: int
    symptom: Symptom
    strength: float

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last:
            raise ValueError(f"frames {self.first} to {self.last} are no range")
        if not 0 <= self.strength <= 1:
            raise ValueError(f"a strength of {self.strength} is not within 0..1")


@dataclass(frozen=True, slots=True)
class MetricResult:
    """The numbers of one clip: one per frame, None where the metric says nothing.

    ``total``: the figure of the whole clip, by default of the metric its mean. ``alert``: the
    level above which a frame of this clip deserves a look, None when there is no such level.
    ``scale``: the value that a strip draws hottest, the same for every clip, so that clips compare;
    None lets each clip have its own.
    """

    frames: tuple[float | None, ...]
    total: float | None
    notes: tuple[Note, ...] = ()
    alert: float | None = None
    scale: float | None = None


class Meter(Protocol):
    """One measurement under way."""

    def add(self, frame: LayerFrames) -> float | None:
        """Take the next frame; return its number if it is known already.

        A metric that looks ahead returns None and has the number in ``finish``. Raises ValueError
        when a layer has another size than the clip.
        """
        ...

    def finish(self) -> MetricResult:
        """Return the numbers of all frames; called once, after the last frame."""
        ...


class Metric(Protocol):
    """A kind of measurement; implementations are stateless, ``start`` begins a measurement.

    ``info.version`` rises when the same frames give other numbers: what is stored is then measured
    anew. ``needs``: the layers that it cannot do without. ``unit``: as shown after the number, ""
    for a bare one.
    """

    @property
    def info(self) -> PluginInfo: ...

    @property
    def needs(self) -> tuple[str, ...]: ...

    @property
    def unit(self) -> str: ...

    @property
    def better(self) -> Better: ...

    def unavailable(self) -> str:
        """Return why it cannot run here, or "" when it can."""
        ...

    def start(self, size: FrameSize, fps: Fraction) -> Meter:
        """Begin with a clip of ``size``; every layer has that size."""
        ...


class AlwaysAvailable:
    """A metric that needs nothing that is not always installed."""

    def unavailable(self) -> str:
        """Return ""."""
        return ""


def mean_of(values: list[float | None]) -> float | None:
    """Return the mean of what is known, None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None

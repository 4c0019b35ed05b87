"""Which frames a new reference concerns, and carrying masks through them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Final, TypeAlias

import numpy as np

from datasets_app.domain.progress import ShouldStop
from inference_app.domain.interactive.base import FrameMasks
from inference_app.domain.interactive.chain import Chain, ChainFrame, Looks, unpacked
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.fusion import meet
from inference_app.domain.interactive.matching import Matching
from inference_app.domain.interactive.object_model import ObjectModel, Reference, stride_for
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import Floats, SoftMask

References = Mapping[int, Mapping[int, SoftMask]]
"""Finished masks, by frame and object."""

SettleSpan: TypeAlias = Callable[
    ["Span", Sequence[int], ChainFrame, ChainFrame, ChainFrame], ChainFrame
]
"""From both directions of a frame of a span, and their mean, to what is taken for true."""

MOST_REFERENCES: Final = 4
"""An object is learned from so many references."""

_NEAREST: Final = 2


@dataclass(frozen=True, slots=True)
class Span:
    """The frames between two references, or from one to an end of the clip (None)."""

    left: int | None
    right: int | None
    frames: int

    @property
    def inner(self) -> range:
        """The frames without the references themselves."""
        first = 0 if self.left is None else self.left + 1
        return range(first, self.frames if self.right is None else self.right)


@dataclass(frozen=True, slots=True)
class Leg:
    """One direction of a span: from the reference ``start`` to the frame ``stop``, included."""

    start: int
    stop: int
    learns: bool


@dataclass(frozen=True, slots=True)
class LegTask:
    """A leg of the span number ``span`` of a round, for the objects that share the span."""

    span: int
    leg: Leg
    objects: tuple[int, ...]


def spans_around(frame: int, references: Sequence[int], frames: int) -> list[Span]:
    """Return the spans on both sides of the reference ``frame``; those without frames are left out.

    Nothing beyond a neighbouring reference is touched.
    """
    before = [other for other in references if other < frame]
    after = [other for other in references if other > frame]
    spans = [
        Span(max(before, default=None), frame, frames),
        Span(frame, min(after, default=None), frames),
    ]
    return [span for span in spans if len(span.inner)]


def legs_of(span: Span) -> list[Leg]:
    """Return the one or two directions that a span is carried in."""
    inner, open_ended = span.inner, span.left is None or span.right is None
    legs = []
    if span.left is not None:
        legs.append(Leg(span.left, inner[-1], open_ended))
    if span.right is not None:
        legs.append(Leg(span.right, inner[0], open_ended))
    return legs


def run_leg(
    pictures: Pictures,
    flow: FlowSource,
    references: References,
    objects: Sequence[int],
    leg: Leg,
    should_stop: ShouldStop,
    matching: Matching | None = None,
) -> Iterator[ChainFrame]:
    """Learn the objects from the nearest references, then yield the frames of one direction."""
    shape = (pictures.size.height, pictures.size.width)
    models = models_for(pictures, references, objects, leg.start, matching)
    chain = Chain(pictures, flow, models, learns=leg.learns, matching=matching)
    start = stacked(references[leg.start], objects, shape)
    yield from chain.run(leg.start, leg.stop, start, should_stop)


def models_for(
    pictures: Pictures,
    references: References,
    objects: Sequence[int],
    near: int,
    matching: Matching | None = None,
) -> list[ObjectModel]:
    """Return a model per object, learned from the references nearest to frame ``near``."""
    shape = (pictures.size.height, pictures.size.width)
    looks: dict[int, Looks] = {}
    models = []
    for number in objects:
        masks = teachers(references, number, near)
        stride = stride_for(list(masks.values()) or [np.zeros(shape, np.float32)])
        known = []
        for frame, mask in masks.items():
            seen = looks.setdefault(frame, Looks(pictures[frame], matching))
            features = {s: seen.of(s) for s in {stride, 4}}
            known.append(Reference(frame, mask, features, seen.keys(stride)))
        empty = Reference(near, np.zeros(shape, np.float32), {})
        models.append(ObjectModel(known or [empty], number, stride, matching))
    return models


def teachers(references: References, number: int, near: int) -> dict[int, SoftMask]:
    """Return the two nearest masks of the object, and those that show most of it."""
    masks = {frame: found[number] for frame, found in references.items() if number in found}
    by_distance = sorted(masks, key=lambda frame: (abs(frame - near), frame))
    nearest, others = by_distance[:_NEAREST], by_distance[_NEAREST:]
    others.sort(key=lambda frame: (-float(masks[frame].sum()), frame))
    return {frame: masks[frame] for frame in (nearest + others)[:MOST_REFERENCES]}


def stacked(
    masks: Mapping[int, SoftMask], objects: Sequence[int], shape: tuple[int, int]
) -> Floats:
    """Return (K, H, W), zeros for an object that has no mask."""
    empty = np.zeros(shape, np.float32)
    return np.stack([masks.get(number, empty) for number in objects])


class SpanJoin:
    """Puts the two directions of a span together, in whatever order their frames arrive.

    Frames that wait for the other direction wait in a temporary file.
    """

    def __init__(
        self, span: Span, objects: Sequence[int], settle: SettleSpan | None = None
    ) -> None:
        """``settle`` puts two directions together; by default their mean by weights."""
        self._span, self._objects, self._settle = span, tuple(objects), settle
        self._waiting: dict[int, tuple[int, int]] = {}
        self._spool: IO[bytes] | None = None

    def take(self, found: ChainFrame, *, forward: bool) -> FrameMasks:
        """Return the frame: final, or for now what this direction says alone."""
        left, right = self._span.left, self._span.right
        if left is None or right is None:
            return self._given(found, final=True)
        place = self._waiting.pop(found.frame, None)
        if place is None:
            self._waiting[found.frame] = self._put(found)
            return self._given(found, final=False)
        other = self._get(place, found.frame)
        ahead, back = (found, other) if forward else (other, found)
        met = meet(ahead, back, left, right)
        if self._settle is not None:
            met = self._settle(self._span, self._objects, ahead, back, met)
        return self._given(met, final=True)

    def close(self) -> None:
        """Remove the temporary file; calling it twice is harmless."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def _given(self, found: ChainFrame, *, final: bool) -> FrameMasks:
        masks = dict(zip(self._objects, found.masks, strict=True))
        sure = dict(zip(self._objects, found.sure, strict=True))
        return FrameMasks(found.frame, masks, sure, final)

    def _put(self, found: ChainFrame) -> tuple[int, int]:
        if self._spool is None:
            self._spool = TemporaryFile()  # noqa: SIM115  # closed in close()
        _, planes, sure = found.packed()
        data = np.array(sure, np.float64).tobytes() + zlib.compress(planes.tobytes(), 1)
        self._spool.seek(0, SEEK_END)
        at = self._spool.tell()
        self._spool.write(data)
        self._shape = planes.shape
        return at, len(data)

    def _get(self, place: tuple[int, int], frame: int) -> ChainFrame:
        assert self._spool is not None  # noqa: S101
        self._spool.seek(place[0])
        data = self._spool.read(place[1])
        head = 8 * len(self._objects)
        sure = tuple(float(value) for value in np.frombuffer(data[:head], np.float64))
        raw = np.frombuffer(zlib.decompress(data[head:]), np.uint8).reshape(self._shape)
        return unpacked((frame, raw, sure))

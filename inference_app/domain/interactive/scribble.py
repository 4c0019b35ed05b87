"""The engine that needs no download: colours, texture, motion, and trees learned on the spot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive.base import FrameMasks, Prompt
from inference_app.domain.interactive.chain import ChainFrame
from inference_app.domain.interactive.flow import FlowSource, warped
from inference_app.domain.interactive.fusion import amended, spoken
from inference_app.domain.interactive.matching import Matching
from inference_app.domain.interactive.paint import painted
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.spans import (
    LegTask,
    SettleSpan,
    Span,
    SpanJoin,
    legs_of,
    run_leg,
    spans_around,
)
from inference_app.domain.interactive.stepwise import Stepwise
from matteweb.errors import BadInput


class ScribbleEngine:
    """Masks by hand without any network."""

    info = PluginInfo(
        "scribble", "Scribble", "Built in: colour, texture and motion; no weights", version=4
    )

    def unavailable(self) -> str:
        """It can always run."""
        return ""

    def provenance(self) -> dict[str, str]:
        """It reads no weights."""
        return {}

    def cool(self) -> None:
        """Its sessions share nothing."""

    def open(self, pictures: Pictures, flow: FlowSource) -> ScribbleSession:
        """Begin with a clip."""
        return ScribbleSession(pictures, flow)


class ScribbleSession:
    """One clip being worked on; see `EngineSession`."""

    slug = ScribbleEngine.info.slug
    version = ScribbleEngine.info.version
    matching: Matching | None = None
    """How squares are matched with those of annotated frames, None not at all."""

    def __init__(self, pictures: Pictures, flow: FlowSource) -> None:
        cv2.setNumThreads(1)
        self.pictures, self.flow = pictures, flow
        self.references: dict[int, dict[int, SoftMask]] = {}
        self._steps = Stepwise()

    def interact(
        self, frame: int, object_: int, prompts: Sequence[Prompt], previous: SoftMask | None
    ) -> SoftMask:
        """Understand all marks together, then paint what is taken as drawn, in its order."""
        self.require(frame)
        marks = [prompt for prompt in prompts if isinstance(prompt, (Click, Scribble, Box))]
        picture = self.pictures[frame]
        if marks or previous is not None:
            mask = self._steps.mask(frame, picture, marks, previous)
        else:
            mask = np.zeros(picture.shape[:2], np.float32)
        for prompt in prompts:
            if not isinstance(prompt, (Click, Scribble, Box)):
                mask = painted(mask, prompt)
        self.refer(frame, object_, mask)
        return mask

    def refer(self, frame: int, object_: int, mask: SoftMask) -> None:
        """Keep a finished mask. Raises BadInput when it has another size than the pictures."""
        self.require(frame)
        size = self.pictures.size
        if mask.shape != (size.height, size.width):
            raise BadInput(
                f"a mask of {mask.shape[1]}x{mask.shape[0]} does not fit frames of {size}",
                hint="scale it to the size of the frames",
            )
        self.references.setdefault(frame, {})[object_] = mask.astype(np.float32)

    def propagate(
        self,
        frame: int,
        objects: Sequence[int],
        should_stop: ShouldStop,
        before: Mapping[int, Mapping[int, SoftMask]] | None = None,
    ) -> Iterator[FrameMasks]:
        """Yield the frames between the neighbouring references, nearest first on each side."""
        if frame not in self.references:
            raise BadInput(
                f"frame {frame} has no mask to carry on", hint="mark the objects there first"
            )
        work = self._work(frame, objects, before)
        settle = self.settling(frame, before)
        joins = [SpanJoin(span, numbers, settle) for span, numbers in work]
        tasks = [
            LegTask(index, leg, tuple(numbers))
            for index, (span, numbers) in enumerate(work)
            for leg in legs_of(span)
        ]
        # First the legs from the changed reference: what they say is seen at once.
        tasks.sort(key=lambda task: task.leg.start != frame)
        words = {
            (index, number): Words(self.flow, frame, speaks)
            for index, (_, numbers) in enumerate(work)
            for number in numbers
            if (speaks := self._speaks(frame, number, before)) is not None
        }
        try:
            for task, found in self.run_legs(tasks, should_stop):
                given = joins[task.span].take(found, forward=task.leg.stop >= task.leg.start)
                if given.final and before is not None:
                    said = {n: words[task.span, n] for n in task.objects if (task.span, n) in words}
                    given = _amended(given, before.get(found.frame, {}), said)
                yield given
        finally:
            for join in joins:
                join.close()

    def settling(
        self, frame: int, before: Mapping[int, Mapping[int, SoftMask]] | None
    ) -> SettleSpan | None:
        """Return what puts two directions together in a round that changed ``frame``; None for
        their mean by weights."""
        return None

    def run_legs(
        self, tasks: Sequence[LegTask], should_stop: ShouldStop
    ) -> Iterator[tuple[LegTask, ChainFrame]]:
        """Yield the frames of all legs with the task they belong to; here one leg after the other.

        What runs several legs at once replaces this.
        """
        for task in tasks:
            for found in self.follow(task, should_stop):
                yield task, found

    def follow(self, task: LegTask, should_stop: ShouldStop) -> Iterator[ChainFrame]:
        """Yield the frames of one leg. What carries masks another way replaces this."""
        return run_leg(
            self.pictures, self.flow, self.references, task.objects, task.leg, should_stop,
            self.matching,
        )  # fmt: skip

    def _work(
        self,
        frame: int,
        objects: Sequence[int],
        before: Mapping[int, Mapping[int, SoftMask]] | None,
    ) -> list[tuple[Span, list[int]]]:
        """Return the spans to carry through, each with the objects that share it.

        A frame bounds an object's span only where that object was looked at. An object that the
        correction left alone is in none.
        """
        work: dict[Span, list[int]] = {}
        for number in objects:
            having = sorted(f for f, masks in self.references.items() if number in masks)
            speaks = self._speaks(frame, number, before)
            if frame not in having or (speaks is not None and not speaks.any()):
                continue
            for span in spans_around(frame, having, self.pictures.frames):
                work.setdefault(span, []).append(number)
        return list(work.items())

    def forget(self, object_: int, frame: int | None = None) -> None:
        """Drop the references of an object, on one frame or on all."""
        for number in [frame] if frame is not None else list(self.references):
            masks = self.references.get(number, {})
            masks.pop(object_, None)
            if not masks:
                self.references.pop(number, None)

    def state(self) -> dict[str, Any]:
        """Return the references, each as rows of runs."""
        return {
            "engine": self.slug,
            "version": self.version,
            "references": [
                {"frame": frame, "object": number, "runs": _runs(mask)}
                for frame, masks in sorted(self.references.items())
                for number, mask in sorted(masks.items())
            ],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over the references of another session of the same clip."""
        size = self.pictures.size
        self.references = {}
        for stored in state["references"]:
            mask = _unrun(stored["runs"], (size.height, size.width))
            self.refer(stored["frame"], stored["object"], mask)

    def close(self) -> None:
        """Forget everything."""
        self.references = {}
        self._steps.close()

    def _speaks(
        self, frame: int, number: int, before: Mapping[int, Mapping[int, SoftMask]] | None
    ) -> SoftMask | None:
        old = None if before is None else before.get(frame, {}).get(number)
        if old is None:
            return None
        return spoken(old, self.references[frame][number])

    def require(self, frame: int) -> None:
        """Raise BadInput when the clip has no such frame."""
        if not 0 <= frame < self.pictures.frames:
            raise BadInput(
                f"there is no frame {frame}", hint=f"the clip has {self.pictures.frames} frames"
            )


class Words:
    """Where a correction speaks, carried along with the motion from the corrected frame."""

    def __init__(self, flow: FlowSource, frame: int, speaks: SoftMask | None) -> None:
        self._flow, self._frame, self._start = flow, frame, speaks
        self._at, self._plane = frame, speaks

    def at(self, frame: int) -> SoftMask:
        """Return the plane at ``frame``; cheap when frames are asked for one after the other."""
        if self._start is None or self._plane is None or self._start.all():
            return np.ones((1, 1), np.float32)
        if (frame - self._at) * (self._at - self._frame) < 0 or (
            (frame - self._frame) * (self._at - self._frame) < 0
        ):
            self._at, self._plane = self._frame, self._start
        step = 1 if frame > self._at else -1
        for number in range(self._at + step, frame + step, step) if frame != self._at else ():
            self._plane = warped(self._plane, self._flow.between(number, number - step))
        self._at = frame
        return self._plane


def plus_and_minus(flow: FlowSource, frame: int, change: SoftMask) -> tuple[Words, Words]:
    """Return what a correction of ``frame`` added and what it took away; ``change``: -1..1."""
    plus, minus = np.maximum(change, 0), np.maximum(-change, 0)
    return Words(flow, frame, plus), Words(flow, frame, minus)


def _amended(
    given: FrameMasks, old: Mapping[int, SoftMask], words: Mapping[int, Words]
) -> FrameMasks:
    masks = {
        number: amended(old[number], mask, words[number].at(given.frame))
        if number in words and number in old
        else mask
        for number, mask in given.masks.items()
    }
    return FrameMasks(given.frame, masks, given.sure, given.final)


def _runs(mask: SoftMask) -> list[list[int]]:
    """Return [value 0..255, length] pairs, row by row."""
    flat = np.round(mask.ravel() * 255).astype(np.uint8)
    ends = np.flatnonzero(np.diff(flat)) + 1
    bounds = np.concatenate([[0], ends, [len(flat)]])
    return [[int(flat[a]), int(b - a)] for a, b in pairwise(bounds)]


def _unrun(runs: Sequence[Sequence[int]], shape: tuple[int, int]) -> SoftMask:
    pairs: npt.NDArray[np.int64] = np.array(runs, np.int64).reshape(-1, 2)
    flat = np.repeat(pairs[:, 0], pairs[:, 1])
    if len(flat) != shape[0] * shape[1]:
        raise BadInput("a stored mask has another size than the clip", hint="mark it again")
    return flat.reshape(shape).astype(np.float32) / 255

"""What an engine has to beat: a mask carried by motion alone, and GrabCut from the same marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.hints import Click, Scribble
from inference_app.domain.interactive.base import FrameMasks, Prompt
from inference_app.domain.interactive.chain import ChainFrame, steps_along
from inference_app.domain.interactive.colour_cut import cut
from inference_app.domain.interactive.flow import FlowSource, warped
from inference_app.domain.interactive.matching import KeyOf, Matching
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import BoolMask, Floats, SoftMask, window_of
from inference_app.domain.interactive.scribble import ScribbleEngine, ScribbleSession
from inference_app.domain.interactive.spans import LegTask, stacked
from inference_app.domain.remembered_digest import remembered_sha256


class PlainEngine(ScribbleEngine):
    """Flow-warping between frames, GrabCut on a frame."""

    info = PluginInfo("plain", "Flow warping and GrabCut", "What an engine has to beat", version=1)

    def open(self, pictures: Pictures, flow: FlowSource) -> PlainSession:
        """Begin with a clip."""
        return PlainSession(pictures, flow)


class UnawareEngine(ScribbleEngine):
    """The built-in engine without its rule that a correction changes only what it explains."""

    info = PluginInfo(
        "unaware", "Scribble, unaware", "Built in, deaf to what a correction says", version=1
    )

    def open(self, pictures: Pictures, flow: FlowSource) -> UnawareSession:
        """Begin with a clip."""
        return UnawareSession(pictures, flow)


class UnawareSession(ScribbleSession):
    """The same rounds; each forgets the one before."""

    def propagate(
        self,
        frame: int,
        objects: Sequence[int],
        should_stop: ShouldStop,
        before: Mapping[int, Mapping[int, SoftMask]] | None = None,
    ) -> Iterator[FrameMasks]:
        """Carry masks whatever was there before."""
        yield from super().propagate(frame, objects, should_stop)


class MatchedEngine:
    """The unaware engine with top-k matching beside its trees, by learned keys if a file is named.

    No part of the built-in engine, since it does not beat it: see the measurements.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._key: KeyOf | None = None
        name = "" if path is None else path.stem
        if path is not None and path.stem == "key":
            name = path.resolve().parent.name  # a training calls its file "key"
        self.info = PluginInfo(
            f"keyed_{name}" if name else "matched",
            f"Scribble, unaware, with keys of {name}" if name else "Scribble, unaware, with top-k",
            "Built in, with top-k matching",
            version=1,
        )

    def unavailable(self) -> str:
        """Return why it cannot run here, or ""."""
        return "" if self._path is None or self._path.is_file() else f"there is no {self._path}"

    def provenance(self) -> dict[str, str]:
        """Return the digest of the learned keys."""
        return {} if self._path is None else {self.info.slug: remembered_sha256(self._path)}

    def cool(self) -> None:
        """Give the network back."""
        self._key = None

    def open(self, pictures: Pictures, flow: FlowSource) -> UnawareSession:
        """Begin with a clip. Raises BadInput when the file holds something else."""
        if self._path is not None and self._key is None:
            from inference_app.domain.networks.key_net import keys_of

            self._key = keys_of(self._path)
        session = UnawareSession(pictures, flow)
        session.matching = Matching(key=self._key)
        return session


class PlainSession(ScribbleSession):
    """The same rounds, spans and weights by distance, without anything learned."""

    def interact(
        self, frame: int, object_: int, prompts: Sequence[Prompt], previous: SoftMask | None
    ) -> SoftMask:
        """Cut by GrabCut, from a box around the positive strokes."""
        picture = self.pictures[frame]
        inside, outside = _strokes(prompts, picture.shape[:2])
        guess = np.zeros(inside.shape, np.float32)
        tight = window_of(inside)
        if tight is not None:
            margin = max(4, int(0.2 * max(tight.width, tight.height)))
            guess[tight.grown(margin, inside.shape).slices] = 1
        mask = cut(picture, guess, inside, outside)
        self.refer(frame, object_, mask)
        return mask

    def follow(self, task: LegTask, should_stop: ShouldStop) -> Iterator[ChainFrame]:
        """Carry the soft masks by motion and nothing else."""
        size = self.pictures.size
        ones = np.ones((size.height, size.width), np.float32)
        start, stop = task.leg.start, task.leg.stop
        masks: Floats = stacked(self.references[start], task.objects, ones.shape)
        for before, frame in steps_along(start, stop, should_stop):
            there = self.flow.between(frame, before)
            masks = np.stack([warped(mask, there) for mask in masks])
            yield ChainFrame(frame, masks, ones, tuple(1.0 for _ in task.objects))


def _strokes(prompts: Sequence[Prompt], shape: tuple[int, ...]) -> tuple[BoolMask, BoolMask]:
    planes = np.zeros((2, *shape), np.uint8)
    for prompt in prompts:
        if isinstance(prompt, Scribble):
            line = np.round(np.array(prompt.points)).astype(np.int32).reshape(-1, 1, 2)
            width = max(1, round(2 * prompt.radius - 1))
            cv2.polylines(planes[int(not prompt.positive)], [line], False, 1, width)
        elif isinstance(prompt, Click):
            at = (round(prompt.x), round(prompt.y))
            cv2.circle(planes[int(not prompt.positive)], at, 2, 1, -1)
    return planes[0] > 0, planes[1] > 0

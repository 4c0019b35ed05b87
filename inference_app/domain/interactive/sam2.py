"""SAM 2 behind the protocol of masks by hand; its weights are the person's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.device import device_named
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive.base import Prompt
from inference_app.domain.interactive.chain import ChainFrame, steps_along
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.paint import painted
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import Floats, SoftMask
from inference_app.domain.interactive.scribble import ScribbleSession
from inference_app.domain.interactive.spans import LegTask, teachers
from inference_app.domain.model_folders import ModelFolder

if TYPE_CHECKING:
    from inference_app.domain.networks.sam2 import Point, Sam2

SAM2: Final = ModelFolder(
    "sam2",
    "SAM 2 for videos",
    "Apache-2.0",
    "https://huggingface.co/facebook/sam2.1-hiera-tiny (or -small, -base-plus, -large)",
)
_POINTS_PER_STROKE: Final = 5
# What a point says to the network, beside 1 for the object and 0 for what is not.
_TOP_LEFT, _BOTTOM_RIGHT = 2, 3


class Sam2Engine:
    """The published network for masks of anything."""

    info = PluginInfo("sam2", "SAM 2", "A large network; its weights are your own", version=1)

    def unavailable(self) -> str:
        """Return which files belong where, or the missing package."""
        return SAM2.lacks()

    def provenance(self) -> dict[str, str]:
        """Return the digest of the weights that are there."""
        return {} if SAM2.lacks() else {SAM2.name: SAM2.digest()}

    def cool(self) -> None:
        """Give the network back; a session that still has it keeps it."""
        _loaded.cache_clear()

    def open(self, pictures: Pictures, flow: FlowSource) -> Sam2Session:
        """Begin with a clip. Raises WeightsMissing, BadInput."""
        return Sam2Session(pictures, flow, loaded_sam2())


class Sam2Session(ScribbleSession):
    """One clip being worked on: references, spans and fusion as in the embedded engine.

    The network keeps nothing of a session, so that a session that comes back from its stored
    marks says the same.
    """

    slug = Sam2Engine.info.slug
    version = Sam2Engine.info.version

    def __init__(self, pictures: Pictures, flow: FlowSource, network: Sam2) -> None:
        super().__init__(pictures, flow)
        self._network = network

    def interact(
        self, frame: int, object_: int, prompts: Sequence[Prompt], previous: SoftMask | None
    ) -> SoftMask:
        """Understand all marks together, then paint what is taken as drawn, in its order."""
        self.require(frame)
        picture = self.pictures[frame]
        points = points_of(prompts)
        mask = np.zeros(picture.shape[:2], np.float32) if previous is None else previous
        if points and (previous is not None or any(says for _, _, says in points)):
            mask = self._network.mask(picture, points, previous)
        for prompt in prompts:
            if not isinstance(prompt, (Click, Scribble, Box)):
                mask = painted(mask, prompt)
        self.refer(frame, object_, mask)
        return mask

    def follow(self, task: LegTask, should_stop: ShouldStop) -> Iterator[ChainFrame]:
        """Follow each object with a memory of its own, told the nearest references."""
        size = self.pictures.size
        trust = np.ones((size.height, size.width), np.float32)
        start, stop = task.leg.start, task.leg.stop
        first = self._network.track(self.pictures)
        tracks = [first, *(first.beside() for _ in task.objects[1:])]
        for number, track in zip(task.objects, tracks, strict=True):
            told = teachers(self.references, number, start)
            for frame, mask in told.items() or {start: np.zeros_like(trust)}.items():
                track.refer(frame, mask)
        for before, frame in steps_along(start, stop, should_stop):
            found = [track.at(frame, reverse=frame < before) for track in tracks]
            masks: Floats = np.stack([mask for mask, _ in found])
            masks /= np.maximum(masks.sum(axis=0), 1)
            yield ChainFrame(frame, masks, trust, tuple(there for _, there in found))


def points_of(prompts: Sequence[Prompt]) -> list[Point]:
    """Return clicks, points along strokes, and the corners of the last box before all others."""
    points: list[Point] = []
    corners: list[Point] = []
    for prompt in prompts:
        if isinstance(prompt, Click):
            points.append((prompt.x, prompt.y, int(prompt.positive)))
        elif isinstance(prompt, Scribble):
            count = min(len(prompt.points), _POINTS_PER_STROKE)
            places = np.linspace(0, len(prompt.points) - 1, 2 * count + 1).round().astype(int)[1::2]
            points += [(*prompt.points[place], int(prompt.positive)) for place in places]
        elif isinstance(prompt, Box):
            corners = [
                (prompt.left, prompt.top, _TOP_LEFT),
                (prompt.right, prompt.bottom, _BOTTOM_RIGHT),
            ]
    return corners + points


def loaded_sam2() -> Sam2:
    """Return the network in memory, reading it when the files are others than before.

    Raises WeightsMissing, BadInput.
    """
    SAM2.require()
    return _loaded(str(SAM2.path), SAM2.changed())


@lru_cache(maxsize=1)
def _loaded(folder: str, changed: tuple[int, ...]) -> Sam2:
    from inference_app.domain.networks.sam2 import Sam2

    return Sam2(SAM2.path, device_named("auto"))

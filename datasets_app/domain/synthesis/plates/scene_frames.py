"""The frames of a subject before a background, one at a time: alpha, pure colour, background."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.synthesis.compositing.compositor import Compositor
from datasets_app.domain.synthesis.geometry.placement import Placement, place
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.plates.backdrop import Backdrop
from datasets_app.domain.synthesis.sources.references import AssetRef
from datasets_app.domain.synthesis.sources.source_frames import asset_alphas, asset_frames

_LOOKS = 8


@dataclass(frozen=True, slots=True, eq=False)
class ScenePart:
    """One frame before it is mixed; the foreground is black where alpha is 0."""

    alpha: GrayFrame
    foreground: RgbFrame
    background: RgbFrame


class ScenePlan(Protocol):
    """What a plan says of a scene."""

    @property
    def frames(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def foreground(self) -> AssetRef: ...
    @property
    def backdrop(self) -> Backdrop: ...
    @property
    def start(self) -> int: ...
    @property
    def step(self) -> int: ...
    @property
    def scale(self) -> float: ...
    @property
    def shift_x(self) -> float: ...
    @property
    def shift_y(self) -> float: ...
    @property
    def soft_edge(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """A subject in ``window`` of its frames, placed in a frame before ``backdrop``."""

    subject: AssetRef
    window: FrameWindow
    backdrop: Backdrop
    placement: Placement
    soft_edge: int

    @classmethod
    def of(cls, plan: ScenePlan) -> Scene:
        """Return the scene that ``plan`` describes."""
        placement = place(
            FrameSize(plan.foreground.width, plan.foreground.height),
            FrameSize(plan.width, plan.height),
            scale=plan.scale,
            shift_x=plan.shift_x,
            shift_y=plan.shift_y,
        )
        window = FrameWindow(plan.start, plan.step, plan.frames)
        return cls(plan.foreground, window, plan.backdrop, placement, plan.soft_edge)

    def frames(
        self, sources: Mapping[str, Path], first: int = 0
    ) -> Generator[ScenePart, None, None]:
        """Yield the frames from ``first`` on. Memory: one frame of each source."""
        # A soft alpha is kept as it is, whatever the edge of hard masks is to be.
        edge = max(1, self.soft_edge) if self.subject.soft else self.soft_edge
        compositor = Compositor(self.placement, soft=self.subject.soft, soft_edge=edge)
        rest = self.window.rest(first)
        behind = self.backdrop.frames(sources, self.placement.frame, self.window.length, first)
        with ExitStack() as stack:
            streams = (
                asset_frames(self.subject, sources, rest),
                asset_alphas(self.subject, sources, rest),
                behind,
            )
            pictures, alphas, backgrounds = (
                stack.enter_context(closing(stream)) for stream in streams
            )
            for picture, alpha, background in zip(pictures, alphas, backgrounds, strict=True):
                pasted = compositor.paste(picture, alpha, background)
                yield ScenePart(pasted.alpha, pasted.foreground, background)


def looked_at(scene: Scene, sources: Mapping[str, Path]) -> Iterator[ScenePart]:
    """Yield a few frames, spread over the scene, that stand for all of it."""
    length = scene.window.length
    for number in sorted({round(at * (length - 1) / (_LOOKS - 1)) for at in range(_LOOKS)}):
        with closing(scene.frames(sources, number)) as frames:
            yield next(frames)

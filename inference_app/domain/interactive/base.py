"""What an engine for masks by hand offers: marks to a mask, masks through the clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import SoftMask


@dataclass(frozen=True, slots=True)
class Outline:
    """A closed line through ``points``: what is inside is the object, or is not."""

    points: tuple[tuple[float, float], ...]
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Brush:
    """A stroke that is taken as drawn. ``soft``: width of its soft edge, share of the radius."""

    points: tuple[tuple[float, float], ...]
    radius: float
    positive: bool = True
    soft: float = 0.0


@dataclass(frozen=True, slots=True)
class FillHoles:
    """Closes what the mask encloses."""


@dataclass(frozen=True, slots=True)
class Copied:
    """The mask of another frame, taken over as it stands."""

    mask: SoftMask


Prompt: TypeAlias = Click | Scribble | Box | Outline | Brush | FillHoles | Copied
"""Clicks, scribbles and boxes are understood by the engine; the others are taken as drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameMasks:
    """Soft masks of one frame by object, with how sure each is, 0..1.

    ``final`` is False for what one direction says while the other is still on its way.
    """

    frame: int
    masks: dict[int, SoftMask]
    sure: dict[int, float]
    final: bool = True


class EngineSession(Protocol):
    """One clip being worked on. Not safe for two threads at once.

    Masks have the size of the pictures that the session was opened with.
    """

    def interact(
        self, frame: int, object_: int, prompts: Sequence[Prompt], previous: SoftMask | None
    ) -> SoftMask:
        """Return the mask that all ``prompts`` of the frame describe, and keep it as a reference.

        The full list each time: the same list gives the same mask. ``previous`` is what the object
        was taken to be before, None when nothing is known.
        """
        ...

    def refer(self, frame: int, object_: int, mask: SoftMask) -> None:
        """Keep a finished mask as a reference."""
        ...

    def propagate(
        self,
        frame: int,
        objects: Sequence[int],
        should_stop: ShouldStop,
        before: Mapping[int, Mapping[int, SoftMask]] | None = None,
    ) -> Iterator[FrameMasks]:
        """Yield what the references say of the frames around ``frame``, up to their neighbours.

        ``before``: masks of the round before by frame and object; what the change of the reference
        does not explain stays as it was. Raises Cancelled between two frames.
        """
        ...

    def forget(self, object_: int, frame: int | None = None) -> None:
        """Drop the references of an object, on one frame or on all."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs, as plain JSON."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state`` of another session of the same clip returned."""
        ...

    def close(self) -> None:
        """Give the memory back; calling it twice is harmless."""
        ...


class InteractiveEngine(Protocol):
    """A kind of engine; it costs nothing until a session is opened."""

    @property
    def info(self) -> PluginInfo: ...

    def unavailable(self) -> str:
        """Return why it cannot run here, or "" when it can."""
        ...

    def provenance(self) -> dict[str, str]:
        """Return the sha256 of the weights that it reads, by name."""
        ...

    def cool(self) -> None:
        """Give back what sessions of this engine share; the next one takes it again."""
        ...

    def open(self, pictures: Pictures, flow: FlowSource) -> EngineSession:
        """Begin with a clip. ``flow`` reads the motion between its frames."""
        ...

"""What a network on clips offers: what it needs, what it takes, what it gives, and how it runs.

A predictor in the list is a description that costs nothing: the web process lists it without
loading torch. ``load`` imports what is heavy and returns the one that works.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.device import Device
from inference_app.domain.hints import HintKind
from matteweb.errors import BadInput, Cancelled

Task: TypeAlias = Literal["matting", "depth", "flow", "defect"]

RUNNABLE: Final[tuple[Task, ...]] = ("matting", "depth")
"""What a run over a video can make, since it comes to one plane per frame."""

HintsOn: TypeAlias = Literal["none", "first", "every"]
"""On which frames a predictor cannot do without a hint."""

UnitPlane: TypeAlias = npt.NDArray[np.float32]
"""(H, W) float32 in 0..1: an alpha, a depth where larger is nearer, or how odd a place is."""

Planes: TypeAlias = npt.NDArray[np.float32]
"""(H, W) float32 in 0..1, or (H, W, 2) float32 in pixels for flow (x right, y down)."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a predictor does. ``accepts``: kinds of hint that it takes, best first.

    ``hints_on``: the frames on which it cannot do without one. ``gives``: names of its layers.
    ``licence``: of code and weights together, as shown to people.
    """

    task: Task
    accepts: tuple[HintKind, ...]
    hints_on: HintsOn
    gives: tuple[str, ...]
    licence: str


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file that a predictor reads. ``shipped``: it lies in this repository.

    ``url`` is where a person gets it; the program fetches nothing by itself. An empty ``sha256``
    means that any file of this name is taken (weights of one's own).
    """

    name: str
    bytes: int
    sha256: str
    licence: str
    url: str = ""
    paper: str = ""
    shipped: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One frame with what is known of the object in it: a mask or trimap, or nothing."""

    rgb: RgbFrame
    hint: GrayFrame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What was found in one frame, by layer name: "alpha", "depth", "flow" or "defect"."""

    index: int
    layers: dict[str, Planes]


class LoadedPredictor(Protocol):
    """A network in memory. Not safe for two threads at once."""

    def predict(
        self, shots: Iterator[Shot], progress: Progress, should_stop: ShouldStop
    ) -> Iterator[Prediction]:
        """Yield one prediction per shot, in order; memory does not grow with their number.

        Raises Cancelled before the next frame when asked to stop, BadInput when a hint is missing
        or has another size than its frame.
        """
        ...

    def close(self) -> None:
        """Give the memory back; calling it twice is harmless."""
        ...


class Predictor(Protocol):
    """A network, or a method without weights, that turns frames and hints into layers."""

    @property
    def info(self) -> PluginInfo: ...

    @property
    def traits(self) -> Traits: ...

    @property
    def weights(self) -> tuple[WeightFile, ...]: ...

    def unavailable(self) -> str:
        """Return which package is missing, or "" when the code can run; says nothing of weights."""
        ...

    def load(self, files: Mapping[str, Path], device: Device) -> LoadedPredictor:
        """Read the weights and make ready. ``files`` gives the path of each of ``weights`` by name.

        Raises WeightsMissing, or BadInput when a file is not what it should be.
        """
        ...


class FrameByFrame(ABC):
    """Base of predictors that make one prediction from each shot and what they remember."""

    def __init__(self, hints_on: HintsOn) -> None:
        self.hints_on = hints_on

    def begin(self) -> None:  # noqa: B027  # most remember nothing
        """Forget the clip before."""

    @abstractmethod
    def step(self, shot: Shot) -> dict[str, Planes]:
        """Return the layers of one frame."""

    def close(self) -> None:  # noqa: B027  # most hold nothing
        """Give the memory back."""

    def predict(
        self, shots: Iterator[Shot], progress: Progress, should_stop: ShouldStop
    ) -> Iterator[Prediction]:
        """Yield one prediction per shot; see `LoadedPredictor`."""
        self.begin()
        for index, shot in enumerate(shots):
            if should_stop():
                raise Cancelled(f"stopped before frame {index}", hint="what is finished is kept")
            require_hint(shot, index, self.hints_on)
            yield Prediction(index, self.step(shot))
            progress(index + 1, None)


def require_hint(shot: Shot, index: int, hints_on: HintsOn) -> None:
    """Raise BadInput when frame ``index`` lacks its hint, or has one of another size."""
    if shot.hint is None:
        if hints_on == "every" or (hints_on == "first" and index == 0):
            raise BadInput(f"frame {index} has no mask", hint="choose a mask that covers it")
    elif shot.hint.shape != shot.rgb.shape[:2]:
        (height, width), (rows, columns) = shot.rgb.shape[:2], shot.hint.shape
        raise BadInput(
            f"frame {index} is {width}x{height} but its mask {columns}x{rows}",
            hint="attach a mask of the clip's size",
        )


def found_layer(predictor: Predictor) -> str:
    """Return which of its layers a run over a video keeps: "alpha" or "depth"."""
    return "depth" if predictor.traits.task == "depth" else "alpha"

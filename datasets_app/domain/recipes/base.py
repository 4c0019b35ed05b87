"""What a way to synthesize offers, and what it is given: parameters, pool, plan, layers.

All randomness ends in the plan: ``plan`` draws, ``render`` does not. A plan is small JSON that is
stored on the sample and rebuilds it alone, byte for byte, from sources found by digest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeAlias, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from datasets_app.domain.captions import Captions
from datasets_app.domain.media.measured import LayerKind
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.compositing.recomposition import Recomposition
from datasets_app.domain.synthesis.sources.pool import (
    Pool,
    PoolBackground,
    PoolClip,
    PoolForeground,
    PoolMask,
)
from datasets_app.domain.synthesis.sources.references import AssetRef, ClipRef, MaskRef
from datasets_app.domain.synthesis.watching import watched

__all__ = [
    "Admitted",
    "AssetRef",
    "ClipRef",
    "Cost",
    "KeepsShares",
    "LayerSpec",
    "Layers",
    "LeftOut",
    "MaskRef",
    "ParamsT",
    "Plan",
    "PlanT",
    "Pool",
    "PoolBackground",
    "PoolClip",
    "PoolForeground",
    "PoolMask",
    "Recipe",
    "RecipeOf",
    "RecipeParams",
    "Rejected",
    "Resumable",
    "Survey",
    "TakesTurns",
]

Layers: TypeAlias = dict[str, npt.NDArray[Any]]
"""One frame of a sample by layer name: an `RgbFrame`, `GrayFrame` or `MeasuredFrame` each."""


class RecipeParams(BaseModel):
    """Base of a recipe's parameters; its JSON schema draws the form and validates the API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def for_trial(self) -> Self:
        """Return what Try one makes: the same, or less of it where a sample takes minutes."""
        return self


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One stream of every sample. ``delivered``: it is also encoded for players and export;
    ``pictures``: its poster and filmstrip stand for the sample; ``repeated``: the plan says how
    often it is there, see ``Plan.sample_layers``."""

    name: str
    kind: LayerKind
    delivered: bool
    pictures: bool = False
    repeated: bool = False

    def times(self, count: int) -> tuple[LayerSpec, ...]:
        """Return ``count`` layers of this kind, named ``<name>_00`` and on."""
        return tuple(
            replace(self, name=f"{self.name}_{number:02d}", repeated=False)
            for number in range(count)
        )


@dataclass(frozen=True, slots=True)
class Admitted:
    """Something in the pool that can be drawn, with the figure that admits it."""

    id: int
    name: str
    figure: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in the pool that can never be drawn under these parameters.

    ``figure`` is the best that it can reach, ``threshold`` the parameter value that would let it
    in, ``admits`` every parameter that would have to change, with that value.
    """

    id: int
    name: str
    figure: float
    reason: str
    threshold: float
    admits: dict[str, float]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the pool gives under these parameters, before anything is drawn.

    ``reason`` says in one sentence why nothing is ``possible``, else it is empty.
    """

    admitted: tuple[Admitted, ...]
    left_out: tuple[LeftOut, ...]
    possible: bool
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return plain lists, dicts and numbers."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A draw that does not make a sample. ``reason`` is one of few sentences, to be counted."""

    reason: str


class Plan(BaseModel):
    """Base of what is stored on a sample. ``frames`` pictures of ``width`` x ``height`` at
    ``fps_num / fps_den``; ``caption`` describes the clean video."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: int
    width: int
    height: int
    fps_num: int
    fps_den: int
    caption: str

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""

    def sample_layers(self, declared: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
        """Return the layers of this very sample, from those that its recipe declares.

        A declared layer that is ``repeated`` stands for as many as the plan says, e.g. one alpha
        per instance: ``alpha`` becomes ``alpha_00``, ``alpha_01``.
        """
        return declared

    @property
    def captions(self) -> Captions:
        """Return ``caption`` and what else is said of the clean video, where the plan knows it."""
        return Captions(short=self.caption)

    @property
    def recomposition(self) -> Recomposition | None:
        """What holds between the layers of every frame within 1 of 255; None where nothing is
        composed."""
        return None


@dataclass(frozen=True, slots=True)
class Cost:
    """What rendering a plan takes, roughly: CPU-seconds with encoding, and bytes written."""

    cpu_seconds: float
    bytes: int

    @classmethod
    def by_pixels(cls, plan: Plan, *, seconds_per_megapixel: float, bytes_per_pixel: float) -> Cost:
        """Return what the plan's pixels take at these rates, which natural footage was measured
        to have."""
        pixels = plan.frames * plan.width * plan.height
        return cls(pixels / 1e6 * seconds_per_megapixel, round(pixels * bytes_per_pixel))


ParamsT = TypeVar("ParamsT", bound=RecipeParams)
PlanT = TypeVar("PlanT", bound=Plan)


class RecipeOf(Protocol[ParamsT, PlanT]):
    """A way to synthesize; implementations are stateless to their callers.

    ``category``: label of its samples in a bundle, unless changed there. ``needs``: one line for
    the page, what the pool must hold.
    """

    @property
    def info(self) -> PluginInfo: ...

    @property
    def params(self) -> type[ParamsT]: ...

    @property
    def plan_model(self) -> type[PlanT]: ...

    @property
    def layers(self) -> tuple[LayerSpec, ...]: ...

    @property
    def category(self) -> str: ...

    @property
    def needs(self) -> str: ...

    def unavailable(self) -> str:
        """Return why it cannot run here, or "" when it can."""
        ...

    def survey(self, params: ParamsT, pool: Pool) -> Survey:
        """Say what the pool admits, and what would admit the rest. Draws nothing."""
        ...

    def plan(self, params: ParamsT, pool: Pool, rng: np.random.Generator) -> PlanT | Rejected:
        """Make one try: draw everything anew from ``rng`` and test it, without decoding."""
        ...

    def cost(self, plan: PlanT) -> Cost:
        """Estimate what ``render`` and the encoding of its layers take."""
        ...

    def render(
        self,
        plan: PlanT,
        sources: Mapping[str, Path],
        progress: Progress,
        should_stop: ShouldStop,
    ) -> Generator[Layers, None, None]:
        """Yield ``plan.frames`` times one picture for each of ``layers``; streams, and closing it
        closes its files.

        ``sources`` gives the path of every digest in ``plan.inputs``. Raises Cancelled when asked
        to stop, BadInput when a source has not the frames or size that the plan names.
        """
        ...


class Resumable(ABC, Generic[PlanT]):
    """Base of a recipe whose frames do not depend on having made the ones before, so that a long
    sample goes on where it was killed. It needs nothing that is not always installed."""

    cpu_seconds_per_megapixel: ClassVar[float]
    """Of rendering and encoding natural footage, as measured."""
    bytes_per_pixel: ClassVar[float]
    """Of everything that is stored for it, as measured."""

    @abstractmethod
    def frames_from(
        self, plan: PlanT, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Yield the layers of frame ``first`` and on, the same whichever it is; streams, and
        closing it closes its files. Raises BadInput as `RecipeOf.render` does."""

    def unavailable(self) -> str:
        """Return ""."""
        return ""

    def cost(self, plan: PlanT) -> Cost:
        """Estimate by the number of pixels."""
        return Cost.by_pixels(
            plan,
            seconds_per_megapixel=self.cpu_seconds_per_megapixel,
            bytes_per_pixel=self.bytes_per_pixel,
        )

    def render(
        self,
        plan: PlanT,
        sources: Mapping[str, Path],
        progress: Progress,
        should_stop: ShouldStop,
    ) -> Generator[Layers, None, None]:
        """Yield the layers of every frame."""
        yield from self.render_from(plan, sources, 0, progress, should_stop)

    def render_from(
        self,
        plan: PlanT,
        sources: Mapping[str, Path],
        first: int,
        progress: Progress,
        should_stop: ShouldStop,
    ) -> Generator[Layers, None, None]:
        """Yield what ``render`` yields, byte for byte, from its frame ``first`` on."""
        with closing(self.frames_from(plan, sources, first)) as made:
            yield from watched(made, plan.frames, progress, should_stop, first)


@runtime_checkable
class TakesTurns(Protocol):
    """A recipe that takes each source once, in turn, before it takes any again."""

    def plan_turn(
        self, params: Any, pool: Pool, rng: np.random.Generator, turn: int
    ) -> Plan | Rejected:
        """Make one try for the sample whose number is ``turn``."""
        ...


@runtime_checkable
class KeepsShares(Protocol):
    """A recipe whose samples are asked for in exact shares over a run. What sample ``index`` is
    to have does not change with its tries, so that what is hard to reach is refused, not swapped.
    """

    def wish(self, params: Any, root_seed: int, index: int) -> Any:
        """Return what sample ``index`` of the run ``root_seed`` is to have."""
        ...

    def plan_wish(
        self, params: Any, pool: Pool, rng: np.random.Generator, wish: Any
    ) -> Plan | Rejected:
        """Make one try for a sample that has exactly this."""
        ...


@runtime_checkable
class UsesCores(Protocol):
    """A recipe whose rendering keeps several processor cores busy, so that fewer of its samples are
    made at once."""

    @property
    def cores(self) -> int:
        """How many, on average."""
        ...


Recipe: TypeAlias = RecipeOf[Any, Any]

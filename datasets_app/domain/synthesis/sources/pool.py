"""What a run draws from: clips with their masks, foregrounds with alpha, backgrounds.

Nothing here is decoded; small pictures are read when a planner first asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from datasets_app.domain.media.frames import GrayStack
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.asset_facts import AssetFacts
from datasets_app.domain.synthesis.sources.sides import SplitChoice, is_on_side

DEPTH, GARBAGE = "depth", "garbage"
"""Names of masks that are none: how near everything is, and what is to be cut away."""

DEPTH_NAME = re.compile(rf"{DEPTH}( \d+)?")
"""A run of a depth model leaves "depth", or "depth 12" beside one that is there."""

AssetForm: TypeAlias = Literal["still", "clip"]
"""A still is one picture that stands for any number of frames."""


@dataclass(frozen=True, slots=True, eq=False)
class PoolMask:
    """One mask that a recipe may draw. ``soft``: it holds alpha 0..255, not only {0, 255}.

    ``load_small`` returns its planning stack: (N, h, w) uint8, one small picture per frame,
    area-averaged to at most 96 px per side, 255 = object. Called when a planner first needs it,
    and again when the stack fell out of the cache.
    """

    id: int
    digest: str
    name: str
    frames: int
    width: int
    height: int
    soft: bool
    load_small: Callable[[], GrayStack] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class PoolClip:
    """One video that a recipe may draw. Clips with the same ``group`` show the same scene.

    ``depth`` is its depth track, brighter is nearer, and ``garbage`` marks what is to be cut away:
    both are attached like masks, under these names, and are not among ``masks``. ``split`` is the
    one that it came in, or "".
    """

    id: int
    digest: str
    group: str
    name: str
    frames: int
    width: int
    height: int
    fps: Fraction
    masks: tuple[PoolMask, ...]
    caption: str
    depth: PoolMask | None = None
    garbage: PoolMask | None = None
    split: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PoolForeground:
    """A subject with an alpha of its own: an asset, or a clip seen through one of its masks.

    ``digest`` names the colour master, ``alpha_digest`` the alpha master, both of ``width`` x
    ``height`` and ``frames`` pictures. ``load_small`` returns (N, h, w) uint8: the alpha of the
    whole frame, area-averaged to an eighth (a mask: to 96 px per side; small pictures less).
    ``facts`` and ``cutout`` (digest of the side file with the tight crop in pure colour) come from
    the ingest of an asset; a clip has neither. ``soft``: the alpha is more than {0, 255}. ``fps``
    is None for a still. ``id`` counts within ``origin``. ``split``: train, test, or "" for either.
    """

    id: int
    digest: str
    alpha_digest: str
    kind: AssetForm
    group: str
    name: str
    frames: int
    width: int
    height: int
    fps: Fraction | None
    soft: bool
    origin: Literal["asset", "video"]
    caption: str
    facts: AssetFacts | None
    cutout: str
    load_small: Callable[[], GrayStack] = field(repr=False)
    depth: PoolMask | None = None
    split: str = ""

    def doubted(self, window: FrameWindow) -> bool:
        """Whether the matte of a frame in ``window`` seems to be that of another picture."""
        return self.facts is not None and any(map(window.takes, self.facts.suspects))


@dataclass(frozen=True, slots=True, eq=False)
class PoolBackground:
    """A still or a clip without a subject of its own that matters. ``fps`` is None for a still."""

    id: int
    digest: str
    kind: AssetForm
    group: str
    name: str
    frames: int
    width: int
    height: int
    fps: Fraction | None
    origin: Literal["asset", "video"]
    caption: str
    split: str = ""


@dataclass(frozen=True, slots=True)
class PoolSceneFile:
    """A file that a rendered scene may use: a 3D model or a picture of light. ``ending`` says
    what it is, with its dot."""

    id: int
    digest: str
    name: str
    ending: str
    split: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Everything that a run may draw, each kind sorted by digest, so that the order of import
    changes no sample. Recipes hold it by identity: make it once per run."""

    clips: tuple[PoolClip, ...] = ()
    foregrounds: tuple[PoolForeground, ...] = ()
    backgrounds: tuple[PoolBackground, ...] = ()
    models: tuple[PoolSceneFile, ...] = ()
    lights: tuple[PoolSceneFile, ...] = ()

    def __post_init__(self) -> None:
        for kind in fields(self):
            ordered = sorted(getattr(self, kind.name), key=lambda one: (one.digest, one.id))
            object.__setattr__(self, kind.name, tuple(ordered))

    def on_side(self, asked: SplitChoice) -> Pool:
        """Return what may be drawn for one side of a split: the pool itself for either."""
        if asked == "any":
            return self
        return replace(
            self,
            **{
                kind.name: tuple(
                    one for one in getattr(self, kind.name) if is_on_side(one.split, asked)
                )
                for kind in fields(self)
            },
        )

    def as_foregrounds(self) -> tuple[PoolForeground, ...]:
        """Return the foregrounds, and every clip once per mask as a subject cut out by it."""
        cut = [cut_out(clip, mask) for clip in self.clips for mask in clip.masks]
        return tuple(
            sorted([*self.foregrounds, *cut], key=lambda one: (one.digest, one.alpha_digest))
        )

    def as_backgrounds(self) -> tuple[PoolBackground, ...]:
        """Return the backgrounds, and every clip as it is."""
        clips = [_behind(clip) for clip in self.clips]
        return tuple(sorted([*self.backgrounds, *clips], key=lambda one: (one.digest, one.id)))


def cut_out(clip: PoolClip, mask: PoolMask) -> PoolForeground:
    """Return ``clip`` as a subject, seen through ``mask``; as long as both reach."""
    return PoolForeground(
        id=clip.id,
        digest=clip.digest,
        alpha_digest=mask.digest,
        kind="clip",
        group=clip.group or clip.digest,
        name=f"{clip.name} / {mask.name}",
        frames=min(clip.frames, mask.frames),
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
        soft=mask.soft,
        origin="video",
        caption=clip.caption,
        facts=None,
        cutout="",
        load_small=mask.load_small,
        depth=clip.depth,
        split=clip.split,
    )


def _behind(clip: PoolClip) -> PoolBackground:
    return PoolBackground(
        id=clip.id,
        digest=clip.digest,
        kind="clip",
        group=clip.group or clip.digest,
        name=clip.name,
        frames=clip.frames,
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
        origin="video",
        caption=clip.caption,
        split=clip.split,
    )

"""Green screen: what stands before a lit screen, cut out with a soft alpha and its own colours.

The extraction step of flow-based video matting, as a keyer does it: soft, against the screen as it
is lit at that place, free of spill, at rest where the footage is. A sample that a reviewer accepts
becomes a foreground of the library.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path

import numpy as np
from pydantic import Field, field_validator
from pydantic.config import JsonDict

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.recipes.base import (
    Admitted,
    ClipRef,
    Layers,
    LayerSpec,
    LeftOut,
    MaskRef,
    Plan,
    Pool,
    PoolClip,
    RecipeParams,
    Rejected,
    Resumable,
    Survey,
)
from datasets_app.domain.synthesis.chroma.keying import Keyer, KeySettings, held, require_screen
from datasets_app.domain.synthesis.chroma.screen import ScreenColour
from datasets_app.domain.synthesis.compositing.recomposition import Recomposition
from datasets_app.domain.synthesis.compositing.trimask import HALF
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.optics.depth_track import spread_numbers
from datasets_app.domain.synthesis.plates.scene_params import LONGEST, colour_text, rgb_of
from datasets_app.domain.synthesis.sources.source_frames import clip_frames, mask_frames

_LOOKS = 8
_KEY: JsonDict = {"group": "Key"}
_CLEAN: JsonDict = {"group": "Clean-up"}
_GARBAGE: JsonDict = {"group": "Garbage matte"}


class GreenScreenParams(RecipeParams):
    """Which clips, and how they are keyed."""

    clips: str = Field(
        "",
        title="Clips",
        description="Only clips whose name contains this; empty takes every clip",
    )
    min_frames: int = Field(1, ge=1, le=LONGEST, title="Frames, at least")
    max_frames: int = Field(LONGEST, ge=1, le=LONGEST, title="Frames, at most")
    screen: str = Field(
        "",
        title="Screen colour",
        description="As #rrggbb, or picked from a clip; empty finds the green or blue screen by "
        "itself",
        json_schema_extra={"picks": True, **_KEY},
    )
    tolerance: float = Field(
        0.12,
        ge=0,
        le=0.9,
        title="Tolerance",
        description="How far from the screen's colour, towards grey, still is bare screen",
        json_schema_extra=_KEY,
    )
    softness: float = Field(
        0.8,
        ge=0.01,
        le=1,
        title="Softness",
        description="Over how much of it alpha rises from 0 to 1",
        json_schema_extra=_KEY,
    )
    spill: float = Field(
        1.0,
        ge=0,
        le=1,
        title="Spill removal",
        description="How much of the screen's light on the object is taken away",
        json_schema_extra=_KEY,
    )
    refine: bool = Field(True, title="Solve soft edges", json_schema_extra=_KEY)
    hold: int = Field(
        1,
        ge=0,
        le=4,
        title="Temporal hold",
        description="Frames to both sides that steady what does not move",
        json_schema_extra={"unit": "frames", **_CLEAN},
    )
    specks: float = Field(
        0.05,
        ge=0,
        le=5,
        title="Specks",
        description="Islands of object up to this size vanish",
        json_schema_extra={"unit": "% of frame", **_CLEAN},
    )
    holes: float = Field(
        0.2,
        ge=0,
        le=5,
        title="Holes",
        description="Islands of screen up to this size are filled",
        json_schema_extra={"unit": "% of frame", **_CLEAN},
    )
    left: float = Field(0, ge=0, le=0.9, title="Left", json_schema_extra=_GARBAGE)
    top: float = Field(0, ge=0, le=0.9, title="Top", json_schema_extra=_GARBAGE)
    right: float = Field(0, ge=0, le=0.9, title="Right", json_schema_extra=_GARBAGE)
    bottom: float = Field(
        0,
        ge=0,
        le=0.9,
        title="Bottom",
        description="Shares of the frame that are cut away at its sides; what a mask called "
        "garbage marks on a clip is cut away too",
        json_schema_extra=_GARBAGE,
    )

    @field_validator("screen")
    @classmethod
    def _colour(cls, text: str) -> str:
        return colour_text(text)


class GreenScreenPlan(Plan):
    """Every frame of ``clip`` from ``start``, keyed. ``screen``: its colour as #rrggbb, "" when it
    is to be found in the clip. ``garbage``: what its white marks is cut away."""

    clip: ClipRef
    garbage: MaskRef | None
    start: int
    step: int
    screen: str
    tolerance: float
    softness: float
    spill: float
    refine: bool
    hold: int
    specks: float
    holes: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""
        garbage = () if self.garbage is None else (self.garbage.digest,)
        return (self.clip.digest, *garbage)

    @property
    def recomposition(self) -> Recomposition | None:
        """Return None: the screen's light is taken off the object, so that nothing recomposes."""
        return None

    @property
    def settings(self) -> KeySettings:
        """How a frame is keyed."""
        return KeySettings(
            tolerance=self.tolerance,
            softness=self.softness,
            spill=self.spill,
            refine=self.refine,
            specks=self.specks / 100,
            holes=self.holes / 100,
            left=self.left,
            top=self.top,
            right=self.right,
            bottom=self.bottom,
        )


class GreenScreen(Resumable[GreenScreenPlan]):
    """Keys each clip, in turn."""

    info = PluginInfo(
        slug="green_screen",
        label="Green screen",
        summary="What stands before a lit screen, cut out softly and free of spill",
        version=1,
    )
    params = GreenScreenParams
    plan_model = GreenScreenPlan
    category = "green-screen"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.3, 2
    needs = "clips filmed before a green or blue screen"
    layers = (
        LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
        LayerSpec("alpha", "gray", delivered=True),
        LayerSpec("fgr", "rgb", delivered=True),
    )

    def survey(self, params: GreenScreenParams, pool: Pool) -> Survey:
        """Say which clips will be keyed. Whether one shows a screen is seen when it is read."""
        named = [clip for clip in pool.clips if _is_named(clip, params)]
        short = [clip for clip in named if clip.frames < params.min_frames]
        reason = ""
        if len(short) == len(named):
            reason = "no clip has that name" if pool.clips and not named else ""
            reason = reason or ("every clip is too short" if named else "there is no clip")
        return Survey(
            tuple(
                Admitted(clip.id, clip.name, float(clip.frames))
                for clip in named
                if clip not in short
            ),
            tuple(_too_short(clip, params.min_frames) for clip in short),
            not reason,
            reason,
        )

    def plan(
        self, params: GreenScreenParams, pool: Pool, rng: np.random.Generator
    ) -> GreenScreenPlan | Rejected:
        """Make one try with any clip."""
        return self.plan_turn(params, pool, rng, int(rng.integers(2**31)))

    def plan_turn(
        self, params: GreenScreenParams, pool: Pool, rng: np.random.Generator, turn: int
    ) -> GreenScreenPlan | Rejected:
        """Take the clips one after the other; only the piece of a longer one is drawn."""
        clips = [
            clip
            for clip in pool.clips
            if _is_named(clip, params) and clip.frames >= params.min_frames
        ]
        if not clips:
            return Rejected("no clip can be keyed")
        clip = clips[turn % len(clips)]
        length = min(clip.frames, params.max_frames)
        start = int(rng.integers(clip.frames - length + 1))
        return _as_plan(clip, FrameWindow(start, 1, length), params)

    def frames_from(
        self, plan: GreenScreenPlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Yield the layers of frame ``first`` and on, the same as `render` gives for them.

        Raises BadInput when no screen is to be seen.
        """
        keyer = Keyer(plan.settings, _screen(plan, sources))
        begin = max(0, first - plan.hold)
        window = FrameWindow(plan.start, plan.step, plan.frames).rest(begin)
        with ExitStack() as stack:
            pictures = stack.enter_context(closing(clip_frames(plan.clip, sources, window)))
            mattes = _mattes(plan, keyer, pictures, sources, window, stack)
            steady = held(mattes, plan.hold) if plan.hold else mattes
            made = (_layers(keyer, picture, alpha) for picture, alpha in steady)
            yield from islice(made, first - begin, None)


def _layers(keyer: Keyer, picture: RgbFrame, alpha: GrayFrame) -> Layers:
    keyed = keyer.key(picture, alpha)
    return {"rgb_full": picture, "alpha": keyed.alpha, "fgr": keyed.foreground}


def _mattes(
    plan: GreenScreenPlan,
    keyer: Keyer,
    pictures: Iterator[RgbFrame],
    sources: Mapping[str, Path],
    window: FrameWindow,
    stack: ExitStack,
) -> Iterator[tuple[RgbFrame, GrayFrame]]:
    """Yield each picture with its own alpha, garbage cut away."""
    garbage: Iterator[GrayFrame] | None = None
    if plan.garbage is not None:
        garbage = stack.enter_context(closing(mask_frames(plan.garbage, sources, window)))
    for picture in pictures:
        alpha = keyer.alpha(picture)
        if garbage is not None:
            alpha[next(garbage) > HALF] = 0
        yield picture, alpha


def _screen(plan: GreenScreenPlan, sources: Mapping[str, Path]) -> ScreenColour:
    """Return the screen's colour; looks at frames spread over the whole sample."""
    if plan.screen:
        return ScreenColour(*rgb_of(plan.screen))
    return require_screen(_looked_at(plan, sources), plan.clip.name)


def _looked_at(plan: GreenScreenPlan, sources: Mapping[str, Path]) -> Iterator[RgbFrame]:
    for number in spread_numbers(plan.frames, _LOOKS):
        one = FrameWindow(plan.start + number * plan.step, 1, 1)
        with closing(clip_frames(plan.clip, sources, one)) as frames:
            yield next(frames)


def _is_named(clip: PoolClip, params: GreenScreenParams) -> bool:
    return params.clips.casefold() in clip.name.casefold()


def _too_short(clip: PoolClip, least: int) -> LeftOut:
    return LeftOut(
        id=clip.id,
        name=clip.name,
        figure=float(clip.frames),
        reason=f"has {clip.frames} frames of {least}",
        threshold=float(clip.frames),
        admits={"min_frames": float(clip.frames)},
    )


def _as_plan(clip: PoolClip, window: FrameWindow, params: GreenScreenParams) -> GreenScreenPlan:
    chosen = ("tolerance", "softness", "spill", "refine", "hold", "specks", "holes")
    sides = ("left", "top", "right", "bottom")
    return GreenScreenPlan(
        frames=window.length,
        width=clip.width,
        height=clip.height,
        fps_num=clip.fps.numerator,
        fps_den=clip.fps.denominator,
        caption=clip.caption,
        clip=ClipRef.of(clip),
        garbage=None if clip.garbage is None else MaskRef.of(clip.garbage),
        start=window.start,
        step=window.step,
        screen=params.screen,
        **{name: getattr(params, name) for name in (*chosen, *sides)},
    )

"""ObjectPaste: the masked object of one clip over another, with that clip as the clean answer.

After the ObjectPaste category of the Casper training data (Generative Omnimatte, Lee et al.,
CVPR 2025), with every figure measured on the mask as it lies in the frame.

A sample is made of frames start, start + step, ... of both clips, paired by frame number; it has
the background's size and, since its motion is to keep its speed, the background's rate / step.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from itertools import repeat
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.recipes.base import (
    ClipRef,
    Layers,
    LayerSpec,
    MaskRef,
    Plan,
    Pool,
    RecipeParams,
    Rejected,
    Resumable,
    Survey,
)
from datasets_app.domain.synthesis.compositing import trimask
from datasets_app.domain.synthesis.compositing.colour_match import measured_match
from datasets_app.domain.synthesis.compositing.compositor import Compositor
from datasets_app.domain.synthesis.compositing.recomposition import Recomposition, over
from datasets_app.domain.synthesis.geometry.placement import place
from datasets_app.domain.synthesis.geometry.window import FrameWindow, WindowRule
from datasets_app.domain.synthesis.pasting.admission import PasteLimits
from datasets_app.domain.synthesis.pasting.paste import PasteLook, paste_layers
from datasets_app.domain.synthesis.pasting.paste_draw import PasteDraw, draw_paste
from datasets_app.domain.synthesis.pasting.paste_pool import PastePool
from datasets_app.domain.synthesis.sources.last_seen import LastSeen
from datasets_app.domain.synthesis.sources.mask_track import MaskFigures
from datasets_app.domain.synthesis.sources.sides import SplitChoice, split_field
from datasets_app.domain.synthesis.sources.source_frames import clip_frames, mask_frames

_DIGITS = 6
_LOOKS = 5
"""Frames, spread over a sample, that its colours are measured on."""


class ObjectPasteParams(RecipeParams):
    """Ranges and defaults of the Casper data; shares of the frame are 0..1."""

    split: SplitChoice = split_field()
    scale_min: float = Field(0.4, gt=0, le=1, title="Smallest scale")
    scale_max: float = Field(1.0, gt=0, le=1, title="Largest scale")
    shift: float = Field(
        0.2, ge=0, le=0.5, title="Shift", description="Largest share of width and height, each way"
    )
    mask_mean_min: float = Field(
        0.05,
        gt=0,
        le=1,
        title="Mean cover, at least",
        description="Mean over the sample of the share of the frame that the object covers",
    )
    mask_max: float = Field(
        0.8, gt=0, le=1, title="Cover, at most", description="In the frame that it covers most"
    )
    mask_stationary_min: float = Field(
        0.05,
        ge=0,
        le=1,
        title="Resting cover, at least",
        description="Share of pixels that the object covers in more than a tenth of the time",
    )
    preservation: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Preservation",
        description="How often a mask of the background clip is marked as to be kept",
    )
    mask_mode: Literal["trimask", "binary", "mixed"] = Field(
        "trimask",
        title="Mask",
        description="trimask: 0 remove, 128 background, 255 keep. binary: 0 remove, 255 the rest. "
        "mixed: either, drawn for each sample",
    )
    mask_margin: int = Field(
        2,
        ge=0,
        le=64,
        title="Mask margin",
        description="The mask removes this many pixels around the object too: 4:2:0 video spreads "
        "its colour by up to 2",
        json_schema_extra={"unit": "px"},
    )
    soft_edge: int = Field(
        0,
        ge=0,
        le=32,
        title="Soft edge",
        description="Pixels over which the edge fades, with estimated foreground colour; 0 is hard",
        json_schema_extra={"unit": "px"},
    )
    colour_match: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Colour match",
        description="How far the object takes on the background's brightness and tint",
    )
    contact_shadow: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Contact shadow",
        description="How dark it is where the object stands; with it, what lies behind the object "
        "is a layer of its own",
    )
    min_frames: int = Field(17, ge=1, le=4096, title="Frames, at least")
    max_frames: int = Field(256, ge=1, le=4096, title="Frames, at most")
    max_stride: int = Field(
        4,
        ge=1,
        le=4096,
        title="Stride, at most",
        description="Longer clips are thinned by frames / 'Frames, at most', but no further",
    )
    every_nth: int = Field(
        1,
        ge=1,
        le=240,
        title="Every n-th frame",
        description="2 makes 16 fps out of 32; the number is recorded on the sample",
    )

    @model_validator(mode="after")
    def _ordered(self) -> ObjectPasteParams:
        for low, high in (
            ("scale_min", "scale_max"),
            ("mask_mean_min", "mask_max"),
            ("min_frames", "max_frames"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} must not exceed {high}")
        return self

    @property
    def limits(self) -> PasteLimits:
        """What a pasted mask must fulfil."""
        return PasteLimits(
            mean_min=self.mask_mean_min,
            max_max=self.mask_max,
            stationary_min=self.mask_stationary_min,
            scale_min=self.scale_min,
            scale_max=self.scale_max,
            shift=self.shift,
        )

    @property
    def rule(self) -> WindowRule:
        """Which frames make a sample."""
        return WindowRule(self.every_nth, self.max_frames, self.max_stride)


class ObjectPastePlan(Plan):
    """Frame i of the sample is frame ``start`` + i * ``step`` of every clip.

    ``scale`` is about the frame's centre after the object clip was fitted into the background's
    frame, ``shift_x`` and ``shift_y`` are shares of width and height. ``mean``, ``max`` and
    ``stationary`` are the figures that the draw passed with.
    """

    foreground: ClipRef
    mask: MaskRef
    background: ClipRef
    preserved: MaskRef | None
    start: int
    step: int
    scale: float
    shift_x: float
    shift_y: float
    mask_mode: trimask.MaskMode
    mask_margin: int
    soft_edge: int
    mean: float
    max: float
    stationary: float
    colour_match: float = 0.0
    contact_shadow: float = 0.0

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""
        refs = (self.foreground, self.mask, self.background, self.preserved)
        return tuple(dict.fromkeys(ref.digest for ref in refs if ref is not None))

    @property
    def recomposition(self) -> Recomposition:
        """What holds between the layers."""
        return over("bgr" if self.contact_shadow else "rgb_removed")

    def sample_layers(self, declared: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
        """Return the layers; what lies behind the object is one where it is not the clean clip."""
        behind = (LayerSpec("bgr", "rgb", delivered=True),) if self.contact_shadow else ()
        return declared + behind

    def compositor(self) -> Compositor:
        """Return what lays one frame's object over its background."""
        source = FrameSize(self.foreground.width, self.foreground.height)
        frame = FrameSize(self.width, self.height)
        placement = place(
            source, frame, scale=self.scale, shift_x=self.shift_x, shift_y=self.shift_y
        )
        return Compositor(placement, soft=self.mask.soft, soft_edge=self.soft_edge)


class ObjectPaste(Resumable[ObjectPastePlan]):
    """Pastes the object that a mask cuts out of one clip into a clip of another scene."""

    info = PluginInfo(
        slug="object_paste",
        label="ObjectPaste",
        summary="A masked object of one clip over another clip, which stays as the clean answer",
        version=1,
    )
    params = ObjectPasteParams
    plan_model = ObjectPastePlan
    category = "object-paste"
    cpu_seconds_per_megapixel, bytes_per_pixel = 0.23, 2
    needs = "two clips of different scenes, at least one of them with a mask"
    layers = (
        LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
        LayerSpec("rgb_removed", "rgb", delivered=True),
        LayerSpec("mask", "gray", delivered=True),
        LayerSpec("alpha", "gray", delivered=True),
        LayerSpec("fgr", "rgb", delivered=False),
    )

    def __init__(self) -> None:
        self._pool = LastSeen(_seen)

    def survey(self, params: ObjectPasteParams, pool: Pool) -> Survey:
        """Say which masks may be pasted, and for the others what they reach and what they lack."""
        return self._pool(params, pool).survey()

    def plan(
        self, params: ObjectPasteParams, pool: Pool, rng: np.random.Generator
    ) -> ObjectPastePlan | Rejected:
        """Make one try: draw, then hold the mask, as it would lie in the frame, to the limits.

        The order of the draws belongs to the recipe's version.
        """
        drawable = self._pool(params, pool)
        if not drawable.objects:
            return Rejected("nothing in the pool may be pasted")
        draw = draw_paste(drawable, params.preservation, rng)
        mode = _draw_mode(params, rng)
        if draw.window.length < params.min_frames:
            return Rejected("the two clips have fewer than min_frames in common")
        figures = draw.figures()
        complaint = params.limits.complaint(figures)
        return Rejected(complaint) if complaint else _as_plan(draw, figures, params, mode)

    def frames_from(
        self, plan: ObjectPastePlan, sources: Mapping[str, Path], first: int
    ) -> Generator[Layers, None, None]:
        """Decode the sources side by side and yield the layers frame by frame."""
        window = FrameWindow(plan.start, plan.step, plan.frames).rest(first)
        with ExitStack() as stack:
            pictures = clip_frames(plan.foreground, sources, window)
            masks = mask_frames(plan.mask, sources, window)
            backgrounds = clip_frames(plan.background, sources, window)
            preserved = _preserved_frames(plan, sources, window)
            for frames in (pictures, masks, backgrounds, preserved):
                stack.enter_context(closing(frames))
            yield from paste_layers(
                plan.compositor(),
                plan.mask_mode,
                pictures,
                masks,
                backgrounds,
                preserved,
                margin=plan.mask_margin,
                look=_look(plan, sources),
            )


def _look(plan: ObjectPastePlan, sources: Mapping[str, Path]) -> PasteLook:
    """Measure colours on a few frames of the whole sample, whichever frame is to come first."""
    if not plan.colour_match:
        return PasteLook(shadow=plan.contact_shadow)
    step = max(1, plan.frames // _LOOKS)
    window = FrameWindow(plan.start, plan.step * step, -(-plan.frames // step))
    compositor = plan.compositor()
    with ExitStack() as stack:
        streams = (
            stack.enter_context(closing(clip_frames(plan.foreground, sources, window))),
            stack.enter_context(closing(mask_frames(plan.mask, sources, window))),
            stack.enter_context(closing(clip_frames(plan.background, sources, window))),
        )
        pasted = (
            (compositor.paste(picture, cut, behind), behind)
            for picture, cut, behind in zip(*streams, strict=True)
        )
        match = measured_match(
            ((one.foreground, one.alpha, behind) for one, behind in pasted), plan.colour_match
        )
    return PasteLook(match, plan.contact_shadow)


def _seen(params: ObjectPasteParams, pool: Pool) -> PastePool:
    return PastePool(
        pool.on_side(params.split),
        limits=params.limits,
        rule=params.rule,
        min_frames=params.min_frames,
    )


def _preserved_frames(
    plan: ObjectPastePlan, sources: Mapping[str, Path], window: FrameWindow
) -> Generator[GrayFrame | None, None, None]:
    if plan.preserved is None:
        yield from repeat(None, window.length)
    else:
        yield from mask_frames(plan.preserved, sources, window)


def _as_plan(
    draw: PasteDraw, figures: MaskFigures, params: ObjectPasteParams, mode: trimask.MaskMode
) -> ObjectPastePlan:
    """Return what is stored on the sample; a binary mask keeps everything anyway."""
    preserved = draw.preserved if mode == "trimask" else None
    fps = draw.background.fps / draw.window.step
    return ObjectPastePlan(
        frames=draw.window.length,
        width=draw.background.width,
        height=draw.background.height,
        fps_num=fps.numerator,
        fps_den=fps.denominator,
        caption=draw.background.caption,
        foreground=ClipRef.of(draw.clip),
        mask=MaskRef.of(draw.mask),
        background=ClipRef.of(draw.background),
        preserved=None if preserved is None else MaskRef.of(preserved),
        start=draw.window.start,
        step=draw.window.step,
        scale=draw.scale,
        shift_x=draw.shift_x,
        shift_y=draw.shift_y,
        mask_mode=mode,
        mask_margin=params.mask_margin,
        soft_edge=params.soft_edge,
        mean=round(figures.mean, _DIGITS),
        max=round(figures.max, _DIGITS),
        stationary=round(figures.stationary, _DIGITS),
        colour_match=params.colour_match,
        contact_shadow=params.contact_shadow,
    )


def _draw_mode(params: ObjectPasteParams, rng: np.random.Generator) -> trimask.MaskMode:
    if params.mask_mode == "mixed":
        return "trimask" if rng.random() < 0.5 else "binary"
    return params.mask_mode

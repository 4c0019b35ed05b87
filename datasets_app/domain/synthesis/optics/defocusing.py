"""The layers of a defocused sample, frame by frame, from its scene, its depth and its lens."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.light import to_linear, to_stored
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.synthesis.compositing.mixing import Light, mix
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.optics.depth_track import (
    DepthScale,
    disparities,
    disparity_looks,
    middle,
    parted,
    scale_of,
    spread_numbers,
)
from datasets_app.domain.synthesis.optics.lens import Aperture, FocusPull, Lens
from datasets_app.domain.synthesis.optics.lens_blur import Focused, Surface, focused
from datasets_app.domain.synthesis.plates.filmed_scene import filmed_frames
from datasets_app.domain.synthesis.plates.scene_frames import Scene, ScenePart, ScenePlan
from datasets_app.domain.synthesis.sources.references import MaskRef
from datasets_app.domain.synthesis.sources.source_frames import alpha_looks

Floats = npt.NDArray[np.float32]

_LOOKS = 6


@dataclass(frozen=True, slots=True)
class Optics:
    """``blur``: diameter in pixels at a disparity difference of 1. ``near``, ``far``: disparity of
    subject and background without a track. ``ground``: how far the background comes towards the
    subject at the bottom. ``focus`` goes from subject (0) to background (1)."""

    blur: float
    tolerance: float
    aperture: Aperture
    linear_light: bool
    light: Light
    near: float
    far: float
    ground: float
    focus: FocusPull
    follow: bool

    @property
    def lens(self) -> Lens:
        """Return the lens; no point spreads wider than over the whole depth."""
        return Lens(
            strength=self.blur,
            largest=self.blur,
            tolerance=self.tolerance,
            aperture=self.aperture,
        )


class DefocusedPlan(ScenePlan, Protocol):
    """What a plan says of a scene before a lens."""

    @property
    def filmed(self) -> bool: ...
    @property
    def depth(self) -> MaskRef | None: ...
    @property
    def optics(self) -> Optics: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Depth:
    """Disparities of one frame: of the subject, of what lies behind it, and where each is in
    focus."""

    subject: Floats | float
    behind: Floats | float
    subject_focus: float
    behind_focus: float


def defocused_layers(
    plan: DefocusedPlan, sources: Mapping[str, Path], first: int
) -> Generator[Layers, None, None]:
    """Yield rgb_full, alpha, fgr, bgr and depth of the frames from ``first`` on.

    Memory: one frame of each source, nine of a depth track, and three times eight floats a pixel.
    """
    window = FrameWindow(plan.start, plan.step, plan.frames)
    optics = plan.optics
    with ExitStack() as stack:
        if plan.filmed:
            scene = filmed_frames(plan.foreground, sources, window.rest(first), plan.soft_edge)
        else:
            scene = Scene.of(plan).frames(sources, first)
        parts = stack.enter_context(closing(scene))
        tracks: Iterator[Floats | None] = repeat(None)
        focus: _TrackFocus | None = None
        if plan.depth is not None:
            focus = _track_focus(plan, plan.depth, sources, window)
            tracks = stack.enter_context(
                closing(disparities(plan.depth, sources, window, focus.scale, first))
            )
        for number, part in enumerate(parts, start=first):
            track = next(tracks)
            if track is None or focus is None:
                depth = _layer_depth(optics, part.alpha)
            else:
                depth = _track_depth(track, part.alpha, focus, optics.follow)
            yield _layers(part, depth, optics, number)


@dataclass(frozen=True, slots=True)
class _TrackFocus:
    """Scale of a track, and where subject and background mostly are over the clip."""

    scale: DepthScale
    subject: float
    behind: float


def _track_focus(
    plan: DefocusedPlan, track: MaskRef, sources: Mapping[str, Path], window: FrameWindow
) -> _TrackFocus:
    """Look at frames spread over the sample; a clip of one frame has that one."""
    scale = scale_of(track, sources, window)
    subjects, behinds = [], []
    numbers = spread_numbers(window.length, _LOOKS)
    with (
        closing(disparity_looks(track, sources, window, scale, numbers)) as frames,
        closing(alpha_looks(plan.foreground, sources, window, numbers)) as alphas,
    ):
        for disparity, alpha in zip(frames, alphas, strict=True):
            place = middle(disparity, alpha)
            if place is not None:
                subjects.append(place)
            outside = disparity[alpha == 0]
            if outside.size:
                behinds.append(float(np.percentile(outside, 20)))
    subject = float(np.median(subjects)) if subjects else 0.5
    return _TrackFocus(scale, subject, float(np.median(behinds)) if behinds else 0.0)


def _layer_depth(optics: Optics, alpha: GrayFrame) -> _Depth:
    """One depth for the subject; the background comes nearer below its middle."""
    behind: Floats | float = optics.far
    if optics.ground:
        height, width = alpha.shape
        rise = np.clip((np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1, 0, 1)
        rows = optics.far + (optics.near - optics.far) * np.float32(optics.ground) * rise
        behind = np.repeat(rows[:, None], width, axis=1).astype(np.float32)
    return _Depth(optics.near, behind, optics.near, optics.far)


def _track_depth(track: Floats, alpha: GrayFrame, focus: _TrackFocus, follow: bool) -> _Depth:
    subject, behind = parted(track, alpha)
    place = middle(track, alpha) if follow else None
    return _Depth(subject, behind, focus.subject if place is None else place, focus.behind)


def _layers(part: ScenePart, depth: _Depth, optics: Optics, number: int) -> Layers:
    """Return the layers of one frame. Alpha and colours are rounded first and rgb_full is mixed
    from what is stored, so that it recomposes exactly."""
    gone = optics.focus.at(number)
    plane = depth.subject_focus + gone * (depth.behind_focus - depth.subject_focus)
    subject = Surface(_cut_out(part, optics.linear_light), depth.subject)
    behind = Surface(_opaque(part.background, optics.linear_light), depth.behind)
    seen = focused(subject, behind, optics.lens, plane)
    return _stored(seen, depth, part.alpha, optics)


def _stored(seen: Focused, depth: _Depth, sharp: GrayFrame, optics: Optics) -> Layers:
    stored = np.rint(seen.alpha * 255).astype(np.uint8)
    foreground = np.zeros((*stored.shape, 3), np.uint8)
    background = _picture(seen.background, optics.linear_light)
    full = background.copy()
    left, top, width, height = cv2.boundingRect(stored)
    if width:
        part = Box(left, top, left + width, top + height).slices
        light = np.ascontiguousarray(seen.foreground[part])
        cv2.copyTo(_picture(light, optics.linear_light), stored[part], foreground[part])
        full[part] = mix(
            np.ascontiguousarray(foreground[part]),
            np.ascontiguousarray(background[part]),
            np.ascontiguousarray(stored[part]),
            optics.light,
        )
    return {
        "rgb_full": full,
        "alpha": stored,
        "fgr": foreground,
        "bgr": background,
        "depth": _depth_picture(depth, sharp),
    }


def _depth_picture(depth: _Depth, sharp: GrayFrame) -> GrayFrame:
    """Return the disparity of what is seen, 255 nearest, before the lens."""
    picture = np.where(sharp > 127, np.float32(depth.subject), np.float32(depth.behind))
    stored: GrayFrame = np.rint(picture * 255).astype(np.uint8)
    return stored


def _cut_out(part: ScenePart, linear: bool) -> Floats:
    """Return the subject's light times its coverage, and the coverage, (H, W, 4)."""
    light = np.zeros((*part.alpha.shape, 4), np.float32)
    left, top, width, height = cv2.boundingRect(part.alpha)
    if width:
        where = Box(left, top, left + width, top + height).slices
        four = _opaque(np.ascontiguousarray(part.foreground[where]), linear)
        light[where] = four * (part.alpha[where].astype(np.float32) / np.float32(255))[..., None]
    return light


def _opaque(picture: RgbFrame, linear: bool) -> Floats:
    """Return the light of ``picture`` with a coverage of 1, (H, W, 4)."""
    light = to_linear(picture) if linear else picture.astype(np.float32) / np.float32(255)
    four: Floats = cv2.cvtColor(light, cv2.COLOR_RGB2RGBA)
    return four


def _picture(light: Floats, linear: bool) -> RgbFrame:
    if linear:
        return to_stored(light)
    picture: RgbFrame = np.rint(np.clip(light, 0, 1) * 255).astype(np.uint8)
    return picture

"""Everything that chance decides about a subject before a background."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.recipes.base import Rejected
from datasets_app.domain.synthesis.geometry.camera import draw_camera
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.plates.backdrop import Backdrop, Rgb, drawn_colour, plain
from datasets_app.domain.synthesis.plates.scene_params import SceneParams, rgb_of
from datasets_app.domain.synthesis.plates.scene_pool import ScenePool
from datasets_app.domain.synthesis.sources.pool import PoolBackground, PoolForeground
from datasets_app.domain.synthesis.sources.references import AssetRef

ANOTHERS_MATTE = "a frame was drawn whose matte is that of another picture"

_DIGITS = 6
_STILL_RATE = Fraction(25)


@dataclass(frozen=True, slots=True)
class SceneDraw:
    """A subject in ``window`` of its frames, its place, and what lies behind it."""

    subject: PoolForeground
    window: FrameWindow
    backdrop: Backdrop
    size: FrameSize
    fps: Fraction
    caption: str
    scale: float
    shift_x: float
    shift_y: float


def draw_scene(
    pool: ScenePool, params: SceneParams, rng: np.random.Generator
) -> SceneDraw | Rejected:
    """Draw one try; the order of the draws is fixed, since stored seeds depend on it."""
    subject = pool.draw_subject(rng)
    kind = _draw_kind(params, rng)
    behind = None
    if kind == "footage":
        least = (params.min_frames - 1) * params.every_nth + 1
        behind = pool.draw_background(subject.group, least, rng)
        if behind is None:
            return Rejected("no background of another scene is long enough")
    window, background_start = _draw_windows(subject, behind, params, rng)
    if subject.doubted(window):
        return Rejected(ANOTHERS_MATTE)
    size = frame_of(subject, params.short_side)
    camera = draw_camera(params.camera, window.length, rng)
    top, bottom = _draw_colours(kind, params.colour, rng)
    backdrop = plain(top, bottom)
    if behind is not None:
        backdrop = Backdrop(
            source=AssetRef.of(behind),
            start=background_start,
            step=1 if behind.kind == "still" else params.every_nth,
            camera=camera,
            top=top,
            bottom=bottom,
        )
    return SceneDraw(
        subject=subject,
        window=window,
        backdrop=backdrop,
        size=size,
        fps=_rate(subject, behind) / window.step,
        caption=behind.caption if behind is not None and behind.caption else subject.caption,
        scale=_uniform(params.scale_min, params.scale_max, rng),
        shift_x=_uniform(-params.shift, params.shift, rng),
        shift_y=_uniform(-params.shift, params.shift, rng),
    )


def draw_own_scene(
    pool: ScenePool, params: SceneParams, rng: np.random.Generator
) -> tuple[PoolForeground, FrameWindow, FrameSize] | Rejected:
    """Draw a subject that stays where it was filmed."""
    subject = pool.draw_subject(rng)
    window, _ = _draw_windows(subject, None, params, rng)
    if subject.doubted(window):
        return Rejected(ANOTHERS_MATTE)
    return subject, window, FrameSize(subject.width, subject.height)


def frame_of(subject: PoolForeground, short_side: int) -> FrameSize:
    """Return the size of the frame: that of the subject, scaled to a short side unless that is 0.

    Sides that are scaled come out even.
    """
    if not short_side:
        return FrameSize(subject.width, subject.height)
    factor = short_side / min(subject.width, subject.height)
    return FrameSize(
        max(2, 2 * round(subject.width * factor / 2)),
        max(2, 2 * round(subject.height * factor / 2)),
    )


def rate_of(subject: PoolForeground) -> Fraction:
    """Return the frame rate of a subject; a still has one of its own."""
    return subject.fps or _STILL_RATE


def _rate(subject: PoolForeground, behind: PoolBackground | None) -> Fraction:
    if subject.fps is not None:
        return subject.fps
    return behind.fps if behind is not None and behind.fps is not None else _STILL_RATE


def _draw_windows(
    subject: PoolForeground,
    behind: PoolBackground | None,
    params: SceneParams,
    rng: np.random.Generator,
) -> tuple[FrameWindow, int]:
    """Return the subject's frames, and where the background's begin."""
    moving = [one for one in (subject, behind) if one is not None and one.kind == "clip"]
    if not moving:
        return FrameWindow(0, 1, params.still_frames), 0
    shape = params.rule.shape(min(one.frames for one in moving))
    starts = {id(one): int(rng.integers(one.frames - shape.span + 1)) for one in moving}
    window = FrameWindow(starts.get(id(subject), 0), shape.step, shape.length)
    return window, starts.get(id(behind), 0)


def _draw_kind(params: SceneParams, rng: np.random.Generator) -> str:
    if params.background != "mixed":
        return params.background
    return ("footage", "colour", "gradient")[rng.integers(3)]


def _draw_colours(kind: str, given: str, rng: np.random.Generator) -> tuple[Rgb, Rgb]:
    top, bottom = drawn_colour(rng), drawn_colour(rng)
    top = rgb_of(given) if given else top
    return top, bottom if kind == "gradient" else top


def _uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """Round before it is used, so that the plan says exactly what is rendered."""
    return round(float(rng.uniform(low, high)), _DIGITS)

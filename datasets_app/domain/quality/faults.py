"""Faults planted into a sample on purpose, of random place and strength.

They prove that the metrics find what they are for, and test a reviewer's eye.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, TypeAlias, get_args

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.quality.derived import object_of
from datasets_app.domain.recipes.base import Layers

FaultKind: TypeAlias = Literal["effect", "shift", "flicker", "frozen", "spill"]
FAULT_KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)

FLICKER_PERIOD: Final = 16
_SPILL = ((30, 220, 60), (40, 80, 230), (225, 40, 50))


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``frames``: those that it touches. ``layers``: those that it is put into.

    ``amount`` is 0..1 (shadow: darkness; spill: share of the colour; flicker: share of opacity or
    darkness), ``pixels`` a width, ``step`` +1 or -1, ``place`` two numbers in -1..1.
    """

    kind: FaultKind
    frames: tuple[int, ...]
    layers: tuple[str, ...]
    amount: float
    pixels: int
    step: int
    place: tuple[float, float]


def draw_fault(
    kind: FaultKind, layers: tuple[str, ...], frames: int, rng: np.random.Generator
) -> Fault:
    """Draw a fault for a sample of ``frames`` frames with these ``layers``; all from ``rng``."""
    return Fault(
        kind=kind,
        frames=_draw_frames(kind, frames, rng),
        layers=_draw_layers(kind, layers, rng),
        amount=float(rng.uniform(0.3, 0.7)),
        pixels=int(rng.integers(2, 5)),
        step=int(rng.choice((-1, 1))),
        place=(float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
    )


def _draw_frames(kind: FaultKind, frames: int, rng: np.random.Generator) -> tuple[int, ...]:
    if kind == "flicker":
        return tuple(range(int(rng.integers(2, FLICKER_PERIOD)), frames - 1, FLICKER_PERIOD))
    if kind == "frozen":
        length = int(rng.integers(1, 4))
    elif rng.random() < 0.3:
        return tuple(range(frames))
    else:
        length = int(rng.integers(min(6, frames // 3), frames // 2))
    first = int(rng.integers(2, frames - length - 1))
    return tuple(range(first, first + length))


def _draw_layers(
    kind: FaultKind, layers: tuple[str, ...], rng: np.random.Generator
) -> tuple[str, ...]:
    colours = tuple(name for name in ("rgb_full", "rgb_removed", "fgr") if name in layers)
    mattes = tuple(name for name in ("alpha", "mask") if name in layers)
    choices: dict[FaultKind, list[tuple[str, ...]]] = {
        "effect": [("rgb_full", "rgb_removed")],
        "shift": [*((name,) for name in mattes), ("rgb_removed",)],
        "flicker": [mattes, ("rgb_removed",)],
        "frozen": [(*colours, *mattes), ("rgb_full",), ("rgb_removed",), mattes],
        "spill": [tuple(name for name in ("rgb_full", "fgr") if name in layers)],
    }
    able = [choice for choice in choices[kind] if set(choice) <= set(layers)]
    return able[int(rng.integers(len(able)))]


def planted(frames: Iterator[Layers], fault: Fault) -> Generator[Layers, None, None]:
    """Yield ``frames`` with ``fault`` in them; at most three frames are held at once."""
    before: Layers | None = None
    current = next(frames)
    touched = frozenset(fault.frames)
    for number, after in enumerate(chain(frames, (None,))):
        neighbour = before if fault.step < 0 or after is None else after
        if number in touched:
            yield _faulty(fault, current, before, neighbour)
        else:
            yield current
        if fault.kind == "frozen" and number in touched and before is not None:
            kept = {name: before[name] for name in fault.layers}
            before = {**current, **kept}
        else:
            before = current
        if after is not None:
            current = after


def _faulty(fault: Fault, frame: Layers, before: Layers | None, near: Layers | None) -> Layers:
    if fault.kind == "shift":
        source = near or frame
        return {**frame, **{name: source[name] for name in fault.layers}}
    if fault.kind == "frozen":
        source = before or frame
        return {**frame, **{name: source[name] for name in fault.layers}}
    if fault.kind == "effect":
        return _shaded(frame, fault)
    if fault.kind == "spill":
        return _spilled(frame, fault)
    return _flickered(frame, fault)


def _shaded(frame: Layers, fault: Fault) -> Layers:
    """Lay a shadow of the object beside it, into the picture behind it."""
    shade = 1 - fault.amount * shadow_of(object_of(frame), fault.place)
    visible = 1 - object_of(frame).astype(np.float32) / 255
    full, removed = frame["rgb_full"], frame["rgb_removed"]
    darker = _times(removed, shade)
    behind = visible[..., None] * (darker.astype(np.float32) - removed)
    seen: RgbFrame = np.clip(np.rint(full + behind), 0, 255).astype(np.uint8)
    return {**frame, "rgb_removed": darker, "rgb_full": seen}


def shadow_of(alpha: GrayFrame, place: tuple[float, float]) -> np.ndarray:
    """Return (H, W) float32 in 0..1: the object flattened, sheared and softened at its feet."""
    height, width = alpha.shape
    _, top, wide, tall = cv2.boundingRect(cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1])
    if wide == 0:
        return np.zeros((height, width), np.float32)
    flat = 0.65 + 0.3 * place[1]
    shear = 0.6 * place[0]
    foot = top + tall
    move = np.array(
        [
            [1, -shear, shear * foot + 0.2 * place[0] * wide],
            [0, flat, (1 - flat) * foot + 0.1 * tall],
        ],
        np.float32,
    )
    thrown = cv2.warpAffine(alpha, move, (width, height))
    blurred = cv2.GaussianBlur(thrown, (0, 0), max(1.0, 0.02 * width))
    return np.asarray(blurred, np.float32) / np.float32(255)


def _spilled(frame: Layers, fault: Fault) -> Layers:
    """Mix a saturated colour into the rim of the object, in its colour and in the picture."""
    alpha = object_of(frame)
    inside = cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1]
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    rim = np.clip(1 - (away - 1) / (2 * fault.pixels), 0, 1) * (alpha > 0)
    colour = np.array(_SPILL[int((fault.place[0] + 1) * 1.5) % 3], np.float32)
    share = (fault.amount * rim)[..., None]
    found = dict(frame)
    for name in {"rgb_full", "fgr"} & set(frame):
        seen = share * (alpha[..., None] / np.float32(255)) if name == "rgb_full" else share
        found[name] = np.rint(frame[name] + seen * (colour - frame[name])).astype(np.uint8)
    return found


def _flickered(frame: Layers, fault: Fault) -> Layers:
    """Make the matte grow or shrink, or what was put in the object's place lighter or darker."""
    if "rgb_removed" in fault.layers:
        soft = cv2.GaussianBlur(object_of(frame), (0, 0), 3).astype(np.float32) / 255
        gain = 1 + fault.step * 0.35 * fault.amount * soft
        return {**frame, "rgb_removed": _times(frame["rgb_removed"], gain)}
    side = 2 * fault.pixels - 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    found = dict(frame)
    for name in fault.layers:
        # The mask is black where the object is, so that it grows when it is eroded.
        grows = (fault.step > 0) == (name == "alpha")
        found[name] = (cv2.dilate if grows else cv2.erode)(frame[name], kernel)
    return found


def _times(picture: RgbFrame, gain: np.ndarray) -> RgbFrame:
    darker: RgbFrame = np.clip(np.rint(picture * gain[..., None]), 0, 255).astype(np.uint8)
    return darker

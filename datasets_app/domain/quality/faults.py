"""Faults planted into good samples on purpose, of random place and strength.

They prove that the metrics find what they are for, and measure a reviewer's eye. `draw_fault`
draws all that is random, so that the same seed gives the same bytes; `planted` puts it in.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np

from datasets_app.domain.plugins import PluginInfo, Registry
from datasets_app.domain.quality import fault_pictures as pictures
from datasets_app.domain.quality.derived import Array, object_of
from datasets_app.domain.recipes.base import Layers
from matteweb.errors import BadInput

FLICKER_PERIOD: Final = 16
# Of the frames that are to have the fault, the share in which it must be visible.
_SHOWN: Final = 0.5
# A matte has to move by about half a pixel, a picture to change by so many levels in so much of it.
_MOVED: Final = 0.25
_CHANGED: Final = {"effect_left": (8, 0.01)}
_CHANGED_ELSE: Final = (3, 0.001)
# Clips shorter than this have the fault all through.
_SHORTEST: Final = 9

Lasting: TypeAlias = Literal["stretch", "moment", "pulses"]
Choices: TypeAlias = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``frames``: those that it is put into; ``layers``: those that it changes.

    ``amount`` is 0.3..0.7 (shadow: darkness; spill, halo: share of the colour; flicker: of light),
    ``pixels`` a width of 2..4, ``step`` +1 or -1, ``place`` two numbers in -1..1.
    """

    kind: str
    frames: tuple[int, ...]
    layers: tuple[str, ...]
    amount: float
    pixels: int
    step: int
    place: tuple[float, float]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault; ``expected`` are the review reasons of which any names it.

    ``choices``: of the colour layers and the mattes that a sample has, the sets that it may be put
    into. ``change`` gets the frame, the fault and the frame before it, or for `step` +1 after it.
    """

    info: PluginInfo
    expected: tuple[str, ...]
    lasts: Lasting
    choices: Callable[[tuple[str, ...], tuple[str, ...]], Choices]
    change: Callable[[Layers, Fault, Layers], Layers]

    def unavailable(self) -> str:
        """Return "": arrays are all that is needed."""
        return ""


def draw_fault(
    kind: str,
    layers: tuple[str, ...],
    frames: int,
    rng: np.random.Generator,
    *,
    strength: float | None = None,
    period: int = FLICKER_PERIOD,
) -> Fault:
    """Draw a fault for a sample of ``frames`` frames with these ``layers``; all from ``rng``.

    ``strength`` 0..1, drawn too when it is None; ``period`` in frames of what comes back. Raises
    BadInput for an unknown kind, and for a sample without the layers or the frames that it needs.
    """
    chosen = FAULTS[kind]
    touched = _draw_frames(chosen.lasts, frames, period, rng)
    put_into = _draw_layers(chosen, layers, rng)
    if not touched:
        raise BadInput(f"{frames} frames are too few for the fault {chosen.info.label!r}")
    drawn = float(rng.uniform(0, 1)), int(rng.integers(2, 5))
    hard, pixels = drawn if strength is None else (strength, 2 + round(2 * strength))
    return Fault(
        kind=chosen.info.slug,
        frames=touched,
        layers=put_into,
        amount=0.3 + 0.4 * hard,
        pixels=pixels,
        step=int(rng.choice((-1, 1))),
        place=(float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
    )


def planted(
    frames: Iterator[Layers], fault: Fault, *, must_show: bool = False
) -> Generator[Layers, None, None]:
    """Yield ``frames`` with ``fault`` in them; at most three frames are held at once.

    ``must_show``: raise BadInput at the end when fewer than half of its frames show it.
    """
    kind = FAULTS[fault.kind]
    before: Layers | None = None
    current = next(frames)
    touched = frozenset(fault.frames)
    shown = 0
    for number, after in enumerate(chain(frames, (None,))):
        near = before if fault.step < 0 or after is None or kind.lasts == "moment" else after
        made = current
        if number in touched:
            made = kind.change(current, fault, near or current)
            shown += must_show and is_visible(fault, current, made)
        yield made
        # A frozen stretch repeats the last frame before it, over and over.
        before = made if kind.lasts == "moment" else current
        if after is not None:
            current = after
    if must_show and shown < _SHOWN * len(touched):
        raise BadInput(f"the fault {kind.info.label!r} could not be seen in this sample")


def is_visible(fault: Fault, old: Layers, new: Layers) -> bool:
    """Return whether any layer of the fault changed enough for anybody to see it."""
    return any(_differs(fault.kind, old, new, name) for name in fault.layers)


def _differs(kind: str, old: Layers, new: Layers, name: str) -> bool:
    levels, share = _CHANGED.get(kind, _CHANGED_ELSE)
    changed = cv2.absdiff(old[name], new[name]) > levels
    if name not in _MATTES:
        return float(changed.mean()) > share
    outline = cv2.morphologyEx(_matte(old, name), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return bool(np.count_nonzero(changed) >= _MOVED * np.count_nonzero(outline > 127) > 0)


def _matte(frame: Layers, name: str) -> Array:
    return object_of({name: frame[name]})


def _draw_frames(
    lasts: Lasting, frames: int, period: int, rng: np.random.Generator
) -> tuple[int, ...]:
    if lasts == "pulses":
        first = int(rng.integers(2, max(3, min(period, frames - 2))))
        return tuple(range(first, frames - 1, period))
    if lasts == "moment":
        length = int(rng.integers(1, 4))
    elif frames < _SHORTEST or rng.random() < 0.3:
        return tuple(range(frames))
    else:
        length = int(rng.integers(min(6, frames // 3), frames // 2))
    if frames < length + 4:
        return ()
    first = int(rng.integers(2, frames - length - 1))
    return tuple(range(first, first + length))


def _draw_layers(
    kind: FaultKind, layers: tuple[str, ...], rng: np.random.Generator
) -> tuple[str, ...]:
    colours = tuple(name for name in _COLOURS if name in layers)
    mattes = tuple(name for name in _MATTES if name in layers)
    able = [one for one in kind.choices(colours, mattes) if one and set(one) <= set(layers)]
    if not able:
        raise BadInput(f"the sample has no layer for the fault {kind.info.label!r}")
    return able[int(rng.integers(len(able)))]


def _taken_from_near(frame: Layers, fault: Fault, near: Layers) -> Layers:
    return {**frame, **{name: near[name] for name in fault.layers}}


def _flickered(frame: Layers, fault: Fault, near: Layers) -> Layers:
    if "rgb_removed" in fault.layers:
        return pictures.relit(frame, 1 + 0.35 * fault.step * fault.amount)
    return pictures.resized(frame, fault.layers, fault.step * (fault.pixels - 1))


_COLOURS: Final = ("rgb_full", "rgb_removed", "fgr")
_MATTES: Final = ("alpha", "mask")

FAULTS: Registry[FaultKind] = Registry(
    "fault",
    [
        FaultKind(
            PluginInfo("effect_left", "Effect left", "A shadow of the object was not removed", 1),
            expected=("effect_left",),
            lasts="stretch",
            choices=lambda colours, mattes: [("rgb_full", "rgb_removed")],
            change=lambda frame, fault, near: pictures.shaded(frame, fault.amount, fault.place),
        ),
        FaultKind(
            PluginInfo("frame_shift", "One-frame shift", "A layer is one frame off", 2),
            expected=("misaligned",),
            lasts="stretch",
            choices=lambda colours, mattes: [*((one,) for one in mattes), ("rgb_removed",)],
            change=_taken_from_near,
        ),
        FaultKind(
            PluginInfo("flicker", "Flicker", "Matte or fill flickers every few frames", 2),
            expected=("flicker",),
            lasts="pulses",
            choices=lambda colours, mattes: [mattes, ("rgb_removed",)],
            change=_flickered,
        ),
        FaultKind(
            PluginInfo("frozen", "Frozen frames", "A frame repeats the one before", 1),
            expected=("misaligned", "flicker"),
            lasts="moment",
            choices=lambda colours, mattes: [
                (*colours, *mattes),
                ("rgb_full",),
                ("rgb_removed",),
                mattes,
            ],
            change=_taken_from_near,
        ),
        FaultKind(
            PluginInfo("spill", "Spill", "A saturated colour on the rim of the object", 1),
            expected=("spill", "halo"),
            lasts="stretch",
            choices=lambda colours, mattes: [tuple(one for one in colours if one != "rgb_removed")],
            change=lambda frame, fault, near: pictures.spilled(
                frame, fault.amount, fault.pixels, fault.place[0]
            ),
        ),
        FaultKind(
            PluginInfo("halo", "Halo", "A bright rim around the object", 2),
            expected=("halo", "spill"),
            lasts="stretch",
            choices=lambda colours, mattes: [("rgb_full",)],
            change=lambda frame, fault, near: pictures.haloed(frame, fault.amount, fault.pixels),
        ),
        FaultKind(
            PluginInfo("wrong_mask", "Wrong mask", "The matte lies mirrored", 2),
            expected=("wrong_subject", "misaligned"),
            lasts="stretch",
            choices=lambda colours, mattes: [mattes],
            change=lambda frame, fault, near: pictures.mirrored(frame, fault.layers),
        ),
    ],
)

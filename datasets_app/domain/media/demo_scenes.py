"""Four small painted scenes: a backdrop that moves, and a figure with edges that are really soft.

Everything is drawn from distances to simple shapes, in a frame whose height is 1 and whose origin
is the top left corner. ``t`` runs from 0 to 1 over the clip. No file is read, nothing is random
but the grain, which comes from the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize

Field: TypeAlias = npt.NDArray[np.float32]
"""(H, W) float32: a distance in frame heights, or a weight 0..1."""

Picture: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 3) float32, or what broadcasts to it: R G B, 0..1 before clipping."""

Wave: TypeAlias = tuple[float, float, float]
"""Amplitude in frame heights, number of waves, phase in radians."""

_GRAIN_SIDE: Final = 256
_RAMP_STEPS: Final = 2048
_TAU: Final = float(2 * np.pi)


@dataclass(frozen=True, slots=True)
class Stage:
    """The coordinates of every pixel, and grain (tileable noise, mean 0.5) to paint with."""

    x: Field
    y: Field
    grain: Field

    @property
    def rows(self) -> Field:
        """The y of every row, (H, 1): for what does not change across the frame."""
        return self.y[:, :1]

    @property
    def width(self) -> float:
        """Width of the frame in frame heights."""
        return float(self.x[0, -1])


@dataclass(frozen=True, slots=True)
class Figure:
    """What the mask is about: its own colours everywhere, and how much of them is seen."""

    colour: Picture
    alpha: Field


@dataclass(frozen=True, slots=True)
class Scene:
    """A named scene: ``backdrop(stage, t)`` and ``figure(stage, t)``."""

    slug: str
    label: str
    caption: str
    backdrop: Callable[[Stage, float], Picture]
    figure: Callable[[Stage, float], Figure]


def make_stage(size: FrameSize, seed: int) -> Stage:
    """Return the stage for frames of ``size``; ``seed`` decides the grain."""
    row = (np.arange(size.height, dtype=np.float32) + 0.5) / size.height
    column = (np.arange(size.width, dtype=np.float32) + 0.5) / size.height
    shape = (size.height, size.width)
    x: Field = np.ascontiguousarray(np.broadcast_to(column, shape))
    y: Field = np.ascontiguousarray(np.broadcast_to(row[:, None], shape))
    return Stage(x, y, _grain(seed))


def _grain(seed: int) -> Field:
    """Return fractal value noise that repeats every `_GRAIN_SIDE` pixels."""
    rng = np.random.default_rng(seed)
    total = np.zeros((_GRAIN_SIDE, _GRAIN_SIDE), np.float32)
    for octave in range(2, 7):
        cells = 1 << octave
        lattice = np.tile(rng.random((cells, cells), dtype=np.float32), (3, 3))
        side = 3 * _GRAIN_SIDE
        wide = cv2.resize(lattice, (side, side), interpolation=cv2.INTER_CUBIC)
        middle = wide[_GRAIN_SIDE : 2 * _GRAIN_SIDE, _GRAIN_SIDE : 2 * _GRAIN_SIDE]
        total += (middle - 0.5) / np.float32(2 ** (octave - 2))
    return np.asarray(np.clip(0.5 + total / 1.6, 0, 1), np.float32)


def _sample(stage: Stage, scale: float, dx: float, dy: float) -> Field:
    """Return the grain seen through the frame, ``scale`` times as dense, moved by dx, dy."""
    u = ((stage.x + dx) * (scale * _GRAIN_SIDE)) % _GRAIN_SIDE
    v = ((stage.y + dy) * (scale * _GRAIN_SIDE)) % _GRAIN_SIDE
    padded = np.pad(stage.grain, ((0, 1), (0, 1)), mode="wrap")
    seen = cv2.remap(padded, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(seen, np.float32)


def _ramp(weight: Field, *stops: tuple[float, str]) -> Picture:
    """Return colours along ``weight`` (0..1) between stops (position, "rrggbb").

    The shape is that of ``weight`` with a last axis for R G B, so a column makes a gradient that
    broadcasts over the frame.
    """
    steps = np.linspace(0, 1, _RAMP_STEPS)
    at = [position for position, _ in stops]
    colours = np.array([list(bytes.fromhex(code)) for _, code in stops]) / 255
    table = np.stack([np.interp(steps, at, colours[:, channel]) for channel in range(3)], -1)
    place = np.clip(weight * (_RAMP_STEPS - 1), 0, _RAMP_STEPS - 1).astype(np.intp)
    return table.astype(np.float32)[place]


def _flat(code: str) -> Picture:
    """Return one colour, (1, 1, 3), that broadcasts over the frame."""
    return np.array(list(bytes.fromhex(code)), np.float32).reshape(1, 1, 3) / np.float32(255)


def _inside(distance: Field, soft: float) -> Field:
    """Return 1 inside a shape, 0 outside, smooth over ``soft`` on either side of its border."""
    share = np.clip(0.5 - distance / (2 * soft), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _over(below: Picture, above: Picture, weight: Field) -> Picture:
    return np.asarray(below + (above - below) * weight[..., None], np.float32)


def _local(stage: Stage, cx: float, cy: float, turn: float, zoom: float) -> tuple[Field, Field]:
    """Return coordinates around (cx, cy), turned by ``turn`` radians, enlarged by ``zoom``."""
    dx, dy = (stage.x - np.float32(cx)) / zoom, (stage.y - np.float32(cy)) / zoom
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    return dx * cos + dy * sin, dy * cos - dx * sin


def _polygon(x: Field, y: Field, corners: list[tuple[float, float]]) -> Field:
    """Return the signed distance bound of a convex polygon; corners clockwise on screen."""
    distance: Field = np.full(x.shape, -np.inf, np.float32)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = float(np.hypot(bx - ax, by - ay))
        side = (x - ax) * ((by - ay) / length) - (y - ay) * ((bx - ax) / length)
        distance = np.maximum(distance, side)
    return distance


def _strand(
    x: Field, y: Field, start: tuple[float, float], length: float, waves: Wave, radius: float
) -> Field:
    """Return the distance to a ribbon that hangs down from ``start`` and thins out.

    ``waves``: amplitude, waves along the ribbon and phase in radians; the swing grows downwards.
    """
    amplitude, count, phase = waves
    along = np.clip((y - start[1]) / length, 0, 1)
    middle = start[0] + amplitude * along * np.sin(along * (count * _TAU) - phase)
    across = abs(x - middle) - radius * (1 - 0.75 * along)
    ends = abs(y - (start[1] + length / 2)) - length / 2
    return np.asarray(np.maximum(across, ends), np.float32)


def _lantern_backdrop(stage: Stage, t: float) -> Picture:
    sky = _ramp(stage.rows, (0, "141a3c"), (0.55, "5b3a6b"), (0.8, "d9795d"), (1, "f6c177"))
    clouds = _sample(stage, 0.7, 0.08 * t, 0.0)
    sky = np.asarray(sky + ((clouds - 0.5) * 0.16)[..., None], np.float32)
    for depth, code, height in ((0.4, "37305c", 0.72), (1.0, "151a33", 0.84)):
        line = _sample(stage, 0.35 + depth / 4, 0.25 * depth * t, 10 * depth)[:1]
        hills = _inside(height + 0.16 * (line - 0.5) - stage.y, 0.004)
        sky = _over(sky, _flat(code), hills)
    return sky


def _lantern_figure(stage: Stage, t: float) -> Figure:
    sway = float(np.sin(_TAU * 1.5 * t))
    cx, cy = stage.width * (0.36 + 0.24 * t) + 0.02 * sway, 0.60 - 0.16 * t
    x, y = _local(stage, cx, cy, 0.10 * sway, 1.2)
    round_x, round_y = (x / 0.20) ** 2, (y / 0.24) ** 2
    body = np.sqrt(np.sqrt(round_x * round_x + round_y * round_y)) * 0.20 - 0.20
    warmth = np.clip(1 - np.hypot(x, y - 0.04) / 0.30, 0, 1)
    ribs = 0.88 + 0.12 * np.cos(y * 88)
    paper = _ramp(warmth, (0, "a8321f"), (0.5, "ee7b30"), (1, "ffe9a8"))
    paper *= ribs[..., None]
    rim = np.maximum(abs(abs(y) - 0.235) - 0.014, abs(x) - 0.10)
    colour = _over(paper, _flat("3b1d1a"), _inside(rim, 0.003))
    glow = 0.30 * np.exp(-((np.clip(body, 0, None) / 0.05) ** 2))
    alpha = np.maximum(np.maximum(_inside(body, 0.008), _inside(rim, 0.006)), glow)
    return Figure(colour, alpha)


def _kite_backdrop(stage: Stage, t: float) -> Picture:
    sky = _ramp(stage.rows, (0, "3f8fd6"), (0.7, "a9d8f5"), (1, "e9f6fb"))
    clouds = _sample(stage, 0.55, 0.22 * t, 0.02 * t)
    sky = _over(sky, _flat("ffffff"), np.clip((clouds - 0.52) * 3.2, 0, 0.9))
    meadow = _ramp(_sample(stage, 2.2, 0.5 * t, 0), (0.2, "3d6b2c"), (0.8, "8fb94a"))
    return _over(sky, meadow, _inside(0.86 + 0.02 * np.sin(stage.x * 3 + 2 * t) - stage.y, 0.006))


def _kite_figure(stage: Stage, t: float) -> Figure:
    sway = float(np.sin(_TAU * t))
    cx, cy = stage.width * (0.52 + 0.14 * sway), 0.38 + 0.05 * float(np.cos(_TAU * 2 * t))
    x, y = _local(stage, cx, cy, 0.30 * sway + 0.12, 1.25)
    sail = _polygon(x, y, [(0, -0.28), (0.22, -0.02), (0, 0.30), (-0.22, -0.02)])
    panels = np.where((x > 0) ^ (y > -0.02), np.float32(0), np.float32(1))
    folds = 0.92 + 0.08 * np.cos(12 * (x + y) + _TAU * 2 * t)
    cloth = _ramp(panels, (0, "e4572e"), (1, "f7c548")) * folds[..., None]
    tail = _strand(x, y, (0.0, 0.295), 0.30, (0.11, 1.1, _TAU * 2 * t), 0.020)
    ribbon = _inside(tail, 0.006) * (sail > 0)
    colour = _over(cloth, _flat("7b2d8e"), ribbon)
    return Figure(colour, np.maximum(_inside(sail, 0.005), 0.9 * _inside(tail, 0.008)))


def _boat_backdrop(stage: Stage, t: float) -> Picture:
    sky = _ramp(stage.rows / 0.42, (0, "f2d7c9"), (1, "fbeee2"))
    away = (stage.x - 0.75 * stage.width) ** 2 + (stage.y - 0.2) ** 2
    sun = np.asarray(np.exp(away / -0.03), np.float32)
    depth = np.clip((stage.rows - 0.42) / 0.58, 0, 1)
    ripple = _sample(stage, 0.8, 0.16 * t, 0.30 * t)
    swell = np.sin(stage.rows * 60 / (0.4 + depth) + 5 * ripple + _TAU * 2 * t)
    light = (0.05 + 0.05 * depth) * swell + 0.10 * (ripple - 0.5)
    water = _ramp(depth, (0, "7fb7be"), (1, "12506b"))
    sea = np.asarray(water + light[..., None], np.float32)
    return _over(_over(sky, _flat("fff6df"), sun), sea, _inside(0.42 - stage.rows, 0.004))


def _boat_figure(stage: Stage, t: float) -> Figure:
    bob = float(np.sin(_TAU * 2 * t))
    cx, cy = stage.width * (0.32 + 0.36 * t), 0.62 + 0.03 * bob
    x, y = _local(stage, cx, cy, 0.08 * float(np.cos(_TAU * 2 * t)), 1.35)
    hull = _polygon(x, y, [(-0.32, -0.02), (0.32, -0.02), (0.19, 0.16), (-0.19, 0.16)])
    sail = _polygon(x, y, [(0.0, -0.34), (0.21, -0.01), (-0.21, -0.01)])
    paper = _ramp(0.5 + 1.2 * x, (0, "ffffff"), (0.5, "e9edf2"), (1, "b9c7d6"))
    crease = _inside(abs(x + 0.35 * y) - 0.004, 0.003) * 0.35
    stripe = _inside(abs(y - 0.05) - 0.018, 0.003) * (hull < 0)
    colour = _over(_over(paper, _flat("6d8299"), crease), _flat("d7443e"), stripe)
    return Figure(colour, _inside(np.minimum(hull, sail), 0.005))


def _jellyfish_backdrop(stage: Stage, t: float) -> Picture:
    water = _ramp(stage.rows, (0, "1f7a99"), (0.5, "0d3b66"), (1, "06172e"))
    one = _sample(stage, 0.9, 0.10 * t, 0.06 * t)
    two = _sample(stage, 1.1, -0.08 * t, 0.05 * t + 3)
    caustics = np.clip(1 - 9 * abs(one - two), 0, 1)
    rays = np.clip(np.sin((stage.x + 0.5 * stage.y) * 9 + 1.5 * t), 0, 1)
    light = (0.30 * caustics * caustics + 0.06 * rays) * (1 - stage.rows)
    return np.asarray(water + light[..., None], np.float32)


def _jellyfish_figure(stage: Stage, t: float) -> Figure:
    pulse = float(np.sin(_TAU * 2 * t))
    cx, cy = stage.width * (0.60 - 0.20 * t), 0.42 - 0.06 * t + 0.02 * pulse
    x, y = _local(stage, cx, cy, -0.18, 1.25)
    wide, high = 0.29 + 0.02 * pulse, 0.23 - 0.02 * pulse
    reach = np.hypot(x / wide, y / high)
    bell = np.maximum((reach - 1) * high, y - 0.05 - 0.012 * np.cos(x * 70))
    radial = np.clip(reach, 0, 1)
    skin = _ramp(radial, (0, "fbd3e9"), (0.6, "d77fb8"), (1, "8d5bd1"))
    veins = 0.9 + 0.1 * np.cos(np.arctan2(x, 0.3 - y) * 40)
    alpha = _inside(bell, 0.010) * (0.55 + 0.35 * radial)
    for number in range(5):
        start = ((number - 2) * 0.085, 0.03)
        waves = (0.06, 0.8, _TAU * 2 * t - number)
        strand = _strand(x, y, start, 0.36 + 0.04 * (number % 2), waves, 0.022)
        alpha = np.maximum(alpha, 0.6 * _inside(strand, 0.014))
    return Figure(skin * veins[..., None], alpha)


SCENES: Final = (
    Scene(
        "lantern",
        "Lantern over hills",
        "A dusk sky with drifting clouds over two dark ranges of hills.",
        _lantern_backdrop,
        _lantern_figure,
    ),
    Scene(
        "kite",
        "Kite above a meadow",
        "A blue sky with white clouds moving over a green meadow.",
        _kite_backdrop,
        _kite_figure,
    ),
    Scene(
        "boat",
        "Paper boat at sea",
        "A calm sea with small waves under a pale sky and a low sun.",
        _boat_backdrop,
        _boat_figure,
    ),
    Scene(
        "jellyfish",
        "Jellyfish in deep water",
        "Deep blue water with light dancing from the surface.",
        _jellyfish_backdrop,
        _jellyfish_figure,
    ),
)

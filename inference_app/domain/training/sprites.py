"""Painted objects with a known alpha: bodies and blobs with strands, holes and soft places.

Everything is drawn from the generator that is handed in, so a seed is a bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Alpha: TypeAlias = npt.NDArray[np.float32]
"""(S, S) float32 in 0..1."""

Drawing: TypeAlias = npt.NDArray[np.uint8]

SIDE = 256
_DRAWN = 2 * SIDE  # drawn at twice the size and averaged down
_SUBPIXEL = 4  # binary places of a drawn coordinate


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """One object. ``contour``: (K, 2) float32 x, y on its outline, in pixels of ``alpha``."""

    alpha: Alpha
    contour: npt.NDArray[np.float32]
    stranded: bool


def paint_sprite(rng: np.random.Generator) -> Sprite:
    """Draw one sprite of ``SIDE`` pixels that stays clear of the border by its strands."""
    canvas = np.zeros((_DRAWN, _DRAWN), np.uint8)
    if rng.random() < 0.5:
        _paint_body(canvas, rng)
    else:
        _paint_blob(canvas, rng)
    outlines, _ = cv2.findContours(canvas, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)[:, 0].astype(np.float32)
    stranded = rng.random() < 0.6
    if stranded:
        canvas = np.maximum(canvas, _strands(outline, rng))
    alpha = cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    alpha = _softened(alpha, rng)
    if rng.random() < 0.15:
        alpha = _thinned(alpha, rng)
    return Sprite(
        alpha, np.ascontiguousarray(outline[:: max(1, len(outline) // 200)] / 2), stranded
    )


def value_noise(rng: np.random.Generator, side: int, cells: int) -> Alpha:
    """Return smooth noise in 0..1, (side, side), with about ``cells`` bumps across."""
    grid = rng.random((cells + 3, cells + 3), np.float32)
    smooth = cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(smooth, 0, 1), np.float32)


def _paint_blob(canvas: Drawing, rng: np.random.Generator) -> None:
    """A star-shaped outline from a few waves, with up to three holes."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = np.ones_like(angle)
    for wave in range(2, 8):
        height = rng.normal(0, 0.35 / wave)
        radius += height * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.35, 1.7) * _DRAWN * 0.2
    squeeze = rng.uniform(0.6, 1.0)
    points = np.stack((radius * np.cos(angle), squeeze * radius * np.sin(angle)), 1)
    turn = rng.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    _fill(canvas, points @ rotation + _DRAWN / 2, 255)
    if rng.random() < 0.35:
        for _ in range(int(rng.integers(1, 4))):
            centre = _DRAWN / 2 + rng.normal(0, _DRAWN * 0.08, 2)
            axes = rng.uniform(0.015, 0.05, 2) * _DRAWN
            box = (centre.tolist(), (2 * axes).tolist(), float(rng.uniform(0, 180)))
            cv2.ellipse(canvas, box, 0, -1, cv2.LINE_AA)


def _paint_body(canvas: Drawing, rng: np.random.Generator) -> None:
    """Head, torso and jointed limbs, as a person or an animal has them."""
    height = _DRAWN * rng.uniform(0.6, 0.72)
    middle = np.array([_DRAWN / 2 + rng.normal(0, 8), _DRAWN / 2 - height * 0.1])
    shoulder, hip, spine = height * np.array(
        [rng.uniform(0.1, 0.15), rng.uniform(0.07, 0.11), rng.uniform(0.16, 0.2)]
    )
    torso = [(-shoulder, -spine), (shoulder, -spine), (hip, spine), (-hip, spine)]
    _fill(canvas, middle + np.array(torso), 255)
    head = height * rng.uniform(0.07, 0.1)
    centre = middle + np.array([rng.normal(0, head * 0.2), -spine - head * 1.2])
    box = (centre.tolist(), [2 * head, 2 * head * rng.uniform(1.1, 1.35)], 0.0)
    cv2.ellipse(canvas, box, 255, -1, cv2.LINE_AA)
    _limb(canvas, middle + np.array([0, -spine]), centre - middle + [0, spine], head * 0.9, rng, 0)
    for side in (-1, 1):
        arm = np.array([side * rng.uniform(0.05, 0.2), rng.uniform(-0.1, 0.2)]) * height
        _limb(
            canvas,
            middle + np.array([side * shoulder * 0.9, -spine * 0.9]),
            arm,
            height * 0.05,
            rng,
            1,
        )
        leg = np.array([side * rng.uniform(0, 0.1), rng.uniform(0.15, 0.2)]) * height
        _limb(
            canvas, middle + np.array([side * hip * 0.6, spine * 0.9]), leg, height * 0.07, rng, 1
        )


def _limb(
    canvas: Drawing,
    start: npt.NDArray[np.float64],
    reach: npt.NDArray[np.float64],
    width: float,
    rng: np.random.Generator,
    joints: int,
) -> None:
    points = [start, start + reach]
    if joints:
        points.append(points[-1] + reach[::-1] * rng.uniform(-0.6, 0.6) + reach * 0.7)
    line = np.rint(np.array(points)).astype(np.int32)
    thickness = max(2, round(width * rng.uniform(0.8, 1.2)))
    cv2.polylines(canvas, [line], False, 255, thickness, cv2.LINE_AA)
    for x, y in line.tolist():
        cv2.circle(canvas, (x, y), thickness // 2, 255, -1, cv2.LINE_AA)


def _fill(canvas: Drawing, points: npt.NDArray[Any], value: int) -> None:
    fixed = np.rint(points * 2**_SUBPIXEL).astype(np.int32)
    cv2.fillPoly(canvas, [fixed], value, cv2.LINE_AA, _SUBPIXEL)


def _strands(outline: npt.NDArray[np.float32], rng: np.random.Generator) -> Drawing:
    """Quadratic curves that leave the outline: hair, grass, threads; fine at their end."""
    layer: Drawing = np.zeros((_DRAWN, _DRAWN), np.uint8)
    centre = outline.mean(0)
    count = int(rng.integers(30, 350))
    first, span = int(rng.integers(len(outline))), rng.uniform(0.15, 1.0)
    picks = (first + (rng.random(count) * span * len(outline)).astype(int)) % len(outline)
    comb = rng.normal(0, 0.5)
    steps = np.linspace(0, 1, 12)[:, None]
    opacity = np.sort(rng.uniform(0.35, 1.0, count))
    for pick, strength in zip(picks, opacity, strict=True):
        root = outline[pick].astype(np.float64)
        away = root - centre
        heading = np.arctan2(away[1], away[0]) + comb + rng.normal(0, 0.35)
        length = rng.uniform(0.02, 0.14) * _DRAWN
        middle = root + 0.5 * length * np.array([np.cos(heading), np.sin(heading)])
        heading += rng.normal(0, 0.6)
        end = middle + 0.5 * length * np.array([np.cos(heading), np.sin(heading)])
        curve = (1 - steps) ** 2 * root + 2 * steps * (1 - steps) * middle + steps**2 * end
        fixed = np.rint(curve * 2**_SUBPIXEL).astype(np.int32)
        width = int(rng.integers(1, 4))
        cv2.polylines(layer, [fixed], False, round(255 * strength), width, cv2.LINE_AA, _SUBPIXEL)
    return layer


def _softened(alpha: Alpha, rng: np.random.Generator) -> Alpha:
    """Blur by an amount that changes over the sprite, as soft cloth and fur do."""
    if rng.random() < 0.3:
        return alpha
    blurred = cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.8, 5.0)))
    weight = np.clip(value_noise(rng, SIDE, 3) * 1.6 - rng.uniform(0.1, 0.7), 0, 1)
    return np.asarray(alpha + weight * (blurred - alpha), np.float32)


def _thinned(alpha: Alpha, rng: np.random.Generator) -> Alpha:
    """Make a part of it translucent: glass, smoke, thin cloth."""
    place = value_noise(rng, SIDE, 2)
    inside = np.clip((place - rng.uniform(0.45, 0.6)) * 12, 0, 1)
    return np.asarray(alpha * (1 - inside * rng.uniform(0.2, 0.7)), np.float32)

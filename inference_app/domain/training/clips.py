"""Painted clips: an object moves before a moving background, seen by a camera; alpha is known.

A clip is the product of its seed alone. The object is composited in premultiplied layers, so motion
blur and defocus of object and background are exact, and the alpha is that of the blurred object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.domain.training.sprites import SIDE, Sprite, paint_sprite
from inference_app.domain.training.textures import Texture, matched, paint_texture, recoloured

Rgba: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 4) float32 in 0..1: colour multiplied with alpha, and alpha."""

Matrix: TypeAlias = npt.NDArray[np.float32]
"""(2, 3) float32: where a pixel of a sprite or texture lands in the frame."""

UNIT = 128
"""Lengths in pixels are meant for a frame whose shorter side is this."""


@dataclass(frozen=True, slots=True, eq=False)
class PaintedClip:
    """``rgb`` (T, H, W, 3) uint8, ``alpha`` (T, H, W) float32 in 0..1."""

    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.float32]
    stranded: bool


class Bank:
    """Sprites and surfaces that clips are made of, painted once from a seed."""

    def __init__(self, seed: int, sprites: int, textures: int) -> None:
        rng = np.random.default_rng([seed, 0])
        self.sprites = tuple(paint_sprite(rng) for _ in range(sprites))
        self.textures = tuple(paint_texture(rng) for _ in range(textures))

    def sprite(self, rng: np.random.Generator) -> Sprite:
        """Draw a sprite."""
        return self.sprites[int(rng.integers(len(self.sprites)))]

    def texture(self, rng: np.random.Generator) -> Texture:
        """Draw a surface, in colours of its own."""
        return recoloured(self.textures[int(rng.integers(len(self.textures)))], rng)


@dataclass(frozen=True, slots=True)
class Course:
    """How something moves: a place, a speed and a swing, in pixels and radians per frame."""

    x: float
    y: float
    turn: float
    scale: float
    speed: tuple[float, float, float, float]
    swing: tuple[float, float, float, float]

    def at(self, time: float, anchor: tuple[float, float]) -> Matrix:
        """Return where pixels land at ``time`` (frames); ``anchor`` lands on the course."""
        wave = np.sin(self.swing[2] * time + self.swing[3])
        turn = self.turn + self.speed[2] * time + self.swing[1] * wave
        scale = self.scale * float(np.exp(self.speed[3] * time))
        a, b = scale * np.cos(turn), scale * np.sin(turn)
        x = self.x + self.speed[0] * time + self.swing[0] * wave
        y = self.y + self.speed[1] * time
        ax, ay = anchor
        rows = [[a, -b, x - a * ax + b * ay], [b, a, y - b * ax - a * ay]]
        return np.array(rows, np.float32)


def draw_course(
    rng: np.random.Generator, place: tuple[float, float], scale: float, unit: float
) -> Course:
    """Draw a way to move from ``place``: most often slow, sometimes still or fast."""
    pace = unit * float(rng.choice([0.0, 0.7, 2.0, 4.0], p=[0.1, 0.4, 0.35, 0.15]))
    heading = rng.uniform(0, 2 * np.pi)
    return Course(
        *place,
        float(rng.uniform(-0.5, 0.5)),
        scale,
        (
            pace * float(np.cos(heading)),
            pace * float(np.sin(heading)),
            float(rng.normal(0, 0.012)),
            float(rng.normal(0, 0.004)),
        ),
        (
            float(unit * rng.uniform(0, 2)),
            float(rng.uniform(0, 0.08)),
            float(rng.uniform(0.2, 1.2)),
            float(rng.uniform(0, 2 * np.pi)),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A premultiplied picture with its course; ``anchor``: the pixel that follows it."""

    picture: Rgba
    course: Course
    anchor: tuple[float, float]

    def drawn(self, time: float, height: int, width: int, taps: int, shutter: float) -> Rgba:
        """Return the frame at ``time``, averaged over ``taps`` moments of an open ``shutter``."""
        moments = (
            time + (np.arange(taps) / max(1, taps - 1) - 0.5) * shutter if taps > 1 else [time]
        )
        total = np.zeros((height, width, 4), np.float32)
        for moment in moments:
            matrix = self.course.at(float(moment), self.anchor)
            total += cv2.warpAffine(self.picture, matrix, (width, height), flags=cv2.INTER_LINEAR)
        return np.asarray(total / taps, np.float32)


def paint_clip(
    bank: Bank, rng: np.random.Generator, *, frames: int, height: int, width: int
) -> PaintedClip:
    """Paint a clip from ``bank``."""
    unit = min(height, width) / UNIT
    ground = bank.texture(rng)
    sprite = bank.sprite(rng)
    surface = bank.texture(rng)
    if rng.random() < 0.25:
        surface = matched(surface, ground, rng)
    layers = [_placed(sprite, surface, rng, height, width, unit)]
    if rng.random() < 0.15:
        layers.insert(0, _placed(bank.sprite(rng), bank.texture(rng), rng, height, width, unit))
    place = (width / 2, height / 2)
    scale = unit * float(rng.uniform(0.5, 1.6))
    pan = draw_course(rng, place, scale, unit * 0.5)
    camera = _Camera.drawn(rng, unit)
    taps = int(rng.integers(3, 8)) if rng.random() < 0.25 else 1
    shutter = float(rng.uniform(0.4, 1.0))
    pictures, alphas = [], []
    for time in range(frames):
        seen = _background(ground, pan.at(time, (SIDE / 2, SIDE / 2)), height, width)
        seen = camera.far(seen)
        alpha = np.zeros((height, width), np.float32)
        for layer in layers:
            over = camera.near(layer.drawn(time, height, width, taps, shutter))
            alpha = over[..., 3]
            seen = over[..., :3] + seen * (1 - alpha[..., None])
        pictures.append(camera.taken(seen, rng))
        alphas.append(np.clip(alpha, 0, 1))
    return PaintedClip(np.stack(pictures), np.stack(alphas), sprite.stranded)


def _placed(
    sprite: Sprite,
    surface: Texture,
    rng: np.random.Generator,
    height: int,
    width: int,
    unit: float,
) -> Layer:
    """Put a sprite on its way: as a whole, or close up on a piece of its outline."""
    picture = np.concatenate((surface, np.ones((SIDE, SIDE, 1), np.float32)), 2)
    picture = picture * sprite.alpha[..., None]
    place = (width * float(rng.uniform(0.3, 0.7)), height * float(rng.uniform(0.3, 0.7)))
    if rng.random() < 0.45:
        x, y = sprite.contour[int(rng.integers(len(sprite.contour)))]
        return Layer(picture, draw_course(rng, place, unit * rng.uniform(1.0, 2.2), unit), (x, y))
    scale = unit * float(rng.uniform(0.45, 0.95))
    return Layer(picture, draw_course(rng, place, scale, unit), (SIDE / 2, SIDE / 2))


def _background(ground: Texture, matrix: Matrix, height: int, width: int) -> Texture:
    warped = cv2.warpAffine(
        ground, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(warped, np.float32)


@dataclass(frozen=True, slots=True)
class _Camera:
    """What the lens and the recording do. Lengths in pixels, 0 where there is nothing to do."""

    near_blur: float
    far_blur: float
    linear: bool
    gamma: float
    gains: tuple[float, float, float]
    noise: float
    quality: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, unit: float) -> _Camera:
        near = far = 0.0
        if rng.random() < 0.4:
            if rng.random() < 0.5:
                near = unit * float(rng.uniform(0.6, 4.0))
            else:
                far = unit * float(rng.uniform(0.8, 6.0))
        red, green, blue = (float(gain) for gain in rng.uniform(0.75, 1.15, 3))
        return cls(
            near,
            far,
            bool(rng.random() < 0.5),
            float(rng.uniform(0.8, 1.25)),
            (red, green, blue),
            float(rng.uniform(0, 0.025)),
            int(rng.integers(35, 95)) if rng.random() < 0.4 else 0,
        )

    def near(self, layer: Rgba) -> Rgba:
        """Defocus the object, its alpha alike."""
        if not self.near_blur:
            return layer
        return np.asarray(cv2.GaussianBlur(layer, (0, 0), self.near_blur), np.float32)

    def far(self, picture: Texture) -> Texture:
        """Defocus the background."""
        if not self.far_blur:
            return picture
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), self.far_blur), np.float32)

    def taken(self, light: Texture, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
        """Return the recorded picture; ``linear``: what was composited was light, not codes."""
        codes = np.sqrt(np.clip(light, 0, 1)) if self.linear else np.clip(light, 0, 1)
        codes = codes**self.gamma * np.array(self.gains, np.float32)
        if self.noise:
            codes = codes + rng.standard_normal(codes.shape, np.float32) * self.noise
        picture = np.clip(np.rint(codes * 255), 0, 255).astype(np.uint8)
        if self.quality:
            _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
            picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(picture, np.uint8)

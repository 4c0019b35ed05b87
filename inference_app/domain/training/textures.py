"""Painted surfaces: noise of several sizes, stripes, spots and grain in a few colours."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.domain.training.sprites import SIDE, value_noise

Texture: TypeAlias = npt.NDArray[np.float32]
"""(S, S, 3) float32 in 0..1, R G B."""


def paint_texture(rng: np.random.Generator) -> Texture:
    """Draw one surface of ``SIDE`` pixels."""
    blend = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(int(rng.integers(2, 7))):
        blend += value_noise(rng, SIDE, 2 ** (octave + 1)) * rng.uniform(0.3, 1) * 0.65**octave
    blend = (blend - blend.min()) / max(float(np.ptp(blend)), 1e-6)
    colours = rng.random((int(rng.integers(2, 6)), 3), np.float32)
    place = blend * (len(colours) - 1)
    if rng.random() < 0.4:
        place = np.clip(np.floor(place) + np.clip((place % 1 - 0.5) * 8 + 0.5, 0, 1), 0, None)
    stops = np.arange(len(colours), dtype=np.float32)
    picture = np.stack([np.interp(place, stops, colours[:, c]) for c in range(3)], -1)
    picture = picture.astype(np.float32)
    for paint in (_stripes, _spots, _grain):
        if rng.random() < 0.4:
            paint(picture, rng)
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def recoloured(texture: Texture, rng: np.random.Generator) -> Texture:
    """Return the surface in other colours: channels exchanged, stretched, moved."""
    mixed = texture[..., rng.permutation(3)]
    gain = rng.uniform(0.4, 1.2, 3).astype(np.float32)
    offset = rng.uniform(-0.15, 0.45, 3).astype(np.float32)
    if rng.random() < 0.5:
        mixed = 1 - mixed
    grey = mixed.mean(2, keepdims=True)
    pale = float(rng.uniform(0, 0.9)) if rng.random() < 0.7 else 0.0
    mixed = mixed + pale * (grey - mixed)
    return np.asarray(np.clip(mixed * gain + offset, 0, 1), np.float32)


def matched(texture: Texture, other: Texture, rng: np.random.Generator) -> Texture:
    """Return the surface with nearly the colours of ``other``: what is hard to tell apart."""
    mean, spread = texture.mean((0, 1)), texture.std((0, 1)) + 1e-3
    wanted = other.mean((0, 1)) + rng.normal(0, 0.06, 3).astype(np.float32)
    moved = (texture - mean) / spread * other.std((0, 1)) + wanted
    return np.asarray(np.clip(moved, 0, 1), np.float32)


def _stripes(picture: Texture, rng: np.random.Generator) -> None:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    turn, period = rng.uniform(0, np.pi), rng.uniform(5, 60)
    wave = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / period)
    band = np.clip(wave * rng.uniform(1, 8) + 0.5, 0, 1)[..., None] * rng.uniform(0.2, 0.9)
    picture += band * (rng.random(3, np.float32) - picture)


def _spots(picture: Texture, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(5, 40))):
        centre = tuple(int(v) for v in rng.integers(0, SIDE, 2))
        colour = tuple(float(v) for v in rng.random(3))
        cv2.circle(picture, centre, int(rng.integers(2, 26)), colour, -1, cv2.LINE_AA)


def _grain(picture: Texture, rng: np.random.Generator) -> None:
    noise = rng.normal(0, rng.uniform(0.02, 0.12), (SIDE, SIDE, 1)).astype(np.float32)
    picture += cv2.GaussianBlur(noise, (0, 0), float(rng.uniform(0.3, 1.2)))[..., None]

"""What things look like: colours with names, and surfaces drawn from families of them."""

from __future__ import annotations

import colorsys

import numpy as np

from datasets_app.domain.media.light import decoded
from datasets_app.domain.scenes.description import Colour, Pattern, Surface, rounded

COLOURS: tuple[tuple[str, float, float, float], ...] = (
    ("red", 0.0, 0.85, 0.75),
    ("orange", 0.07, 0.9, 0.85),
    ("yellow", 0.14, 0.85, 0.85),
    ("green", 0.34, 0.7, 0.5),
    ("teal", 0.49, 0.75, 0.5),
    ("blue", 0.61, 0.8, 0.7),
    ("purple", 0.76, 0.6, 0.55),
    ("pink", 0.93, 0.5, 0.85),
    ("brown", 0.07, 0.65, 0.3),
    ("white", 0.1, 0.03, 0.9),
    ("grey", 0.6, 0.04, 0.4),
    ("black", 0.6, 0.1, 0.05),
)
"""Name, hue, saturation and value about which a colour of that name is drawn."""

PATTERNS: tuple[Pattern, ...] = ("checker", "clouds", "cells", "stripes")
GROUNDS: tuple[tuple[str, Pattern], ...] = (
    ("plank", "planks"),
    ("tiled", "checker"),
    ("stone", "cells"),
    ("earth", "clouds"),
    ("plain", "plain"),
)


def draw_colour(rng: np.random.Generator) -> tuple[str, Colour]:
    """Return the name of a colour and one shade of it."""
    name, hue, saturation, value = COLOURS[int(rng.integers(len(COLOURS)))]
    shade = colorsys.hsv_to_rgb(
        (hue + rng.uniform(-0.02, 0.02)) % 1,
        float(np.clip(saturation + rng.uniform(-0.1, 0.1), 0, 1)),
        float(np.clip(value + rng.uniform(-0.1, 0.1), 0, 1)),
    )
    return name, _linear(shade)


def draw_surface(rng: np.random.Generator) -> Surface:
    """Return a surface of an object: matte, glossy, metal, glass or coated, some with a pattern.

    ``finish`` says it in words: "red metal".
    """
    name, colour = draw_colour(rng)
    family = str(rng.choice(["matte", "glossy", "metal", "glass", "coated"]))
    pattern: Pattern = "plain"
    second = colour
    if family in {"matte", "glossy"} and rng.random() < 0.35:
        pattern = PATTERNS[int(rng.integers(len(PATTERNS)))]
        second = draw_colour(rng)[1]
    words = f"{name} {'patterned ' if pattern != 'plain' else ''}{_WORDS[family]}".strip()
    low, high = _ROUGHNESS[family]
    return Surface(
        finish=words,
        color=colour,
        second=second,
        pattern=pattern,
        scale=rounded(rng.uniform(2.0, 6.0)),
        metallic=rounded(rng.uniform(0.8, 1.0)) if family == "metal" else 0.0,
        roughness=rounded(rng.uniform(low, high)),
        ior=rounded(rng.uniform(1.3, 1.7)),
        transmission=rounded(rng.uniform(0.85, 1.0)) if family == "glass" else 0.0,
        coat=rounded(rng.uniform(0.6, 1.0)) if family == "coated" else 0.0,
    )


def furry(surface: Surface) -> Surface:
    """Return what the strands of fur look like on this surface: its colours, and nothing else."""
    colour, *_ = surface.finish.split()
    return surface.model_copy(
        update={
            "finish": f"{colour} furry",
            "metallic": 0.0,
            "roughness": 0.8,
            "transmission": 0.0,
            "coat": 0.0,
        }
    )


def draw_smoke(rng: np.random.Generator) -> Surface:
    """Return the light that smoke throws back."""
    shade = rounded(rng.uniform(0.35, 0.9))
    name = "white" if shade > 0.7 else "grey"
    return Surface(finish=f"{name} smoke", color=(shade, shade, shade))


def draw_ground(rng: np.random.Generator, *, mirror: bool) -> Surface:
    """Return a floor; a ``mirror`` is polished stone or still water."""
    name, colour = draw_colour(rng)
    if mirror and rng.random() < 0.5:
        return Surface(
            finish="calm water",
            color=(0.02, 0.05, 0.06),
            roughness=rounded(rng.uniform(0.0, 0.05)),
            ior=1.333,
            specular=1.0,
            ripples=rounded(rng.uniform(0.05, 0.4)),
        )
    kind, pattern = GROUNDS[int(rng.integers(len(GROUNDS)))]
    muted = _muted(colour, 0.6)
    return Surface(
        finish=f"{'polished ' if mirror else ''}{name} {kind} floor",
        color=muted,
        second=_muted(draw_colour(rng)[1], 0.6),
        pattern=pattern,
        scale=rounded(rng.uniform(0.4, 1.2)),
        metallic=rounded(rng.uniform(0.3, 0.8)) if mirror else 0.0,
        roughness=rounded(rng.uniform(0.02, 0.12) if mirror else rng.uniform(0.25, 0.9)),
    )


def draw_wall_surface(rng: np.random.Generator) -> Surface:
    """Return a pale wall, plain or with broad clouds of a second colour."""
    name, colour = draw_colour(rng)
    pattern: Pattern = "clouds" if rng.random() < 0.4 else "plain"
    return Surface(
        finish=f"{name} wall",
        color=_muted(colour, 0.5),
        second=_muted(draw_colour(rng)[1], 0.5),
        pattern=pattern,
        scale=rounded(rng.uniform(0.5, 2.0)),
        roughness=rounded(rng.uniform(0.5, 0.95)),
    )


_WORDS = {
    "matte": "matte",
    "glossy": "glossy",
    "metal": "metal",
    "glass": "glass",
    "coated": "lacquered",
}
_ROUGHNESS = {
    "matte": (0.6, 0.95),
    "glossy": (0.1, 0.4),
    "metal": (0.02, 0.35),
    "glass": (0.0, 0.08),
    "coated": (0.3, 0.6),
}


def _muted(colour: Colour, share: float) -> Colour:
    """Return ``colour`` drawn ``1 - share`` of the way to a middle grey."""
    mixed = (rounded(share * channel + (1 - share) * 0.35) for channel in colour)
    red, green, blue = mixed
    return red, green, blue


def _linear(display: tuple[float, float, float]) -> Colour:
    red, green, blue = (rounded(decoded(channel)) for channel in display)
    return red, green, blue

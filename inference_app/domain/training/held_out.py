"""The sets that no network has learned from: seeds and sizes, fixed before the first training.

Sprites, surfaces, motion, camera and masks follow from these numbers. The validation set picks the
best checkpoint and tunes what has parameters. The test set is measured, and nothing is chosen by
it. Whoever changes a number here, or what is painted from it, raises ``VERSION``: figures of two
versions do not compare.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1

TRAINING_BANK = 1_000
"""Seed of the sprites and surfaces that training paints with."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One set: ``clips`` clips of ``frames`` frames, painted from a bank of their own."""

    name: str
    bank_seed: int
    clip_seed: int
    sprites: int
    textures: int
    clips: int
    frames: int
    height: int
    width: int


VALIDATION = HeldOut("validation", 77_001, 77_002, 60, 60, 20, 6, 128, 128)
TEST = HeldOut("test", 99_001, 99_002, 80, 80, 32, 8, 128, 192)

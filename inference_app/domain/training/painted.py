"""Painted samples by number: the generator as a source of training and of the held-out sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inference_app.domain.training.clips import Bank, paint_clip
from inference_app.domain.training.guidance import spoiled
from inference_app.domain.training.held_out import HeldOut


@dataclass(frozen=True, slots=True, eq=False)
class MattingClip:
    """``rgb`` (T, H, W, 3) uint8; ``alpha`` (T, H, W) uint8; ``mask`` (T, H, W) uint8, 0 or 255."""

    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8]
    stranded: bool = False


@lru_cache(maxsize=4)
def bank_of(seed: int, sprites: int, textures: int) -> Bank:
    """Return the bank of a seed, painted at most once per process."""
    return Bank(seed, sprites, textures)


def painted_clip(
    bank: Bank, seed: int, index: int, *, frames: int, height: int, width: int
) -> MattingClip:
    """Return clip number ``index`` of a seed. The object shows in its first frame."""
    rng = np.random.default_rng([seed, index])
    while True:
        clip = paint_clip(bank, rng, frames=frames, height=height, width=width)
        covered = float(clip.alpha[0].mean())
        if 0.02 < covered < 0.95:
            break
    mask = spoiled(clip.alpha, rng)
    return MattingClip(
        clip.rgb,
        np.rint(clip.alpha * 255).astype(np.uint8),
        (mask * 255).astype(np.uint8),
        clip.stranded,
    )


def held_out_clip(held: HeldOut, index: int) -> MattingClip:
    """Return clip ``index`` of a held-out set. Raises IndexError past its end."""
    if not 0 <= index < held.clips:
        raise IndexError(f"the {held.name} set has {held.clips} clips, so none is {index}")
    bank = bank_of(held.bank_seed, held.sprites, held.textures)
    return painted_clip(
        bank, held.clip_seed, index, frames=held.frames, height=held.height, width=held.width
    )

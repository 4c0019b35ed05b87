"""How many frames of a clip the trainers of Casper use: by their windows and their token budget.

Facts of the released training scripts (Generative Omnimatte, Lee et al., CVPR 2025): a batch is as
long as its shortest clip, cut to 4k + 1; CogVideoX wants an even number of latent frames besides,
and fewer frames of larger pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from datasets_app.domain.findings import Finding


@dataclass(frozen=True, slots=True)
class Trainer:
    """``window``: frames that it reads of a clip; ``budget``: pixels of all frames of a clip, 0 for
    no bound."""

    name: str
    window: int
    even_latents: bool
    budget: int


TRAINERS: Final = (
    Trainer("CogVideoX", 85, even_latents=True, budget=85 * 512**2),
    Trainer("Wan 2.1", 81, even_latents=False, budget=0),
)


def trained_frames(frames: int, trainer: Trainer) -> int:
    """Return how many frames of a batch are used whose shortest clip has ``frames``."""
    kept = min(frames, trainer.window)
    kept -= (kept - 1) % 4
    if trainer.even_latents and ((kept - 1) // 4 + 1) % 2:
        kept -= 4
    return max(0, kept)


def budget_frames(side: int, trainer: Trainer) -> int:
    """Return the most frames, 4k + 1, of pictures ``side`` x ``side`` in pixels."""
    most = trainer.window
    if trainer.budget:
        most = min(most, trainer.budget // side**2)
    return max(1, most - (most - 1) % 4)


def frame_findings(lengths: Iterable[int]) -> list[Finding]:
    """Return a note for each length of clips of which a trainer leaves frames unused, for what it
    could read: 81 frames train as 77."""
    found = []
    counted = Counter(lengths)
    for trainer in TRAINERS:
        for frames, count in sorted(counted.items()):
            used = trained_frames(frames, trainer)
            if 0 < used < min(frames, trainer.window):
                clips = f"{count:,} clip{'' if count == 1 else 's'} of {frames} frames"
                trains = "trains" if count == 1 else "train"
                message = f"{clips} {trains} as {used} in {trainer.name}"
                hint = f"{_next_whole(frames, trainer)} frames are used whole"
                found.append(Finding("frames_unused", "note", message, hint))
    return found


def _next_whole(frames: int, trainer: Trainer) -> int:
    """Return the next length, at most the window, that is used whole."""
    lengths = range(min(frames, trainer.window), trainer.window + 1)
    return next((one for one in lengths if trained_frames(one, trainer) == one), trainer.window)

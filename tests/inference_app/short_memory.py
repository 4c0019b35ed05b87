"""Memory that runs out where a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import numpy as np
import pytest
from torch.optim.optimizer import register_optimizer_step_post_hook

from inference_app.domain.predictors import guided_filter
from inference_app.domain.predictors.base import Planes, Shot
from inference_app.domain.training.batches import Painted
from inference_app.domain.training.painted import MattingClip


class Greedy:
    """Painted clips, but the third of a batch asks for more memory than any machine has."""

    def clip(self, seed: int, index: int, frames: int, side: int) -> MattingClip:
        if index % 256 >= 2:
            np.empty(1 << 55, np.uint8)
        return Painted(3, 3).clip(seed, index, frames, side)


def short_above(monkeypatch: pytest.MonkeyPatch, width: int, after: int = 0) -> None:
    """Let memory run out at frames wider than ``width``, from the ``after``-th on."""
    real, seen = guided_filter._Loaded.step, []

    def step(self: Any, shot: Shot) -> dict[str, Planes]:
        seen.append(shot)
        if shot.rgb.shape[1] > width and len(seen) > after:
            raise MemoryError
        return real(self, shot)

    monkeypatch.setattr(guided_filter._Loaded, "step", step)


@contextmanager
def short_in_step(number: int) -> Iterator[None]:
    """Let memory run out in step ``number`` of an optimiser, counted from 1, when it has changed
    weights."""
    changed = count(1)

    def run_out(*_: object) -> None:
        if next(changed) == number:
            raise MemoryError

    hook = register_optimizer_step_post_hook(run_out)
    try:
        yield
    finally:
        hook.remove()

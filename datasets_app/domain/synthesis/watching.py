"""Frames as they come, told to whoever waits for them, until somebody asks to stop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from datasets_app.domain.progress import Progress, ShouldStop
from matteweb.errors import Cancelled

T = TypeVar("T")


def watched(
    frames: Iterable[T], total: int, progress: Progress, should_stop: ShouldStop, first: int = 0
) -> Iterator[T]:
    """Yield ``frames``, of which ``first`` is the first number, and report each that was used.

    Raises Cancelled when asked to stop.
    """
    for number, frame in enumerate(frames, start=first + 1):
        if should_stop():
            raise Cancelled(f"stopped at frame {number} of {total}")
        yield frame
        progress(number, total)

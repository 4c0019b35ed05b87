"""A pool as a recipe looks at it, kept for as long as it is asked for again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from datasets_app.domain.synthesis.sources.pool import Pool

KeyT = TypeVar("KeyT")
SeenT = TypeVar("SeenT")


class LastSeen(Generic[KeyT, SeenT]):
    """Calls ``look`` for parameters and a pool, and keeps the last answer alone: a run plans all
    its samples from one pool with the same parameters."""

    def __init__(self, look: Callable[[KeyT, Pool], SeenT]) -> None:
        self._look = look
        self._last: tuple[KeyT, Pool, SeenT] | None = None

    def __call__(self, params: KeyT, pool: Pool) -> SeenT:
        """Return what ``look`` makes of them. Pools are told apart by identity, not by content."""
        last = self._last
        if last is None or last[1] is not pool or last[0] != params:
            self._last = last = (params, pool, self._look(params, pool))
        return last[2]

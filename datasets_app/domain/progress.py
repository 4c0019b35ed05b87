"""How long work reports and how it is stopped: plain callables, handed in by the caller."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int | None], None]
"""Called with (done, total); ``total`` is None while unknown. Cheap: call it once per frame."""

ShouldStop = Callable[[], bool]
"""True when somebody asked to stop; the work then raises ``Cancelled``."""


def ignore_progress(done: int, total: int | None) -> None:
    """Report to nobody."""


def never_stop() -> bool:
    """Run to the end."""
    return False

"""What to do when memory is short: smaller batches, then shorter windows, then smaller pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from inference_app.domain.training.plan import Stage, TrainingPlan
from matteweb.errors import OutOfMemory

SHORTEST, SMALLEST, MULTIPLE = 2, 64, 16

_HINT = "choose the preset for little memory, or end other programs"
_SAID = ("out of memory", "can't allocate memory", "cannot allocate memory")


@contextmanager
def memory_watched(doing: str, hint: str = _HINT) -> Iterator[None]:
    """Raise OutOfMemory for what the allocators of Python, NumPy and torch raise inside."""
    try:
        yield
    except MemoryError as error:
        raise _short(doing, hint) from error
    except RuntimeError as error:
        # Torch's class for cards, by its name, since torch may not be loaded; its allocator for
        # processors has no class of its own.
        short = type(error).__name__ == "OutOfMemoryError"
        if not short and not any(words in str(error).lower() for words in _SAID):
            raise
        raise _short(doing, hint) from error


def stepped_down(plan: TrainingPlan) -> tuple[TrainingPlan, str] | None:
    """Return a plan that takes less memory and which setting changed; None at the smallest."""
    for name, label, halved in (
        ("batch", "clips per step", lambda value: max(1, value // 2)),
        ("frames", "frames per clip", lambda value: max(SHORTEST, value // 2)),
        ("side", "side in pixels", _smaller_side),
    ):
        stages = (plan.main, plan.last)
        lowered = [min(getattr(one, name), halved(getattr(one, name))) for one in stages]
        if all(getattr(one, name) == value for one, value in zip(stages, lowered, strict=True)):
            continue
        main, last = (
            Stage.model_validate(one.model_dump() | {name: value})
            for one, value in zip(stages, lowered, strict=True)
        )
        before = " and ".join(str(getattr(one, name)) for one in stages)
        after = " and ".join(map(str, lowered))
        words = f"{label} lowered from {before} to {after}"
        return plan.model_copy(update={"main": main, "last": last}), words
    return None


def _smaller_side(side: int) -> int:
    return max(SMALLEST, side * 3 // 4 // MULTIPLE * MULTIPLE)


def _short(doing: str, hint: str) -> OutOfMemory:
    return OutOfMemory(f"memory ran out while {doing}", hint=hint)

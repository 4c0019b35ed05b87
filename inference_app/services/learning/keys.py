"""The key by which masks may be carried, learned from painted clips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from inference_app.domain.device import device_named
from inference_app.domain.training.key_plan import KeyPlan
from inference_app.services.learning.plans import plan_from


def key_train(
    *,
    values: dict[str, Any],
    folder: Path,
    device: str = "auto",
    threads: int = 1,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
    report: Callable[[dict[str, float]], None] = lambda entry: None,
) -> dict[str, Any]:
    """Train in ``folder``, or go on there.

    Raises BadInput for a plan that cannot be or a folder of another plan, Cancelled and OutOfMemory
    with everything kept.
    """
    plan = plan_from(KeyPlan, values)
    from inference_app.domain.training.key_loop import train_key

    done = train_key(
        plan, folder, device=device_named(device, threads=threads), progress=progress,
        should_stop=should_stop, report=report,
    )  # fmt: skip
    return done.answer()

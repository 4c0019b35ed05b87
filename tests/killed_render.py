"""A sample rendered in a process of its own, which SIGKILL ends in the middle when it is asked to.

The process is forked from a server that has nothing but the recipes in memory: neither threads of
the test run nor seconds of imports for each.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Mapping
from contextlib import ExitStack, closing
from fractions import Fraction
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.stream_files import StreamWriter
from datasets_app.domain.progress import never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Plan, Resumable
from datasets_app.domain.synthesis.frame_journal import FrameJournal

PIECE = 4
"""Frames that a kill costs at most, instead of the two minutes' worth of the program."""


def render_apart(
    plan: Plan, slug: str, sources: Mapping[str, Path], folder: Path, kill_at: int | None = None
) -> int | None:
    """Render into ``folder`` in a process of its own, going on from what is there.

    Return how many frames were made anew, None when the process was killed before the end.
    """
    told = folder / "made"
    told.unlink(missing_ok=True)
    arguments = (slug, plan.model_dump_json(), dict(sources), folder, kill_at)
    process = _server().Process(target=_render, args=arguments)
    process.start()
    process.join()
    if process.exitcode == -signal.SIGKILL:
        return None
    assert process.exitcode == 0, f"the renderer of {slug} ended with {process.exitcode}"
    return int(told.read_text())


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file of the sample."""
    files = sorted((folder / "sample").iterdir())
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@cache
def _server() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _render(
    slug: str, planned: str, sources: dict[str, Path], folder: Path, kill_at: int | None
) -> None:
    recipe = RECIPES[slug]
    plan = recipe.plan_model.model_validate_json(planned)
    specs = plan.sample_layers(recipe.layers)
    size, fps = FrameSize(plan.width, plan.height), Fraction(plan.fps_num, plan.fps_den)
    out, made = folder / "sample", 0
    out.mkdir(parents=True, exist_ok=True)

    def counted(done: int, total: int | None) -> None:
        nonlocal made
        made += 1

    if isinstance(recipe, Resumable):
        journal = FrameJournal(folder / "journal", specs, size, fps, piece=PIECE)
        frames = journal.frames(
            lambda first: recipe.render_from(plan, sources, first, counted, never_stop)
        )
    else:
        frames = recipe.render(plan, sources, counted, never_stop)
    with ExitStack() as stack:
        writers = {
            spec.name: stack.enter_context(
                StreamWriter(
                    out,
                    spec.name,
                    kind=spec.kind,
                    size=size,
                    fps=fps,
                    expected=plan.frames,
                    master=True,
                    delivery=spec.delivered,
                )
            )
            for spec in specs
        }
        for number, layers in enumerate(stack.enter_context(closing(frames))):
            for name, frame in layers.items():
                writers[name].write(frame)
            if number == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
    (folder / "made").write_text(str(made))

"""The files of a scene while it is rendered: where they lie, and what becomes of a killed one's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets_app.domain.scenes.renderer import (
    RendererPlace,
    renderer,
    scene_folder,
    use_renderer,
)
from tests.processes import ROOT, wait_until

WORKER = """
import sys
from pathlib import Path
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.scenes.renderer import RendererPlace, use_renderer
from datasets_app.domain.synthesis.planner import plan_sample
scratch, blender = sys.argv[1:]
use_renderer(RendererPlace(Path("/nowhere"), blender, scratch=Path(scratch)))
recipe = EffectRemoval()
plan = plan_sample(recipe, recipe.params(side=64, frames=1), Pool(), root_seed=4, index=0).plan
next(recipe.render(plan, {}, ignore_progress, never_stop))
"""
RENDERS = """#!/bin/sh
for job; do :; done
touch "$(dirname "$job")/full-00000.png"
exec sleep 600
"""


@pytest.fixture(autouse=True)
def same_renderer_afterwards() -> Iterator[None]:
    before = renderer()
    yield
    use_renderer(before)


def test_what_a_killed_worker_left_of_a_scene_goes_with_the_next(tmp_path: Path) -> None:
    blender, scratch = tmp_path / "blender", tmp_path / "work"
    blender.write_text(RENDERS)
    blender.chmod(0o755)
    words = [sys.executable, "-c", WORKER, str(scratch), str(blender)]
    worker = subprocess.Popen(words, cwd=ROOT, start_new_session=True)
    try:
        wait_until(lambda: list(scratch.glob("scene.*/full-00000.png")), 60, "a first picture")
        use_renderer(RendererPlace(Path("/nowhere"), str(blender), scratch=scratch))
        (busy,) = scratch.iterdir()
        with scene_folder() as beside:
            assert set(scratch.iterdir()) == {busy, beside}
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert (busy / "job.json").is_file()
    with scene_folder() as folder:
        assert list(scratch.iterdir()) == [folder]
    assert list(scratch.iterdir()) == []


def test_without_an_installation_the_files_lie_in_the_systems_folder() -> None:
    use_renderer(RendererPlace(Path("/nowhere"), ""))
    with scene_folder() as folder:
        assert folder.name.startswith("matteweb-scene-")
    assert not folder.exists()

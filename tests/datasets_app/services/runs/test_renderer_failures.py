"""A renderer that fails in the middle of a run: a sentence on the sample, nothing half-written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from django.conf import LazySettings

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.scenes.renderer import RendererPlace, renderer, use_renderer
from datasets_app.models import Layer, Sample, SynthesisRun
from datasets_app.models.sample import SampleState
from datasets_app.services.runs.rendering import run_render
from datasets_app.services.runs.synthesis import run_create, run_plan
from matteweb.jobs.context import Again
from matteweb.jobs.models import Job
from tests import factories
from tests.datasets_app.domain.scenes.test_renderer import words_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing()),
]

SCENE = {"side": 64, "frames": 40, "samples": 256, "objects_min": 1, "objects_max": 1}
"""Its pictures take longer than the reader of the renderer ever looks away."""
ABORTED = "#!/bin/sh\necho 'Malloc returns null: len=4294967296 in image buffer'\nkill -ABRT $$\n"
SPOKE = "#!/bin/sh\necho 'Segmentation fault (core dumped)'\nexit 139\n"


@pytest.fixture
def run() -> SynthesisRun:
    owner = factories.user()
    made = run_create(
        project=factories.project(owner=owner),
        recipe_slug="effect_removal",
        params=dict(SCENE),
        count=1,
        root_seed=4,
        actor=factories.actor(owner),
    )
    run_plan(run_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    return made


@pytest.fixture(autouse=True)
def same_renderer_afterwards() -> Iterator[None]:
    before = renderer()
    yield
    use_renderer(before)


def failed(run: SynthesisRun, settings: LazySettings, stop: object = never_stop) -> Sample:
    """Render what is planned; return the sample, after a look for what may have been left."""
    assert callable(stop)
    blobs = list(Path(settings.BLOB_DIR).rglob("*"))
    job = Job.objects.get(kind="synthesis_render", target_id=run.pk)
    with suppress(Again):  # another job waits: the lane gives up its turn
        run_render(run_id=run.pk, job_id=job.pk, progress=ignore_progress, should_stop=stop)
    sample = Sample.objects.get(run=run)
    assert sample.state == SampleState.FAILED
    assert not Layer.objects.filter(sample=sample).exists()
    assert list(Path(settings.BLOB_DIR).rglob("*")) == blobs
    assert not list(Path(settings.WORK_DIR).glob("sample-*"))
    return sample


def program(folder: Path, words: str) -> str:
    """Return the path of a program that Blender is taken for."""
    path = folder / "blender"
    path.write_text(words)
    path.chmod(0o755)
    return str(path)


def test_a_blender_that_is_gone_is_told(
    run: SynthesisRun, settings: LazySettings, tmp_path: Path
) -> None:
    use_renderer(RendererPlace(python=tmp_path / "bin" / "python", blender=""))
    sample = failed(run, settings)
    assert sample.error == "no Blender is installed for MatteWeb"
    assert "make render-setup" in sample.hint


def test_a_python_that_cannot_load_blender_is_told_its_version(
    run: SynthesisRun, settings: LazySettings, tmp_path: Path
) -> None:
    """It has a folder of Blender's module, of another version of Python than its own."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    module = tmp_path / "lib" / "python3.99" / "site-packages" / "bpy"
    module.mkdir(parents=True)
    (module / "__init__.py").touch()
    use_renderer(RendererPlace(python=tmp_path / "bin" / "python", blender=""))
    sample = failed(run, settings)
    version = ".".join(map(str, sys.version_info[:2]))
    assert f"Python {version} cannot load Blender" in sample.error
    assert "Python 3.11" in sample.hint


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (ABORTED, "the renderer ran out of memory", "a smaller picture"),
        (SPOKE, "the renderer ended early (code 139)", "Segmentation fault"),
    ],
)
def test_no_memory_is_told_from_a_crash(
    run: SynthesisRun, settings: LazySettings, tmp_path: Path, words: str, error: str, hint: str
) -> None:
    use_renderer(RendererPlace(python=Path("/nowhere"), blender=program(tmp_path, words)))
    sample = failed(run, settings)
    assert (sample.error, hint in sample.hint) == (error, True)


def test_a_renderer_that_is_killed_leaves_none_of_its_frames(
    run: SynthesisRun, settings: LazySettings
) -> None:
    def kill() -> bool:
        for child in psutil.Process().children():
            job = words_of(child).split()[-1:]
            if job and any(Path(job[0]).parent.glob("full-0000[1-9].png")):
                child.kill()
        return False

    sample = failed(run, settings, kill)
    assert "ended by the system" in sample.error
    assert "memory" in sample.hint

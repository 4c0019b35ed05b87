"""A run of a depth model leaves a depth track, which Defocus then draws a filmed scene with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.models import Blob, Mask
from datasets_app.services.blobs import blob_path
from datasets_app.services.runs.pool import pool_freeze, pool_open
from inference_app.models import ModelRun, RunState
from inference_app.services.runs.run_deliveries import run_delivery_start
from matteweb.accounts.models import Project, Role
from matteweb.errors import Unsupported
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, squares
from tests.inference_app.made_runs import finished

pytestmark = pytest.mark.django_db
FRAMES = 6


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


def depth_run(mask: Mask) -> ModelRun:
    """Run the depth model that needs no weights, to its end."""
    run = finished(mask, "layered_depth", factories.actor(factories.user()))
    assert (run.state, run.error) == (RunState.READY, "")
    return run


def test_defocus_reads_the_depth_that_a_run_made(project: Project, tmp_path: Path) -> None:
    video = add(project, clip_file(tmp_path, frames=FRAMES))
    mask = attach(video, mask_file(tmp_path, squares(FRAMES)))
    first = depth_run(mask)
    assert first.result is not None
    assert first.result.name == "depth"
    (clip,) = pool_open(pool_freeze(project)).clips
    assert [one.name for one in clip.masks] == [mask.name], "a depth is no subject"
    again = depth_run(mask)
    assert again.result is not None
    assert again.result.name == f"depth {again.pk}"
    pool = pool_open(pool_freeze(project))
    (clip,) = pool.clips
    assert clip.depth is not None
    assert clip.depth.id == again.result.pk, "the newest counts"
    recipe = RECIPES["defocus"]
    params = recipe.params(scene="as filmed", focus="subject", blur_min=8, blur_max=8)
    plan = plan_sample(recipe, params, pool, root_seed=1, index=0).plan
    assert plan.depth.digest == clip.depth.digest
    sources = {one.digest: blob_path(one) for one in Blob.objects.filter(pk__in=plan.inputs)}
    frames = list(recipe.render(plan, sources, ignore_progress, never_stop))
    assert len(frames) == FRAMES
    rows = frames[0]["depth"].astype(int).mean(axis=1)
    assert rows[-1] > rows[0] + 60, "the floor comes nearer downwards"
    assert max(plan.recomposition.deviation(layers) for layers in frames) <= 1


def test_the_page_offers_depth_and_shows_it_under_its_name(
    project: Project, tmp_path: Path, client: Client
) -> None:
    mask = attach(
        add(project, clip_file(tmp_path, frames=FRAMES)), mask_file(tmp_path, squares(FRAMES))
    )
    client.force_login(factories.member(project, Role.ANNOTATOR))
    shown = client.get(reverse("models", kwargs={"project": project.slug})).content.decode()
    assert '<option value="layered_depth"' in shown
    run = depth_run(mask)
    address = {"project": project.slug, "pk": run.pk}
    told = client.get(reverse("model-run-player", kwargs=address)).json()
    assert [stream["label"] for stream in told["streams"]] == ["clip", "mask", "depth"]
    page = client.get(reverse("model-run", kwargs=address)).content.decode()
    assert "Depth, lossless" in page and "Foreground" not in page and "Take it away" not in page
    with pytest.raises(Unsupported, match="has no alpha"):
        run_delivery_start(run=run, form_slug="png", actor=factories.actor())

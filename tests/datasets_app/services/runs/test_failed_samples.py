"""A sample that cannot be made is failed with its cause, and the others are made all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.object_paste import ObjectPaste
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.models import Sample, SynthesisRun
from datasets_app.models.sample import SampleState
from datasets_app.services.runs import synthesis
from datasets_app.services.runs.pool import pool_freeze, pool_open, source_paths
from datasets_app.services.runs.rendering import run_render
from datasets_app.services.runs.synthesis import run_create, run_plan
from matteweb.jobs.models import Job
from tests.rendered import Rendered

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(rendered: Rendered) -> SynthesisRun:
    """Two samples that take their frames from a video each."""
    made = run_create(
        project=rendered.project,
        recipe_slug="frames",
        params={},
        count=2,
        root_seed=5,
        actor=rendered.actor,
    )
    Sample.objects.filter(run=made).delete()
    run_plan(run_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    Job.objects.all().delete()  # a job that waits would end the lane's turn
    return made


@pytest.mark.parametrize("at_once", [True, False])
def test_a_run_whose_first_plan_takes_too_long_to_wait_for_is_launched_all_the_same(
    rendered: Rendered, client: Client, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    recipe = ObjectPaste()
    pool = pool_open(pool_freeze(rendered.project))
    seed = next(
        seed
        for seed in range(100)
        if (plan_sample(recipe, recipe.params(), pool, root_seed=seed, index=0).tries == 1)
        == at_once
    )
    monkeypatch.setattr(synthesis, "patience", lambda _: lambda: True)
    made = run_create(
        project=rendered.project,
        recipe_slug=recipe.info.slug,
        params={},
        count=3,
        root_seed=seed,
        actor=rendered.actor,
    )
    hurdle = made.survey["hurdle"]
    assert hurdle.startswith("" if at_once else "no draw of 1 makes a sample: 1 x ")
    assert bool(hurdle) != at_once
    assert rendered.actor.user is not None
    client.force_login(rendered.actor.user)
    page = client.get(f"/p/{rendered.project.slug}/runs/{made.pk}/").content.decode()
    assert ("is not known: no draw of 1 makes a sample" in page) != at_once
    run_plan(run_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    assert set(made.samples.values_list("state", flat=True)) == {SampleState.PLANNED}


@contextmanager
def without(file: Path) -> Iterator[None]:
    """Take a file away for a while."""
    away = file.with_suffix(".away")
    file.rename(away)
    try:
        yield
    finally:
        away.rename(file)


def whatever_is_ready_is_there(run: SynthesisRun) -> None:
    for sample in Sample.objects.filter(run=run):
        assert (sample.state == SampleState.READY) == sample.layers.exists()
        assert (sample.state == SampleState.FAILED) == bool(sample.error)


def test_a_sample_that_cannot_be_made_says_why_where_lost_pieces_once_were_complete(
    run: SynthesisRun,
) -> None:
    first, second = Sample.objects.filter(run=run).order_by("index")
    broken = source_paths([first.plan["foreground"]["digest"]])
    (file,) = (Path(path) for path in broken.values())
    with without(file):
        run_render(run_id=run.pk, job_id=1, progress=ignore_progress, should_stop=never_stop)
    whatever_is_ready_is_there(run)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (SampleState.FAILED, SampleState.READY)
    # As it was: the failure of a piece is swallowed, and the clip is written down as complete.
    Sample.objects.filter(pk=first.pk).update(state=SampleState.READY, error="")
    with pytest.raises(AssertionError):
        whatever_is_ready_is_there(run)

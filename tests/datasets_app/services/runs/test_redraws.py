"""A sample that is refused after a look at it: drawn anew, with the reason kept."""

from __future__ import annotations

from itertools import pairwise

import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.scenes.renderer import renderer
from datasets_app.models import Sample, SynthesisRun
from datasets_app.models.sample import SampleState
from datasets_app.services.runs.redraws import REDRAWS, REFUSED, sample_redraw
from datasets_app.services.runs.regeneration import sample_regenerate
from datasets_app.services.runs.synthesis import run_create, run_plan
from matteweb.errors import Unsuitable
from matteweb.jobs.models import Job
from matteweb.jobs.runner import run_here
from tests import factories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing()),
]

SMALL = {"side": 64, "frames": 1, "samples": 1, "objects_min": 1, "objects_max": 2}
REFUSED_FIRST = 13
"""Root seed under which the first scene of these parameters leaves no trace of its object."""


def run(root_seed: int = REFUSED_FIRST) -> SynthesisRun:
    owner = factories.user()
    actor = factories.actor(owner)
    return run_create(
        project=factories.project(owner=owner),
        recipe_slug="effect_removal",
        params=dict(SMALL),
        count=1,
        root_seed=root_seed,
        actor=actor,
    )


def planned() -> Sample:
    made = run()
    run_plan(run_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    Sample.objects.filter(run=made).update(state=SampleState.RENDERING)
    return Sample.objects.select_related("run", "project").get(run=made)


def test_a_refused_sample_is_made_in_the_end_and_says_what_was_refused() -> None:
    made = run()
    run_here(Job.objects.get(kind="synthesis_plan", target_id=made.pk).pk)
    first = Sample.objects.get(run=made).plan
    run_here(Job.objects.get(kind="synthesis_render", target_id=made.pk).pk)
    sample = Sample.objects.get(run=made)
    assert sample.state == SampleState.READY, sample.error
    assert sample.plan != first
    refused = [note for note in sample.notes if note["code"] == REFUSED]
    assert refused
    assert "the scene was refused" in refused[0]["message"]
    assert sample_regenerate(sample=sample).identical


def test_each_redraw_has_a_seed_of_its_own() -> None:
    sample = planned()
    seeds, plans = {sample.seed}, [sample.plan]
    for number in range(3):
        sample_redraw(sample=sample, refused=Unsuitable(f"reason {number}"))
        assert sample.state == SampleState.PLANNED
        seeds.add(sample.seed)
        plans.append(sample.plan)
        Sample.objects.filter(pk=sample.pk).update(state=SampleState.RENDERING)
        sample.refresh_from_db()
    assert len(seeds) == 4
    assert all(plan != other for plan, other in pairwise(plans))


def test_a_place_that_is_refused_again_and_again_fails_with_the_reasons_counted() -> None:
    sample = planned()
    for _ in range(REDRAWS):
        sample_redraw(sample=sample, refused=Unsuitable("too dark"))
        Sample.objects.filter(pk=sample.pk).update(state=SampleState.RENDERING)
        sample.refresh_from_db()
    sample_redraw(sample=sample, refused=Unsuitable("a frame is black"))
    assert sample.state == SampleState.FAILED
    assert sample.error == (
        f"{REDRAWS + 1} draws were refused: {REDRAWS} x too dark, 1 x a frame is black"
    )

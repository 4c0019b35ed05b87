"""How many samples of a run are made at once."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.scenes.renderer import renderer
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.runs.synthesis import run_create, run_plan
from matteweb.jobs.models import Job
from tests import factories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing()),
]


@pytest.mark.parametrize(("workers", "lanes"), [(1, 1), (2, 1), (7, 3), (16, 5)])
def test_a_renderer_runs_for_every_two_cores(
    settings: LazySettings, workers: int, lanes: int
) -> None:
    """And never more of them than there are samples."""
    settings.JOB_WORKERS = workers
    owner = factories.user()
    run = run_create(
        project=factories.project(owner=owner),
        recipe_slug="effect_removal",
        params={"frames": 1, "objects_max": 2},
        count=5,
        root_seed=4,
        actor=factories.actor(owner),
    )
    run_plan(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    assert Job.objects.filter(kind=LANE_KIND, target_id=run.pk).count() == lanes

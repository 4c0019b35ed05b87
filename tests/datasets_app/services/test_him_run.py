"""A run of HIM image from files to stored layers: drawn from assets, one alpha per person."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Asset, Sample
from datasets_app.models.sample import SampleState
from datasets_app.services.keeping.deletion import dependents_of
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.runs.redraws import sample_redraw
from datasets_app.services.runs.regeneration import sample_regenerate
from datasets_app.services.runs.synthesis import PLAN_KIND, run_create, run_plan
from datasets_app.services.sources.assets import asset_add
from datasets_app.services.sources.footage import Rights
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.errors import Unsuitable
from matteweb.jobs.waiting import wait_for_target
from tests import factories
from tests.subjects import figure, rgba_png

COLOURS = ((200, 40, 30), (30, 160, 60), (40, 60, 210))


def add_stills(project: Project, actor: Actor, folder: Path) -> None:
    """Bring in two people and, as the last, a background."""
    rights = Rights(licence="CC0-1.0", attribution="A. Person")
    for number, colour in enumerate(COLOURS):
        path = rgba_png(folder / f"person-{number}.png", figure(thin=number == 1), colour)
        made = asset_add(
            project=project, path=path, background=number == 2, actor=actor, rights=rights
        )
        wait_for_target("ingest_footage", made.pk)


@pytest.mark.django_db(transaction=True)
def test_people_of_assets_become_a_sample_that_can_be_rebuilt(tmp_path: Path) -> None:
    owner = factories.user()
    project, actor = factories.project(owner=owner), factories.actor(owner)
    add_stills(project, actor, tmp_path)
    run = run_create(
        project=project,
        recipe_slug="him_image",
        params={"counts": "2:1", "hidden_max": 0.8, "guidance": "rough"},
        count=1,
        root_seed=4,
        actor=actor,
    )
    wait_for_target(PLAN_KIND, run.pk)
    wait_for_target(LANE_KIND, run.pk)
    sample = Sample.objects.get(run=run)
    assert (sample.state, sample.error) == ("ready", "")
    assert set(sample.layers.values_list("name", flat=True)) == {
        *("rgb_full", "rgb_removed", "fgr", "alpha_00", "alpha_01", "mask_00_00", "mask_00_01"),
    }
    assert {source["role"] for source in sample.sources} == {"background", "instances"}
    assert {source["licence"] for source in sample.sources} == {"CC0-1.0"}
    assert sample.assets.count() == len(COLOURS)
    person = Asset.objects.get(name="person-0")
    assert [(one.kind, one.count) for one in dependents_of(person)] == [("sample", 1)]
    assert sample_regenerate(sample=sample).identical


@pytest.mark.django_db(transaction=True)
def test_a_sample_that_is_drawn_anew_lists_the_assets_of_its_new_plan(tmp_path: Path) -> None:
    owner = factories.user()
    project, actor = factories.project(owner=owner), factories.actor(owner)
    add_stills(project, actor, tmp_path)
    run = run_create(
        project=project,
        recipe_slug="him_image",
        params={"counts": "1:1"},
        count=1,
        root_seed=4,
        actor=actor,
    )
    run_plan(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    sample = Sample.objects.get(run=run)
    seen = set()
    for number in range(6):
        named = {source["id"] for source in sample.sources if source["kind"] == "asset"}
        assert set(sample.assets.values_list("pk", flat=True)) == named
        seen |= named
        Sample.objects.filter(pk=sample.pk).update(state=SampleState.RENDERING)
        sample.refresh_from_db()
        sample_redraw(sample=sample, refused=Unsuitable(f"reason {number}"))
    assert len(seen) == len(COLOURS), "no other person was drawn: the test shows nothing"

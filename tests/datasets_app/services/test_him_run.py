"""A run of HIM image from files to stored layers: drawn from assets, one alpha per person."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.models import Asset, Sample
from datasets_app.services.assets import asset_add
from datasets_app.services.deletion import dependents_of
from datasets_app.services.footage import Rights
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.regeneration import sample_regenerate
from datasets_app.services.synthesis import PLAN_KIND, run_create
from matteweb.jobs.waiting import wait_for_target
from tests import factories
from tests.subjects import figure, rgba_png

COLOURS = ((200, 40, 30), (30, 160, 60), (40, 60, 210))


@pytest.mark.django_db(transaction=True)
def test_people_of_assets_become_a_sample_that_can_be_rebuilt(tmp_path: Path) -> None:
    owner = factories.user()
    project, actor = factories.project(owner=owner), factories.actor(owner)
    rights = Rights(licence="CC0-1.0", attribution="A. Person")
    for number, colour in enumerate(COLOURS):
        path = rgba_png(tmp_path / f"person-{number}.png", figure(thin=number == 1), colour)
        made = asset_add(
            project=project, path=path, background=number == 2, actor=actor, rights=rights
        )
        wait_for_target("ingest_footage", made.pk)
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

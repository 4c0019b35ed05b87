"""A sample with layers of exact numbers, from its run to what the player and the pointer get."""

from __future__ import annotations

import pytest
from django.test import Client

from datasets_app.domain.scenes.renderer import renderer
from datasets_app.models import Sample
from datasets_app.selectors.player import player_of_sample
from datasets_app.selectors.stored_frames import stored_streams_of_sample
from datasets_app.services.runs.synthesis import run_create
from matteweb.jobs.models import Job
from matteweb.jobs.runner import run_here
from tests import factories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing()),
]


def test_measured_layers_are_shown_as_pictures_and_read_as_numbers(client: Client) -> None:
    owner = factories.user()
    project = factories.project(owner=owner)
    small = {"side": 64, "frames": 1, "samples": 1, "objects_max": 1, "low_light": 0}
    run = run_create(
        project=project,
        recipe_slug="effect_removal",
        params={**small, "distance": True, "flow": True},
        count=1,
        root_seed=3,
        actor=factories.actor(owner),
    )
    for kind in ("synthesis_plan", "synthesis_render"):
        run_here(Job.objects.get(kind=kind, target_id=run.pk).pk)
    sample = Sample.objects.get(run=run)
    assert sample.state == "ready", sample.error
    shown = {stream["name"]: stream["kind"] for stream in player_of_sample(sample, "p")["streams"]}
    assert shown["distance"] == shown["flow_forward"] == "rgb"
    assert shown["mask"] == "gray"
    stored = {stream.name: stream for stream in stored_streams_of_sample(sample)}
    assert (stored["distance"].kind, stored["distance"].origin) == ("distance", "master")
    client.force_login(owner)
    url = f"/p/{project.slug}/samples/{sample.pk}/values.json?frame=0&x=32&y=63"
    values = {layer["name"]: layer["value"] for layer in client.get(url).json()["layers"]}
    (metres,) = values["distance"]
    assert 0.5 < metres < 20
    assert values["flow_forward"] == [], "a clip of one frame goes nowhere"

"""Rebuilding a sample on request: by a real job, compared byte by byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse

from datasets_app.models import Layer, Sample
from matteweb.accounts.models import Role
from matteweb.jobs.models import Job
from matteweb.jobs.runner import run_here
from tests.datasets_app.api.conftest import Ask, asking
from tests.rendered import Rendered

pytestmark = pytest.mark.django_db


def body(answer: HttpResponse, status: int) -> Any:
    """Return the JSON of an answer that must have this status."""
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def test_a_rebuilt_sample_is_identical(rendered: Rendered) -> None:
    ask, path = asking(rendered, Role.REVIEWER), f"samples/{rendered.samples[1].pk}/rebuilds"
    started = body(ask("post", path), 202)
    assert started["identical"] is None
    run_here(started["job"])
    found = body(ask("get", path), 200)[0]
    assert found["state"] == "done"
    assert found["identical"] is True, found["differing"]
    assert {"rgb_full", "rgb_removed", "mask", "alpha", "fgr"} == set(found["layers"])


def test_a_second_request_joins_the_rebuild_that_is_under_way(ask: Ask, rendered: Rendered) -> None:
    path = f"samples/{rendered.samples[0].pk}/rebuilds"
    first = body(ask("post", path), 202)
    assert body(ask("post", path), 202)["job"] == first["job"]
    assert Job.objects.filter(kind="sample_regenerate").count() == 1


def test_a_layer_with_other_bytes_is_named(ask: Ask, rendered: Rendered) -> None:
    sample = rendered.samples[0]
    alpha, mask = (Layer.objects.get(sample=sample, name=name) for name in ("alpha", "mask"))
    Layer.objects.filter(pk=mask.pk).update(master=alpha.master)
    path = f"samples/{sample.pk}/rebuilds"
    run_here(body(ask("post", path), 202)["job"])
    found = body(ask("get", path), 200)[0]
    assert found["identical"] is False
    assert found["differing"] == ["mask"]


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"plan": {}}, 400, "imported"),
        ({"state": "failed"}, 409, "only a rendered sample"),
        ({"recipe_version": 999}, 400, "version 999"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_a_job_is_made(
    ask: Ask, rendered: Rendered, change: dict[str, Any], status: int, says: str
) -> None:
    pk = rendered.samples[0].pk
    Sample.objects.filter(pk=pk).update(**change)
    said = body(ask("post", f"samples/{pk}/rebuilds"), status)
    assert says in said["message"]
    assert not Job.objects.filter(kind="sample_regenerate").exists()

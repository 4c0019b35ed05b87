"""The pages of the review desk, as people with different roles see them."""

from __future__ import annotations

import json
import re
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from datasets_app.models import CalibrationItem, ReviewPolicy, Sample
from datasets_app.services.desk.review import verdict_give
from matteweb.accounts.models import Project, Role, User
from matteweb.jobs.models import Job
from tests import factories
from tests.review_desk import samples_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.project("desk")


@pytest.fixture
def lead(project: Project) -> User:
    return factories.member(project, Role.LEAD)


@pytest.fixture
def anna(project: Project) -> User:
    return factories.member(project, Role.REVIEWER)


@pytest.fixture
def samples(project: Project, lead: User) -> list[Sample]:
    return samples_by(project, lead, 3)


def page(who: User, name: str, query: str = "", **parts: Any) -> HttpResponse:
    client = Client()
    client.force_login(who)
    address = reverse(name, kwargs={"project": "desk", **parts})
    return cast(HttpResponse, client.get(address + query))


def text(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def post(who: User, name: str, body: dict[str, Any], **parts: Any) -> HttpResponse:
    client = Client()
    client.force_login(who)
    address = reverse(name, kwargs={"project": "desk", **parts})
    return cast(HttpResponse, client.post(address, body))


def facts(answer: HttpResponse) -> Any:
    found = re.search(r'id="review-facts"[^>]*>([^<]*)<', text(answer))
    assert found
    return json.loads(found.group(1))


def test_a_reviewers_page_asks_for_its_samples_itself(samples: list[Sample], anna: User) -> None:
    told = facts(page(anna, "review", "?order=oldest"))
    assert "given" not in told
    assert told["chosen"]["order"] == "oldest"
    assert told["leases"]["take"].endswith("/review/leases")


def test_whoever_may_only_look_is_given_the_samples(
    project: Project, samples: list[Sample]
) -> None:
    viewer = factories.member(project, Role.VIEWER)
    told = facts(page(viewer, "review"))
    assert [item["id"] for item in told["given"]["items"]] == [sample.pk for sample in samples]


def test_what_was_returned_is_a_list_to_mend_and_not_a_desk(
    samples: list[Sample], lead: User, anna: User
) -> None:
    verdict_give(
        sample=samples[1], decision="reject", reasons=["halo"], actor=factories.actor(anna)
    )
    answer = page(lead, "review", "?queue=returned")
    assert answer.status_code == 302
    shown = text(page(lead, "review-list", "?queue=returned"))
    assert samples[1].name in shown
    assert samples[0].name not in shown


def test_others_verdicts_are_hidden_until_ones_own_is_given(
    project: Project, samples: list[Sample], anna: User
) -> None:
    ReviewPolicy.objects.create(project=project, verdicts_needed=2)
    ben = factories.member(project, Role.REVIEWER)
    verdict_give(
        sample=samples[0], decision="reject", reasons=["spill"], actor=factories.actor(anna)
    )
    pk = samples[0].pk
    assert "Spill" not in text(page(ben, "sample-side", pk=pk))
    assert "Spill" in text(page(anna, "sample-side", pk=pk))
    assert "Spill" not in text(page(ben, "sample", pk=pk))
    verdict_give(sample=samples[0], decision="accept", actor=factories.actor(ben))
    assert "Spill" in text(page(ben, "sample-side", pk=pk))


def test_a_known_bad_sample_looks_like_any_other_beside_the_viewer(
    samples: list[Sample], lead: User, anna: User
) -> None:
    origin = samples[0]
    copy = Sample.objects.create(
        project=origin.project,
        index=0,
        name="op-1-7777",
        state="ready",
        recipe=origin.recipe,
        frames=10,
        width=64,
        height=48,
        fps_num=24,
        fps_den=1,
    )
    CalibrationItem.objects.create(
        sample=copy, origin=origin, fault="halo", fault_version=1, seed=1, expected=["halo"]
    )
    shown = text(page(anna, "sample-side", pk=copy.pk))
    assert origin.run is not None
    assert reverse("run", kwargs={"project": "desk", "pk": origin.run.pk}) in shown
    assert "halo" not in shown.lower()
    assert copy.name not in text(page(anna, "review-list", "?queue=all"))
    assert copy.name in text(page(lead, "review-statistics"))
    assert copy.name not in text(page(anna, "review-statistics"))
    retired = post(lead, "review-calibration-retire", {}, pk=copy.calibration.pk)
    assert retired.status_code == 302
    assert "out of use" in text(page(lead, "review-statistics"))


def test_the_rules_are_set_on_their_page_or_refused_beside_the_field(
    project: Project, lead: User
) -> None:
    rules = {
        "verdicts_needed": 2,
        "self_review": "never",
        "on_reject": "reroll",
        "calibration_every": 20,
    }
    assert post(lead, "review-rules-save", rules).status_code == 302
    policy = ReviewPolicy.objects.get(project=project)
    assert (policy.verdicts_needed, policy.on_reject) == (2, "reroll")
    wrong = post(lead, "review-rules-save", rules | {"verdicts_needed": 10})
    assert wrong.status_code == 400
    assert b"errorlist" in wrong.content


def test_known_bad_samples_are_asked_for_on_the_page_of_the_rules(
    project: Project, samples: list[Sample], lead: User, anna: User
) -> None:
    form = {"count": "2", "strength": "60", "fault": ["halo", "flicker"]}
    assert post(lead, "review-calibration", form).status_code == 409
    verdict_give(sample=samples[0], decision="accept", actor=factories.actor(anna))
    assert post(lead, "review-calibration", form).status_code == 302
    job = Job.objects.get(kind="calibration_make")
    assert job.params["faults"] == ["halo", "flicker"]
    assert job.params["strength"] == 0.6
    assert post(lead, "review-calibration", form | {"count": "many"}).status_code == 400

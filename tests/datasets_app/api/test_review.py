"""The review desk for programs: the same rules, asked by token."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from datasets_app.models import Sample
from matteweb.accounts.models import Project, Role, User
from tests import factories
from tests.review_desk import samples_by

pytestmark = pytest.mark.django_db

SESSION = "3f0c7a52-session"


class Program:
    """Somebody's program."""

    def __init__(self, project: Project, user: User) -> None:
        self.user = user
        self._base = f"/api/projects/{project.slug}/"
        self._client = Client(headers={"Authorization": f"Bearer {factories.token(user)}"})

    def ask(self, method: str, path: str, body: Any = None) -> HttpResponse:
        given = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer: HttpResponse = getattr(self._client, method)(self._base + path, **given)
        return answer

    def got(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status_code == status, answer.content
        return json.loads(answer.content) if answer.content else None


@pytest.fixture
def project() -> Project:
    return factories.project("desk")


@pytest.fixture
def lead(project: Project) -> Program:
    return Program(project, factories.member(project, Role.LEAD))


@pytest.fixture
def anna(project: Project) -> Program:
    return Program(project, factories.member(project, Role.REVIEWER))


@pytest.fixture
def ben(project: Project) -> Program:
    return Program(project, factories.member(project, Role.REVIEWER))


@pytest.fixture
def samples(project: Project, lead: Program) -> list[Sample]:
    return samples_by(project, lead.user, 5)


def taken(who: Program, **more: Any) -> Any:
    session = f"session-of-{who.user.pk}"
    return who.got("post", "review/leases", {"session": session, "count": 2, **more})


def ids(answer: Any, part: str = "items") -> list[int]:
    return [item["id"] for item in answer[part]]


def test_two_programs_get_different_samples_and_see_what_comes_next(
    samples: list[Sample], anna: Program, ben: Program
) -> None:
    first, second = taken(anna), taken(ben)
    assert not set(ids(first)) & set(ids(second))
    assert (len(ids(first)), len(ids(second))) == (2, 2)
    assert ids(second, "upcoming") == [samples[4].pk]
    assert second["waiting"] == 5
    assert first["items"][0]["player"].endswith("player.json")


def test_a_heartbeat_says_what_is_still_held_and_leaving_frees_it(
    samples: list[Sample], anna: Program, ben: Program
) -> None:
    mine = ids(taken(anna))
    page = {"session": f"session-of-{anna.user.pk}", "samples": [*mine, samples[4].pk]}
    assert anna.got("post", "review/leases/renew", page) == {"samples": mine}
    assert ben.ask("put", f"samples/{mine[0]}/lease", page | {"samples": []}).status_code == 409
    anna.got("post", "review/leases/release", page | {"samples": []}, 204)
    other = {"session": f"session-of-{ben.user.pk}"}
    ben.got("put", f"samples/{mine[0]}/lease", other, 204)
    ben.got("post", "review/leases/release", other | {"leaving": True}, 204)
    assert ben.ask("put", f"samples/{mine[0]}/lease", other).status_code == 409


def test_a_comment_is_made_listed_resolved_and_opened_again(
    samples: list[Sample], anna: Program, ben: Program
) -> None:
    path = f"samples/{samples[0].pk}/comments"
    given = {"text": "the tail jumps", "first_frame": 4, "region": [1, 2, 30, 20]}
    made = anna.got("post", path, given, 201)
    assert (made["last_frame"], made["author"]) == (4, anna.user.username)
    changed = ben.got("patch", f"comments/{made['id']}", {"resolved": True})
    assert changed["resolved_by"] == ben.user.username
    ben.got("patch", f"comments/{made['id']}", {"resolved": True}, 409)
    ben.got("patch", f"comments/{made['id']}", {"resolved": False})
    (listed,) = ben.got("get", path)
    assert (listed["region"], listed["resolved_at"]) == ([1, 2, 30, 20], None)


def test_an_author_sends_back_or_rolls_again_what_was_rejected(
    samples: list[Sample], lead: Program, anna: Program
) -> None:
    pk = samples[0].pk
    anna.got("post", f"samples/{pk}/verdicts", {"decision": "reject", "reasons": ["halo"]}, 201)
    anna.got("post", f"samples/{pk}/resubmit", status=409)
    assert lead.got("post", f"samples/{pk}/resubmit")["review"] == "pending"
    anna.got("post", f"samples/{pk}/verdicts", {"decision": "reject", "reasons": ["halo"]}, 201)
    rolled = lead.got("post", f"samples/{pk}/reroll", status=201)
    assert rolled == {"run": samples[0].run_id, "index": 5}


def test_author_and_reviewer_are_chosen_by_a_lead(
    samples: list[Sample], lead: Program, anna: Program
) -> None:
    path = f"samples/{samples[0].pk}/assignment"
    given = {"part": "reviewer", "username": anna.user.username}
    anna.got("put", path, given, 403)
    expected = {"author": lead.user.username, "reviewer": anna.user.username}
    assert lead.got("put", path, given) == expected
    lead.got("put", path, {"part": "author", "username": anna.user.username}, 400)
    assert lead.got("get", path) == expected


def test_many_are_judged_at_once_and_taken_back(
    samples: list[Sample], anna: Program, ben: Program
) -> None:
    chosen = [sample.pk for sample in samples]
    held = ids(taken(ben))
    given = {"action": "accept", "samples": chosen}
    done = anna.got("post", "review/batches/", given, 201)
    assert done["done"] == 3
    assert {line["name"] for line in done["left_out"]} == {
        sample.name for sample in samples if sample.pk in held
    }
    anna.got("post", "review/batches/", {"action": "archive", "samples": chosen}, 403)
    assert anna.got("post", f"review/batches/{done['id']}/undo") == {"samples": 3}


def test_leads_give_one_sample_or_many_their_weight(
    samples: list[Sample], lead: Program, anna: Program
) -> None:
    path = f"samples/{samples[0].pk}"
    anna.got("patch", path, {"weight": 2}, 403)
    lead.got("patch", path, {"weight": 0}, 400)
    assert lead.got("patch", path, {"weight": 2})["weight"] == 2
    given = {"action": "weigh", "samples": [one.pk for one in samples], "weight": 4}
    anna.got("post", "review/batches/", given, 403)
    lead.got("post", "review/batches/", given | {"weight": 65}, 400)
    done = lead.got("post", "review/batches/", given, 201)
    assert (done["done"], anna.got("get", path)["weight"]) == (len(samples), 4)
    lead.got("post", f"review/batches/{done['id']}/undo")
    assert anna.got("get", path)["weight"] == 2


def test_the_rules_are_read_by_all_and_set_by_leads(
    project: Project, lead: Program, anna: Program
) -> None:
    rules = anna.got("get", "review/policy")
    assert rules["verdicts_needed"] == 1
    anna.got("put", "review/policy", rules, 403)
    lead.got("put", "review/policy", rules | {"verdicts_needed": 2})
    lead.got("put", "review/policy", rules | {"verdicts_needed": 0}, 400)
    assert anna.got("get", "review/policy")["verdicts_needed"] == 2


def test_figures_say_how_far_two_reviewers_agree(
    samples: list[Sample], lead: Program, anna: Program, ben: Program
) -> None:
    rules = lead.got("get", "review/policy")
    lead.got("put", "review/policy", rules | {"verdicts_needed": 2})
    for sample, second in zip(samples[:4], ["accept", "accept", "reject", "reject"], strict=True):
        first = "reject" if sample == samples[3] else "accept"
        for who, decision in ((anna, first), (ben, second)):
            body = {"decision": decision, "seconds": 3.5}
            body |= {"reasons": ["hole"]} if decision == "reject" else {}
            who.got("post", f"samples/{sample.pk}/verdicts", body, 201)
    figures = anna.got("get", "review/statistics")
    assert figures["agreement"]["percent"] == 75
    (pair,) = figures["pairs"]
    # 2 both yes, 1 both no, 1 yes/no: observed 3/4, chance 3/4*1/2 + 1/4*1/2 = 1/2.
    assert pair["agreement"] == {"samples": 4, "percent": 75.0, "kappa": 0.5}
    assert {one["median_seconds"] for one in figures["reviewers"]} == {3.5}
    disputed = taken(lead, queue="disputed")
    assert ids(disputed) == []
    carla = Program(samples[0].project, factories.member(samples[0].project, Role.REVIEWER))
    assert ids(taken(carla, queue="disputed")) == [samples[2].pk]


def test_known_bad_samples_are_asked_for_and_listed_by_leads_alone(
    samples: list[Sample], lead: Program, anna: Program
) -> None:
    anna.got("get", "review/calibration/", status=403)
    lead.got("post", "review/calibration/", {"count": 2}, 409)
    body = {"decision": "accept"}
    anna.got("post", f"samples/{samples[0].pk}/verdicts", body, 201)
    lead.got("post", "review/calibration/", {"count": 2, "faults": ["nonsense"]}, 400)
    assert lead.got("post", "review/calibration/", {"count": 2, "faults": ["halo"]}, 202)["job"]
    assert lead.got("get", "review/calibration/") == []

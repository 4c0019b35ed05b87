"""The API of accounts, by token and by session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from matteweb.accounts.models import ApiToken, AuditEntry, Membership, Project, Role, User
from matteweb.accounts.services import user_invite
from tests import factories

pytestmark = pytest.mark.django_db

JSON = "application/json"


def asking(user: User, keyword: str = "Bearer") -> Client:
    """Return a client that sends a token of the user."""
    return Client(headers={"Authorization": f"{keyword} {factories.token(user)}"})


def test_a_program_logs_in_by_password_and_works_by_token() -> None:
    anna = factories.user("anna")
    body = {"username": "anna", "password": "secret", "name": "laptop"}
    answer = Client().post("/api/login", body, content_type=JSON)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert ApiToken.objects.get().name == "laptop"
    client = Client(headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert client.get("/api/me").json() == {"username": "anna", "projects": []}
    assert AuditEntry.objects.get(action="token.create").actor == anna


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "anna", "password": "wrong"}, 401),
        ({"username": "nobody", "password": "secret"}, 401),
        ({"username": "anna"}, 400),
        ({}, 400),
    ],
)
def test_a_wrong_login_makes_no_token(body: dict[str, str], status: int) -> None:
    factories.user("anna")
    assert Client().post("/api/login", body, content_type=JSON).status_code == status
    assert not ApiToken.objects.exists()


def test_a_one_time_password_buys_no_token() -> None:
    _, one_time = user_invite(username="anna", actor=factories.actor())
    body = {"username": "anna", "password": one_time}
    assert Client().post("/api/login", body, content_type=JSON).status_code == 403
    assert not ApiToken.objects.exists()


def test_without_a_token_the_answer_says_how_to_send_one() -> None:
    answer = Client().get("/api/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in answer.json()["hint"]


@pytest.mark.parametrize("keyword", ["Bearer", "Token", "bearer"])
def test_both_spellings_of_the_header_are_understood(keyword: str) -> None:
    assert asking(factories.user(), keyword).get("/api/me").status_code == 200


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer mw_x", "Bearer a b c"])
def test_a_broken_token_is_refused(value: str) -> None:
    client = Client(headers={"Authorization": value})
    client.force_login(factories.user())
    assert client.get("/api/me").status_code == 401


def test_a_session_may_read_but_needs_the_csrf_token_to_write() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user())
    assert client.get("/api/projects/").status_code == 200
    answer = client.post("/api/projects/", {"name": "Beach"}, content_type=JSON)
    assert answer.status_code == 403
    assert set(answer.json()) == {"message", "hint", "code", "extra"}


def test_tokens_are_made_listed_and_revoked() -> None:
    anna = factories.user()
    client = asking(anna)
    expires = (timezone.now() + timedelta(days=2)).isoformat()
    made = client.post("/api/me/tokens/", {"name": "ci", "expires_at": expires}, content_type=JSON)
    assert made.status_code == 201
    names = [token["name"] for token in client.get("/api/me/tokens/").json()]
    assert names == ["ci", "test"]
    assert "token" not in client.get("/api/me/tokens/").json()[0]
    assert client.delete(f"/api/me/tokens/{made.json()['id']}").status_code == 204
    assert client.delete(f"/api/me/tokens/{made.json()['id']}").status_code == 404


def test_a_project_is_made_renamed_and_archived() -> None:
    client = asking(factories.user())
    made = client.post("/api/projects/", {"name": "Beach", "slug": "b"}, content_type=JSON)
    assert (made.status_code, made.json()["slug"]) == (201, "b")
    again = client.post("/api/projects/", {"name": "Beach", "slug": "b"}, content_type=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    renamed = client.patch("/api/projects/b/", {"name": "Shore"}, content_type=JSON)
    assert renamed.json()["name"] == "Shore"
    assert client.get("/api/projects/").json() == [{"slug": "b", "name": "Shore", "role": "owner"}]
    assert client.delete("/api/projects/b/").status_code == 204
    assert client.get("/api/projects/b/").status_code == 404


def test_members_are_added_changed_and_removed() -> None:
    anna = factories.user("anna")
    project = factories.project("beach", owner=anna)
    client = asking(anna)
    body = {"username": "bert", "role": "viewer"}
    added = client.post("/api/projects/beach/members/", body, content_type=JSON)
    assert added.status_code == 201
    assert Client().login(username="bert", password=added.json()["one_time_password"])
    changed = client.put("/api/projects/beach/members/bert", {"role": "lead"}, content_type=JSON)
    assert changed.json() == {"username": "bert", "role": "lead"}
    members = client.get("/api/projects/beach/members/").json()
    assert [member["username"] for member in members] == ["anna", "bert"]
    assert client.delete("/api/projects/beach/members/bert").status_code == 204
    assert client.delete("/api/projects/beach/members/anna").status_code == 409
    assert Membership.objects.get(project=project).user == anna


def test_an_unknown_role_is_an_error_on_its_field() -> None:
    anna = factories.user()
    factories.project("beach", owner=anna)
    body = {"username": "bert", "role": "king"}
    answer = asking(anna).post("/api/projects/beach/members/", body, content_type=JSON)
    assert answer.status_code == 400
    assert set(answer.json()["extra"]["fields"]) == {"role"}
    assert not User.objects.filter(username="bert").exists()


def test_the_log_says_by_which_door_somebody_came() -> None:
    anna = factories.user("anna")
    factories.project("beach", owner=anna)
    client = asking(anna)
    client.patch("/api/projects/beach/", {"name": "Shore"}, content_type=JSON)
    log: dict[str, Any] = client.get("/api/projects/beach/audit/?limit=1").json()
    assert log["count"] == 1
    entry = log["results"][0]
    assert (entry["actor"], entry["channel"], entry["action"]) == ("anna", "api", "project.rename")


def test_roles_hold_in_the_api() -> None:
    project = factories.project("beach", owner=factories.user())
    lead = asking(factories.member(project, Role.LEAD))
    answer = lead.patch("/api/projects/beach/", {"name": "Shore"}, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_field_that_no_such_request_has_is_refused_and_named() -> None:
    body = {"slug": "beach", "name": "Beach", "titel": "Beach"}
    answer = asking(factories.user("anna")).post("/api/projects/", body, content_type=JSON)
    assert answer.status_code == 400
    assert set(answer.json()["extra"]["fields"]) == {"titel"}
    assert "known: name, slug" in answer.json()["message"]
    assert not Project.objects.exists()

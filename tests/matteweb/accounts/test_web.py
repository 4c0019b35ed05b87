"""How views learn who acts and in which project: pages, API views, sync and async."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.accounts.web import ProjectRequest, api_actor, page_actor, project_api, project_page
from matteweb.errors import NotAllowed, NotFound
from tests import factories

pytestmark = pytest.mark.django_db


@project_page(Role.ANNOTATOR)
def page(request: ProjectRequest, project: Project, number: int = 0) -> HttpResponse:
    assert page_actor(request).channel == AuditEntry.Channel.PAGE
    return HttpResponse(f"{project.slug} {request.role} {number}")


@project_page(Role.ANNOTATOR)
async def async_page(request: ProjectRequest, project: Project) -> HttpResponse:
    return HttpResponse(f"{project.slug} {request.user.username}")


@project_api(Role.ANNOTATOR)
def endpoint(request: ProjectRequest, project: Project) -> HttpResponse:
    assert api_actor(request).user == request.user
    return HttpResponse(f"{project.slug} {request.user.username}")


@project_api(Role.ANNOTATOR)
async def async_endpoint(request: ProjectRequest, project: Project) -> HttpResponse:
    return HttpResponse(f"{project.slug} {request.user.username}")


def asking(
    user: User | None, method: str = "get", path: str = "/p/x/", **headers: str
) -> HttpRequest:
    request: HttpRequest = getattr(RequestFactory(headers=headers), method)(path)
    request.user = user or AnonymousUser()
    return request


def call(view: Any, request: HttpRequest, project: str, **kwargs: Any) -> HttpResponse:
    answer = view(request, project=project, **kwargs)
    if hasattr(answer, "__await__"):

        async def awaited() -> HttpResponse:
            return await answer  # type: ignore[no-any-return]

        answer = async_to_sync(awaited)()
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_page_gets_its_project_and_the_role_in_it() -> None:
    project = factories.project("beach")
    anna = factories.member(project, Role.LEAD)
    assert call(page, asking(anna), "beach", number=3).content == b"beach lead 3"


@pytest.mark.parametrize("view", [page, async_page])
def test_whoever_is_not_logged_in_goes_to_the_login_and_back(view: Any) -> None:
    answer = call(view, asking(None, path="/p/x/?a=b"), "x")
    assert answer.status_code == 302
    assert answer["Location"] == "/login/?next=%2Fp%2Fx%2F%3Fa%3Db"


def test_htmx_leaves_for_the_login_with_the_whole_page() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/p/x/library/?page=2"}
    answer = call(page, asking(None, "post", **headers), "x")
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/login/?next=%2Fp%2Fx%2Flibrary%2F%3Fpage%3D2"


def test_a_refused_post_is_not_repeated_after_the_login() -> None:
    assert call(page, asking(None, "post"), "x")["Location"] == "/login/"


@pytest.mark.parametrize("view", [page, async_page])
def test_a_stranger_and_too_low_a_role_are_refused(view: Any) -> None:
    project = factories.project("beach")
    with pytest.raises(NotFound):
        call(view, asking(factories.user()), "beach")
    with pytest.raises(NotAllowed):
        call(view, asking(factories.member(project, Role.VIEWER)), "beach")


def test_an_async_page_gets_its_project() -> None:
    anna = factories.member(factories.project("beach"), Role.ANNOTATOR, "anna")
    assert call(async_page, asking(anna), "beach").content == b"beach anna"


@pytest.mark.parametrize("view", [endpoint, async_endpoint])
def test_an_api_view_knows_a_token(view: Any) -> None:
    anna = factories.member(factories.project("beach"), Role.ANNOTATOR, "anna")
    bearer = f"Bearer {factories.token(anna)}"
    answer = call(view, asking(None, "post", Authorization=bearer), "beach")
    assert answer.content == b"beach anna"


@pytest.mark.parametrize("view", [endpoint, async_endpoint])
def test_an_api_view_answers_refusals_as_json(view: Any) -> None:
    project = factories.project("beach")
    viewer = f"Bearer {factories.token(factories.member(project, Role.VIEWER))}"
    stranger = f"Token {factories.token(factories.user())}"
    for authorization, status, code in [
        ("", 401, "not_authenticated"),
        ("Bearer mw_wrong", 401, "not_authenticated"),
        (stranger, 404, "not_found"),
        (viewer, 403, "not_allowed"),
    ]:
        answer = call(view, asking(None, Authorization=authorization), "beach")
        assert answer.status_code == status
        body = json.loads(answer.content)
        assert body["code"] == code
        assert set(body) == {"message", "hint", "code", "extra"}


def test_a_wrong_token_does_not_fall_back_to_the_session() -> None:
    anna = factories.member(factories.project("beach"), Role.OWNER)
    answer = call(endpoint, asking(anna, Authorization="Bearer mw_wrong"), "beach")
    assert answer.status_code == 401


def test_the_authorization_of_a_proxy_is_left_alone() -> None:
    anna = factories.member(factories.project("beach"), Role.OWNER, "anna")
    answer = call(endpoint, asking(anna, Authorization="Basic YTpi"), "beach")
    assert answer.content == b"beach anna"


def test_a_session_that_changes_something_by_the_api_needs_the_csrf_token() -> None:
    anna = factories.member(factories.project("beach"), Role.OWNER, "anna")
    assert call(endpoint, asking(anna, "get"), "beach").status_code == 200
    assert call(endpoint, asking(anna, "post"), "beach").status_code == 403

    client = Client()
    client.get("/login/")
    secret = client.cookies["csrftoken"].value
    request = asking(anna, "post", **{"X-CSRFToken": secret})
    request.COOKIES["csrftoken"] = secret
    assert call(endpoint, request, "beach").status_code == 200

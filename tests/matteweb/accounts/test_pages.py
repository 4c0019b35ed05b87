"""Login, password, projects, settings, tokens, audit log, as a browser sees them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import AsyncClient, Client
from django.urls import path

from matteweb import errors
from matteweb.accounts.models import ApiToken, Membership, Project, Role, User
from matteweb.accounts.services import (
    audit,
    first_owner_ensure,
    project_archive,
    user_reset_password,
)
from tests import factories
from tests.matteweb.accounts.site import urlpatterns as site_patterns

pytestmark = pytest.mark.django_db


def failing(request: Any) -> Any:
    raise errors.Conflict("clip 12 is being read.", hint="Wait for it.")


async def failing_later(request: Any) -> Any:
    raise errors.Conflict("clip 12 is being read.", hint="Wait for it.")


def broken(request: Any) -> Any:
    raise KeyError("a fault of the program")


urlpatterns = [
    *site_patterns,
    path("failing", failing),
    path("api/failing", failing),
    path("failing-later", failing_later),
    path("broken", broken),
    path("api/broken", broken),
]
handler500 = "matteweb.accounts.error_pages.fault"
handler404 = "matteweb.accounts.error_pages.not_found"


@pytest.fixture
def failing_pages(settings: Any) -> None:
    """Mount the pages above, which go wrong."""
    settings.ROOT_URLCONF = __name__


def entered(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# login and password


def test_the_first_owner_logs_in_and_must_choose_a_password_before_anything_else() -> None:
    made = first_owner_ensure()
    assert made is not None
    client, (name, one_time) = Client(), made
    answer = client.post("/login/", {"username": name, "password": one_time})
    assert answer.status_code == 302
    for address in ("/projects/", "/me/tokens/", "/p/absent/settings/"):
        assert client.get(address)["Location"] == "/password/"
    assert client.get("/api/projects/").status_code == 403
    assert client.get("/projects/", headers={"HX-Request": "true"})["HX-Redirect"] == "/password/"

    form = {
        "old_password": one_time,
        "new_password1": "matte studio 42",
        "new_password2": "matte studio 42",
    }
    assert client.post("/password/", form)["Location"] == "/projects/"
    assert client.get("/projects/").status_code == 200


def test_a_one_time_password_cannot_be_kept_by_the_form() -> None:
    made = first_owner_ensure()
    assert made is not None
    client, (name, one_time) = Client(), made
    client.post("/login/", {"username": name, "password": one_time})
    form = {"old_password": one_time, "new_password1": one_time, "new_password2": one_time}
    assert client.post("/password/", form).status_code == 400
    assert client.get("/projects/")["Location"] == "/password/"


def test_the_old_password_is_asked_for() -> None:
    client = entered(factories.user("anna"))
    new = "matte studio 42"
    form = {"old_password": "guess", "new_password1": new, "new_password2": new}
    assert client.post("/password/", form).status_code == 400
    assert User.objects.get(username="anna").check_password("secret")


def test_a_login_leads_back_but_never_to_another_site() -> None:
    factories.user("anna")
    form = {"username": "anna", "password": "secret"}
    assert Client().post("/login/", form | {"next": "/me/tokens/"})["Location"] == "/me/tokens/"
    assert Client().post("/login/", form | {"next": "https://evil/"})["Location"] == "/projects/"


def test_too_many_wrong_passwords_lock_the_name_for_a_while(settings: Any) -> None:
    settings.AXES_ENABLED = True
    factories.user("anna")
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/login/", {"username": "anna", "password": "guess"})
    right = {"username": "anna", "password": "secret"}
    answer = client.post("/login/", right)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "15 minutes" in answer.content.decode()
    answer = client.post("/api/login", right)
    assert answer.status_code == 429
    assert answer.json()["code"] == "locked_out"
    # From elsewhere the right person still gets in.
    assert Client(REMOTE_ADDR="10.0.0.9").post("/login/", right).status_code == 302


def test_a_new_password_from_the_server_ends_the_lock(settings: Any) -> None:
    settings.AXES_ENABLED = True
    factories.user("anna")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        Client().post("/login/", {"username": "anna", "password": "guess"})
    password = user_reset_password(username="anna", actor=factories.actor())
    answer = Client().post("/login/", {"username": "anna", "password": password})
    assert answer.status_code == 302


def test_logging_out_needs_a_post() -> None:
    client = entered(factories.user())
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/projects/").status_code == 302


def test_a_form_from_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user())
    answer = client.post("/projects/", {"name": "Beach"})
    assert answer.status_code == 403
    assert "too old" in answer.content.decode()
    assert not Project.objects.exists()


# projects


def test_somebody_without_a_project_is_told_how_to_get_one() -> None:
    page = entered(factories.user()).get("/projects/").content.decode()
    assert "No project yet" in page
    assert "Create project" in page


def test_a_project_is_made_by_its_name_alone() -> None:
    anna = factories.user()
    client = entered(anna)
    answer = client.post("/projects/", {"name": "Effect removal"})
    assert answer["Location"] == "/p/effect-removal/settings/"
    assert client.post("/projects/", {"name": ""}).status_code == 400
    assert "Effect removal" in client.get("/projects/").content.decode()
    assert Membership.objects.get(user=anna).role == Role.OWNER


def test_the_list_shows_ones_own_projects_only() -> None:
    factories.project("elsewhere", owner=factories.user())
    page = entered(factories.user()).get("/projects/").content.decode()
    assert "elsewhere" not in page


def test_an_owner_archives_and_restores() -> None:
    anna = factories.user()
    client = entered(anna)
    project = factories.project("beach", owner=anna)
    assert client.post("/p/beach/settings/archive")["Location"] == "/projects/"
    assert client.get("/p/beach/settings/").status_code == 404
    assert "Restore" in client.get("/projects/").content.decode()
    assert client.post("/projects/beach/restore").status_code == 302
    assert client.get(f"/p/{project.slug}/settings/").status_code == 200


def test_only_an_owner_restores() -> None:
    project = factories.project("beach", owner=factories.user())
    lead = factories.member(project, Role.LEAD)
    project_archive(project=project, actor=factories.actor())
    assert entered(lead).post("/projects/beach/restore").status_code == 403
    assert entered(factories.user()).post("/projects/beach/restore").status_code == 404


def test_rename_keeps_the_address() -> None:
    anna = factories.user()
    factories.project("beach", owner=anna)
    client = entered(anna)
    answer = client.post("/p/beach/settings/rename", {"name": "Shore"})
    assert answer["Location"] == "/p/beach/settings/"
    assert "Shore" in client.get("/p/beach/settings/").content.decode()
    assert client.post("/p/beach/settings/rename", {"name": " "}).status_code == 400


# members


def test_the_one_time_password_of_a_new_member_is_shown_once_and_works() -> None:
    anna = factories.user()
    factories.project("beach", owner=anna)
    client = entered(anna)
    answer = client.post("/p/beach/settings/members/", {"username": "bert", "role": "reviewer"})
    shown = re.search(r"<output>(.+?)</output>", answer.content.decode())
    assert shown
    assert "no-store" in answer["Cache-Control"]
    assert shown[1] not in client.get("/p/beach/settings/").content.decode()
    assert Client().post("/login/", {"username": "bert", "password": shown[1]}).status_code == 302
    assert Membership.objects.get(user__username="bert").role == Role.REVIEWER
    # Loading the address of that answer again leads to the page without the password.
    assert client.get("/p/beach/settings/members/")["Location"] == "/p/beach/settings/"


@pytest.mark.parametrize("name", ["", "a b", "local"])
def test_a_name_that_no_member_can_have_is_an_error_on_its_field(name: str) -> None:
    anna = factories.user()
    factories.project("beach", owner=anna)
    form = {"username": name, "role": "viewer"}
    answer = entered(anna).post("/p/beach/settings/members/", form)
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()


def test_an_owner_changes_roles_and_removes_members() -> None:
    anna = factories.user()
    project = factories.project("beach", owner=anna)
    bert = factories.member(project, Role.VIEWER, "bert@lab.example")
    client = entered(anna)
    client.post("/p/beach/settings/members/bert@lab.example/role", {"role": "lead"})
    assert Membership.objects.get(user=bert).role == Role.LEAD
    bad = client.post("/p/beach/settings/members/bert@lab.example/role", {"role": "king"})
    assert bad.status_code == 400
    client.post("/p/beach/settings/members/bert@lab.example/remove")
    assert not Membership.objects.filter(user=bert).exists()


def test_the_last_owner_is_told_why_they_cannot_leave() -> None:
    anna = factories.user("anna")
    factories.project("beach", owner=anna)
    answer = entered(anna).post(
        "/p/beach/settings/members/anna/remove",
        headers={"Referer": "http://testserver/p/beach/settings/"},
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "last owner" in page
    assert 'href="http://testserver/p/beach/settings/"' in page


def test_a_viewer_sees_the_members_and_nothing_to_change() -> None:
    project = factories.project("beach", owner=factories.user("zoe"))
    page = entered(factories.member(project, Role.VIEWER)).get("/p/beach/settings/")
    text = page.content.decode()
    assert "zoe" in text
    assert "Only an owner" in text
    assert "/settings/rename" not in text


# tokens


@pytest.mark.parametrize("address", ["/me/tokens/", "/p/beach/settings/tokens/"])
def test_the_text_of_a_token_is_shown_once(address: str) -> None:
    anna = factories.user()
    factories.project("beach", owner=anna)
    client = entered(anna)
    answer = client.post(address, {"name": "cluster", "days": "30"})
    shown = re.search(r"<output>(mw_.+?)</output>", answer.content.decode())
    assert shown
    assert "no-store" in answer["Cache-Control"]
    assert shown[1] not in client.get(address).content.decode()
    bearer = {"Authorization": f"Bearer {shown[1]}"}
    assert Client().get("/api/me", headers=bearer).json()["username"] == anna.username
    client.post(f"/me/tokens/{ApiToken.objects.get().pk}/revoke")
    assert Client().get("/api/me", headers=bearer).status_code == 401


def test_a_token_may_live_for_ever_only_when_asked() -> None:
    client = entered(factories.user())
    client.post("/me/tokens/", {"name": "a", "days": "90"})
    client.post("/me/tokens/", {"name": "b", "days": ""})
    assert client.post("/me/tokens/", {"name": "c", "days": "7"}).status_code == 400
    expiry = dict(ApiToken.objects.values_list("name", "expires_at"))
    assert expiry["a"] is not None
    assert expiry["b"] is None
    assert set(expiry) == {"a", "b"}


# audit log


def test_the_log_is_cut_into_pages_newest_first() -> None:
    anna = factories.user()
    project = factories.project("beach", owner=anna)
    for number in range(60):
        audit(
            actor=factories.actor(anna),
            project=project,
            action="clip.add",
            target_kind="clip",
            target_id=f"<b>{number}</b>",
        )
    client = entered(anna)
    first = client.get("/p/beach/settings/audit/").content.decode()
    assert "&lt;b&gt;59&lt;/b&gt;" in first
    assert "<b>59</b>" not in first
    assert "1 to 50 of 60" in first
    second = client.get("/p/beach/settings/audit/?page=2").content.decode()
    assert "&lt;b&gt;0&lt;/b&gt;" in second
    assert client.get("/p/beach/settings/audit/?page=x").status_code == 200


# errors


@pytest.mark.usefixtures("failing_pages")
def test_an_error_of_a_page_says_what_and_what_to_do() -> None:
    answer = entered(factories.user()).get("/failing")
    assert answer.status_code == 409
    assert "clip 12 is being read." in answer.content.decode()
    assert "Wait for it." in answer.content.decode()


@pytest.mark.usefixtures("failing_pages")
async def test_an_error_of_an_async_page_does_too() -> None:
    answer = await AsyncClient().get("/failing-later")
    assert answer.status_code == 409
    assert "clip 12 is being read." in answer.content.decode()


@pytest.mark.usefixtures("failing_pages")
def test_htmx_gets_the_error_as_a_toast() -> None:
    answer = Client().get("/failing", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "clip 12 is being read. Wait for it." in answer["HX-Trigger"]
    assert "<html" not in answer.content.decode()


@pytest.mark.usefixtures("failing_pages")
def test_an_error_below_api_is_json() -> None:
    answer = Client().get("/api/failing")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert Client().get("/api/absent").json()["code"] == "not_found"


@pytest.mark.usefixtures("failing_pages")
def test_a_fault_of_the_program_shows_nothing_of_its_inside() -> None:
    client = Client(raise_request_exception=False)
    page = client.get("/broken")
    assert page.status_code == 500
    assert "KeyError" not in page.content.decode()
    assert client.get("/api/broken").json()["code"] == "fault"


@pytest.mark.usefixtures("failing_pages")
def test_an_address_that_is_none_has_the_same_page() -> None:
    answer = Client().get("/absent")
    assert answer.status_code == 404
    assert "nothing at this address" in answer.content.decode()


def test_no_page_carries_inline_scripts_or_styles() -> None:
    anna = factories.user()
    factories.project("beach", owner=anna)
    client = entered(anna)
    for address in ("projects/", "p/beach/settings/", "me/tokens/", "p/beach/settings/audit/"):
        answer = client.get(f"/{address}")
        page = answer.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
        assert "default-src 'self'" in answer["Content-Security-Policy"]

"""Every address of the program, tried by everybody: nobody, a stranger, each role.

The tables are in ``permissions.py``. An address that is not there, or that answers a method that is
not there, fails: what nobody thought about is not allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from matteweb.accounts.models import Project, Role, User
from tests import factories
from tests.matteweb.addresses import addresses
from tests.matteweb.permissions import (
    OBJECTLESS,
    OPEN,
    OWN_TEST,
    PERSON,
    PROJECT_URLS,
    SITE_URLS,
    TARGETS,
    Parts,
)

METHODS = ("get", "post", "put", "patch", "delete")

# The upload endpoint speaks to nobody who does not name the protocol's version.
HEADERS = {"Tus-Resumable": "1.0.0"}

# What a request may be answered with by somebody who is allowed in, beside 2xx and 3xx: its empty
# body is no good, the object is in another state, a condition or a range does not hold.
LET_IN = frozenset({400, 409, 412, 413, 415, 416, 422, 507})


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written inside, so that every try begins alike."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(user: User | None, method: str, name: str, parts: Parts) -> HttpResponse:
    """Send one request with an empty body, by session."""
    client = Client(raise_request_exception=True, headers=HEADERS)
    if user is not None:
        client.force_login(user)
    answer: HttpResponse = getattr(client, method)(reverse(name, kwargs=parts))
    return answer


def to_login(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(reverse("login"))


def let_in(answer: HttpResponse) -> bool:
    status = answer.status_code
    return not to_login(answer) and (status < 400 or status in LET_IN)


def parts_in(name: str, project: Project, user: User) -> Parts:
    """Return all parts of an address, with an object of this project."""
    made = TARGETS[PROJECT_URLS[name].target](project, user)
    return {"project": project.slug, **made}


def test_every_address_has_a_name_and_a_line_in_a_table() -> None:
    unnamed = [address.route for address in addresses() if not address.name]
    assert unnamed == [""], "only the redirect of the root has no name"
    listed = PROJECT_URLS.keys() | SITE_URLS.keys() | OWN_TEST
    named = {address.name for address in addresses() if address.name}
    assert named - listed == set(), "add them to tests/matteweb/permissions.py"
    assert listed - named == set(), "these addresses are gone"


def test_an_address_is_in_the_table_of_its_kind() -> None:
    inside = {address.name for address in addresses() if "project" in address.parts}
    assert inside - OWN_TEST == PROJECT_URLS.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PROJECT_URLS))
def test_each_person_may_do_what_the_table_says_and_nothing_else(name: str) -> None:
    """Nobody, a stranger and every role, with every method."""
    address = next(address for address in addresses() if address.name == name)
    project = factories.project(owner=factories.user())
    stranger = factories.user()
    elsewhere = factories.project(owner=stranger)
    members = {role: factories.member(project, role) for role in Role}

    for method, least in PROJECT_URLS[name].least.items():
        act = f"{method.upper()} {address.route}"
        with undone():
            parts = parts_in(name, project, stranger)
            answer = ask(None, method, name, parts)
            refused = answer.status_code == 401 if address.in_api else to_login(answer)
            assert refused, f"{act} by nobody: {answer.status_code}"
        with undone():
            parts = parts_in(name, project, stranger)
            answer = ask(stranger, method, name, parts)
            assert answer.status_code == 404, f"{act} by a stranger: {answer.status_code}"
        for role, member in members.items():
            with undone():
                answer = ask(member, method, name, parts_in(name, project, member))
                if role.rank >= least.rank:
                    assert let_in(answer), f"{act} by {role}: {answer.status_code}"
                else:
                    assert answer.status_code == 403, f"{act} by {role}: {answer.status_code}"
        if PROJECT_URLS[name].target not in OBJECTLESS:
            with undone():
                owner = members[Role.OWNER]
                theirs = parts_in(name, elsewhere, stranger) | {"project": project.slug}
                answer = ask(owner, method, name, theirs)
                assert answer.status_code == 404, f"{act} on another project's object"

    for method in set(METHODS) - PROJECT_URLS[name].least.keys():
        with undone():
            owner = members[Role.OWNER]
            answer = ask(owner, method, name, parts_in(name, project, owner))
            assert answer.status_code == 405, (
                f"{method.upper()} {address.route} is not in the table"
            )


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, who in SITE_URLS.items() if who == PERSON))
@pytest.mark.parametrize("method", METHODS)
def test_pages_of_a_person_are_closed_to_nobody(name: str, method: str) -> None:
    address = next(address for address in addresses() if address.name == name)
    answer = ask(None, method, name, dict.fromkeys(address.parts, 1))
    assert answer.status_code == 401 if address.in_api else to_login(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, who in SITE_URLS.items() if who == OPEN))
def test_open_pages_answer_anybody(name: str) -> None:
    answer = ask(None, "get", name, {})
    elsewhere = answer.status_code == 302 and not answer["Location"].startswith(reverse("login"))
    assert answer.status_code in {200, 405} or elsewhere


@pytest.mark.django_db
def test_the_admin_pages_are_closed_to_people_who_are_no_staff() -> None:
    for user in (None, factories.user()):
        assert ask(user, "get", "admin:index", {}).status_code == 302

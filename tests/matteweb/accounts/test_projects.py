"""Names and addresses of projects; archive and restore."""

from __future__ import annotations

import pytest
from django.core.validators import validate_slug
from hypothesis import given, settings
from hypothesis import strategies as st

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Membership, Project, Role
from matteweb.accounts.services import (
    first_owner_ensure,
    local_user_ensure,
    project_archive,
    project_create,
    project_rename,
    project_restore,
)
from matteweb.errors import BadInput, Conflict
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_maker_of_a_project_owns_it() -> None:
    anna = factories.user()
    project = project_create(name="Effect removal", actor=factories.actor(anna))
    assert project.slug == "effect-removal"
    assert Membership.objects.get(project=project, user=anna).role == Role.OWNER


def test_equal_names_get_different_addresses() -> None:
    actor = factories.actor(factories.user())
    slugs = [project_create(name="Beach", actor=actor).slug for _ in range(3)]
    assert slugs == ["beach", "beach-2", "beach-3"]


def test_a_name_without_latin_letters_still_gets_an_address() -> None:
    actor = factories.actor(factories.user())
    assert project_create(name="抠图", actor=actor).slug == "project"


def test_a_project_made_by_a_command_belongs_to_the_people_who_own_the_site() -> None:
    first = first_owner_ensure()
    assert first is not None
    local = Actor(local_user_ensure(), AuditEntry.Channel.COMMAND)
    project = project_create(slug="lab", actor=local)
    owners = project.memberships.filter(role=Role.OWNER).values_list("user__username", flat=True)
    assert set(owners) == {"local", first[0]}


def test_a_given_address_in_use_is_a_conflict_in_any_case() -> None:
    actor = factories.actor(factories.user())
    project_create(slug="lab", actor=actor)
    with pytest.raises(Conflict):
        project_create(slug="LAB", actor=actor)


@pytest.mark.parametrize("slug", ["a b", "a/b", "ü", "x" * 65, ".."])
def test_an_address_that_is_none_is_refused(slug: str) -> None:
    with pytest.raises(BadInput):
        project_create(slug=slug, actor=factories.actor(factories.user()))


def test_nobody_in_particular_owns_no_project() -> None:
    with pytest.raises(BadInput):
        project_create(name="Beach", actor=factories.actor())


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=130))
def test_any_name_makes_a_valid_new_address_or_is_refused(name: str) -> None:
    owner = factories.user()
    before = set(Project.objects.values_list("slug", flat=True))
    try:
        project = project_create(name=name, actor=factories.actor(owner))
    except BadInput:
        return
    validate_slug(project.slug)
    assert project.slug not in before
    assert 0 < len(project.slug) <= 64
    assert project.name


def test_a_new_name_leaves_the_address_alone() -> None:
    project = factories.project("beach")
    project_rename(project=project, name="  Beach,   day 2 ", actor=factories.actor())
    project.refresh_from_db()
    assert (project.slug, project.name) == ("beach", "Beach, day 2")


def test_an_archived_project_cannot_be_archived_again_and_comes_back() -> None:
    project = factories.project()
    project_archive(project=project, actor=factories.actor())
    with pytest.raises(Conflict):
        project_archive(project=project, actor=factories.actor())
    project_restore(project=project, actor=factories.actor())
    project.refresh_from_db()
    assert project.archived_at is None
    with pytest.raises(Conflict):
        project_restore(project=project, actor=factories.actor())


def test_every_change_is_in_the_audit_log() -> None:
    anna = factories.user()
    actor = factories.actor(anna)
    project = project_create(name="Beach", actor=actor)
    project_rename(project=project, name="Shore", actor=actor)
    project_archive(project=project, actor=actor)
    project_restore(project=project, actor=actor)
    entries = AuditEntry.objects.filter(project=project, actor=anna).order_by("id")
    assert [entry.action for entry in entries] == [
        "project.create",
        "project.rename",
        "project.archive",
        "project.restore",
    ]

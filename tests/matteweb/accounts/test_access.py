"""Who may do what in which project."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from matteweb.accounts.access import membership_for, project_for, projects_of, require, role_in
from matteweb.accounts.models import Role
from matteweb.accounts.services import project_archive
from matteweb.errors import NotAllowed, NotFound
from tests import factories

pytestmark = pytest.mark.django_db

PAIRS = [(has, needs) for has in Role for needs in Role]


@pytest.mark.parametrize(("has", "needs"), PAIRS)
def test_a_role_may_do_what_the_ones_before_it_may(has: Role, needs: Role) -> None:
    project = factories.project()
    anna = factories.member(project, has)
    if list(Role).index(has) >= list(Role).index(needs):
        assert project_for(anna, project.slug, needs) == project
        require(anna, project, needs)
    else:
        with pytest.raises(NotAllowed):
            project_for(anna, project.slug, needs)


def test_a_refusal_names_the_owners_to_ask() -> None:
    project = factories.project(owner=factories.user("zoe"))
    anna = factories.member(project, Role.VIEWER)
    with pytest.raises(NotAllowed) as refusal:
        project_for(anna, project.slug, Role.LEAD)
    assert "zoe" in refusal.value.hint


def test_strange_absent_and_archived_projects_cannot_be_told_apart() -> None:
    stranger = factories.user()
    owner = factories.user()
    live, archived = factories.project(owner=owner), factories.project(owner=owner)
    project_archive(project=archived, actor=factories.actor(owner))
    said = set()
    for who, slug in [(stranger, live.slug), (stranger, "absent"), (owner, archived.slug)]:
        with pytest.raises(NotFound) as refusal:
            project_for(who, slug, Role.VIEWER)
        said.add(str(refusal.value).replace(slug, "SLUG"))
    assert len(said) == 1


def test_somebody_who_is_not_logged_in_is_in_no_project() -> None:
    project = factories.project(owner=factories.user())
    with pytest.raises(NotFound):
        project_for(AnonymousUser(), project.slug, Role.VIEWER)
    assert projects_of(AnonymousUser()) == []
    assert role_in(AnonymousUser(), project) is None


def test_the_owner_of_the_site_sees_only_their_own_projects() -> None:
    root = factories.user()
    root.is_superuser = True
    root.save()
    project = factories.project(owner=factories.user())
    with pytest.raises(NotFound):
        project_for(root, project.slug, Role.VIEWER)


def test_an_archived_project_is_found_only_when_asked_for() -> None:
    owner = factories.user()
    project = factories.project(owner=owner)
    with pytest.raises(NotFound):
        membership_for(owner, project.slug, Role.OWNER, archived=True)
    project_archive(project=project, actor=factories.actor(owner))
    assert membership_for(owner, project.slug, Role.OWNER, archived=True).project == project
    assert projects_of(owner) == []

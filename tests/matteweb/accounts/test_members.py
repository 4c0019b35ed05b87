"""A project is never without a person who owns it."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from matteweb.accounts.models import AuditEntry, Membership, Project, Role, User
from matteweb.accounts.services import (
    LOCAL_USERNAME,
    local_owner_ensure,
    local_user_ensure,
    member_invite,
    member_remove,
    member_set_role,
    member_user,
)
from matteweb.errors import BadInput, Conflict, NotFound
from tests import factories


def person_owners(project: Project) -> int:
    owners = Membership.objects.filter(project=project, role=Role.OWNER, user__is_active=True)
    return owners.exclude(user__username=LOCAL_USERNAME).count()


@pytest.mark.django_db
def test_a_new_name_becomes_a_user_with_a_one_time_password() -> None:
    project = factories.project()
    member, password = member_invite(
        project=project, username="anna", role=Role.REVIEWER, actor=factories.actor()
    )
    assert member.role == Role.REVIEWER
    assert password
    assert member.user.check_password(password)


@pytest.mark.django_db
def test_somebody_known_is_added_without_a_new_password() -> None:
    anna = factories.user("anna")
    _, password = member_invite(
        project=factories.project(), username="anna", role=Role.LEAD, actor=factories.actor()
    )
    assert password is None
    anna.refresh_from_db()
    assert anna.check_password("secret")


@pytest.mark.django_db
def test_a_member_is_not_added_twice() -> None:
    project = factories.project()
    anna = factories.member(project, Role.VIEWER)
    with pytest.raises(Conflict):
        member_invite(
            project=project, username=anna.username, role=Role.OWNER, actor=factories.actor()
        )
    assert Membership.objects.get(project=project, user=anna).role == Role.VIEWER


@pytest.mark.django_db
def test_a_refused_name_leaves_no_user_behind() -> None:
    with pytest.raises(BadInput):
        member_invite(
            project=factories.project(), username="a b", role=Role.OWNER, actor=factories.actor()
        )
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_last_owner_cannot_leave_or_step_down() -> None:
    anna = factories.user()
    project = factories.project(owner=anna)
    local_owner_ensure(project=project, actor=factories.actor())
    with pytest.raises(Conflict, match="last owner"):
        member_remove(project=project, user=anna, actor=factories.actor())
    with pytest.raises(Conflict, match="last owner"):
        member_set_role(project=project, user=anna, role=Role.LEAD, actor=factories.actor())
    assert person_owners(project) == 1


@pytest.mark.django_db
def test_an_owner_who_is_switched_off_does_not_count() -> None:
    anna, gone = factories.user(), factories.user()
    project = factories.project(owner=anna)
    member_set_role(project=project, user=gone, role=Role.OWNER, actor=factories.actor())
    User.objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(Conflict):
        member_remove(project=project, user=anna, actor=factories.actor())


@pytest.mark.django_db
def test_a_stranger_is_no_member() -> None:
    project, stranger = factories.project(), factories.user()
    with pytest.raises(NotFound):
        member_remove(project=project, user=stranger, actor=factories.actor())
    with pytest.raises(NotFound):
        member_user(project=project, username=stranger.username)


@pytest.mark.django_db
def test_a_role_that_stays_is_no_change() -> None:
    project = factories.project()
    anna = factories.member(project, Role.VIEWER)
    member_set_role(project=project, user=anna, role=Role.VIEWER, actor=factories.actor())
    assert not AuditEntry.objects.exists()


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([None, Role.VIEWER, Role.LEAD, Role.OWNER])),
    max_size=12,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_no_order_of_changes_leaves_a_project_without_an_owner(
    steps: list[tuple[int, Role | None]],
) -> None:
    people = [factories.user(), factories.user(), factories.user(), local_user_ensure()]
    project = factories.project(owner=people[0])
    for who, role in steps:
        try:
            if role is None:
                member_remove(project=project, user=people[who], actor=factories.actor())
            else:
                member_set_role(
                    project=project, user=people[who], role=role, actor=factories.actor()
                )
        except (Conflict, NotFound):
            pass
        assert person_owners(project) >= 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_do_not_both_succeed() -> None:
    anna, bert = factories.user(), factories.user()
    project = factories.project(owner=anna)
    member_set_role(project=project, user=bert, role=Role.OWNER, actor=factories.actor())
    start = threading.Barrier(2)
    refused: list[Conflict] = []

    def demote(user: User) -> None:
        start.wait()
        try:
            member_set_role(project=project, user=user, role=Role.LEAD, actor=factories.actor())
        except Conflict as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=(user,)) for user in (anna, bert)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert person_owners(project) == 1

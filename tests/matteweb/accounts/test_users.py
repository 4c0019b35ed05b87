"""The first owner, the local user, invitations, passwords."""

from __future__ import annotations

import pytest

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Membership, Role, User
from matteweb.accounts.services import (
    first_owner_ensure,
    local_user_ensure,
    project_create,
    user_change_password,
    user_invite,
    user_reset_password,
)
from matteweb.errors import BadInput, NotFound
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_first_run_makes_an_owner_with_a_password_that_must_be_changed() -> None:
    made = first_owner_ensure()
    assert made is not None
    user = User.objects.get(username=made[0])
    assert user.check_password(made[1])
    assert user.must_change_password


def test_later_runs_make_nobody() -> None:
    first_owner_ensure()
    assert first_owner_ensure() is None
    assert User.objects.count() == 1


def test_two_installations_never_share_a_one_time_password() -> None:
    passwords = set()
    for number in range(20):
        _, password = user_invite(username=f"person-{number}", actor=factories.actor())
        passwords.add(password)
    assert len(passwords) == 20


def test_commands_that_ran_first_do_not_prevent_the_first_owner() -> None:
    local_user_ensure()
    assert first_owner_ensure() is not None


def test_the_first_owner_owns_what_commands_made_before() -> None:
    local = Actor(local_user_ensure(), AuditEntry.Channel.COMMAND)
    early = project_create(slug="early", actor=local)
    made = first_owner_ensure()
    assert made is not None
    assert Membership.objects.get(project=early, user__username=made[0]).role == Role.OWNER


def test_nobody_can_log_in_as_the_local_user() -> None:
    local = local_user_ensure()
    assert not local.has_usable_password()
    assert local_user_ensure() == local


@pytest.mark.parametrize("name", ["", " ", "a b", "local", "Local", "x" * 151, "semi;colon"])
def test_a_name_that_no_user_can_have_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        user_invite(username=name, actor=factories.actor())
    assert not User.objects.exists()


def test_a_name_in_use_is_refused_in_any_case() -> None:
    factories.user("anna")
    with pytest.raises(BadInput, match="already a user"):
        user_invite(username="Anna", actor=factories.actor())


def test_a_reset_password_works_once_and_must_be_changed() -> None:
    anna = factories.user("anna")
    password = user_reset_password(username="anna", actor=factories.actor())
    anna.refresh_from_db()
    assert anna.check_password(password)
    assert anna.must_change_password


def test_the_local_user_gets_no_password() -> None:
    local_user_ensure()
    with pytest.raises(BadInput):
        user_reset_password(username="local", actor=factories.actor())


def test_the_password_of_nobody_cannot_be_reset() -> None:
    with pytest.raises(NotFound):
        user_reset_password(username="nobody", actor=factories.actor())


def test_a_chosen_password_ends_the_duty_to_choose_one() -> None:
    anna, _ = user_invite(username="anna", actor=factories.actor())
    user_change_password(user=anna, password="matte studio 42", actor=factories.actor(anna))
    anna.refresh_from_db()
    assert anna.check_password("matte studio 42")
    assert not anna.must_change_password


@pytest.mark.parametrize("weak", ["short", "password123", "anna-anna-anna"])
def test_a_weak_password_is_refused(weak: str) -> None:
    anna = factories.user("anna-anna-anna")
    with pytest.raises(BadInput, match="weak"):
        user_change_password(user=anna, password=weak, actor=factories.actor(anna))


def test_a_one_time_password_cannot_be_kept() -> None:
    anna, one_time = user_invite(username="anna", actor=factories.actor())
    with pytest.raises(BadInput, match="in use"):
        user_change_password(user=anna, password=one_time, actor=factories.actor(anna))


def test_no_password_is_ever_in_the_audit_log() -> None:
    anna, one_time = user_invite(username="anna", actor=factories.actor())
    user_change_password(user=anna, password="matte studio 42", actor=factories.actor(anna))
    second = user_reset_password(username="anna", actor=factories.actor())
    log = str([entry.detail for entry in AuditEntry.objects.all()])
    assert AuditEntry.objects.count() == 3
    assert not any(password in log for password in (one_time, second, "matte studio 42"))

"""Tokens are shown once, stored hashed, and end when they should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matteweb.accounts.models import ApiToken, AuditEntry, User
from matteweb.accounts.services import (
    local_user_ensure,
    token_check,
    token_create,
    token_revoke,
)
from matteweb.errors import BadInput, NotFound
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_text_of_a_token_is_stored_nowhere() -> None:
    anna = factories.user()
    made = token_create(user=anna, name="cluster", actor=factories.actor(anna))
    assert made.plain.startswith("mw_")
    stored = str([*ApiToken.objects.values(), *AuditEntry.objects.values()])
    assert made.plain not in stored
    assert made.plain[12:] not in stored


def test_a_token_is_known_again() -> None:
    anna = factories.user()
    found = token_check(factories.token(anna))
    assert found is not None
    assert found.user == anna


@pytest.mark.parametrize("text", ["", "mw_", "mw_wrong", "x" * 5000, "mw_\x00", "mw_é"])
def test_any_other_text_is_no_token(text: str) -> None:
    factories.token(factories.user())
    assert token_check(text) is None


def test_a_stored_digest_is_no_token() -> None:
    factories.token(factories.user())
    assert token_check(ApiToken.objects.get().digest) is None


def test_an_expired_token_is_refused() -> None:
    plain = factories.token(factories.user())
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ApiToken.objects.get().expired
    assert token_check(plain) is None


def test_the_token_of_somebody_switched_off_is_refused() -> None:
    plain = factories.token(factories.user())
    User.objects.update(is_active=False)
    assert token_check(plain) is None


def test_a_revoked_token_is_refused_at_once() -> None:
    anna = factories.user()
    plain = factories.token(anna)
    token_revoke(user=anna, token_id=ApiToken.objects.get().pk, actor=factories.actor(anna))
    assert token_check(plain) is None


def test_nobody_revokes_the_token_of_another() -> None:
    plain = factories.token(factories.user())
    thief = factories.user()
    with pytest.raises(NotFound):
        token_revoke(user=thief, token_id=ApiToken.objects.get().pk, actor=factories.actor(thief))
    assert token_check(plain)


def test_use_is_noted_at_most_once_a_minute() -> None:
    plain = factories.token(factories.user())
    token_check(plain)
    first = ApiToken.objects.get().last_used_at
    with CaptureQueriesContext(
        connection,
    ) as queries:
        token_check(plain)
    assert not any(query["sql"].startswith("UPDATE") for query in queries)
    assert first is not None
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    token_check(plain)
    again = ApiToken.objects.get().last_used_at
    assert again is not None
    assert again >= first


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_token_needs_a_name(name: str) -> None:
    anna = factories.user()
    with pytest.raises(BadInput):
        token_create(user=anna, name=name, actor=factories.actor(anna))


def test_a_token_that_has_expired_already_is_not_made() -> None:
    anna = factories.user()
    with pytest.raises(BadInput):
        token_create(user=anna, name="late", actor=factories.actor(anna), expires_at=timezone.now())


def test_the_local_user_has_no_tokens() -> None:
    with pytest.raises(BadInput):
        factories.token(local_user_ensure())

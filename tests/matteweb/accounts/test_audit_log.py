"""The audit log: nothing in it changes, and all of it can be taken away as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from matteweb.accounts import audit_export
from matteweb.accounts.audit_guard import REFUSAL, guard_install, guard_lift
from matteweb.accounts.models import AuditEntry, Project
from matteweb.accounts.services import audit
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def guarded() -> Iterator[None]:
    guard_install(connection)
    yield
    guard_lift(connection)


@pytest.fixture
def project() -> Project:
    return factories.project(viewer=factories.user("vera"))


def happened(project: Project, number: int = 1, **detail: object) -> list[AuditEntry]:
    who = factories.actor(factories.user())
    return [
        audit(
            actor=who,
            project=project,
            action="sample.accept",
            target_kind="sample",
            target_id=place,
            detail=detail,
        )
        for place in range(number)
    ]


def refused() -> pytest.RaisesExc[IntegrityError]:
    return pytest.raises(IntegrityError, match=REFUSAL)


def test_an_entry_can_be_neither_changed_nor_removed(guarded: None, project: Project) -> None:
    (entry,) = happened(project)
    with refused(), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="nothing.happened")
    with refused(), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk)._raw_delete("default")
    entry.action = "nothing.happened"
    with refused(), transaction.atomic():
        entry.save()
    entry.refresh_from_db()
    assert entry.action == "sample.accept"


def test_plain_sql_is_refused_too_and_the_next_entry_is_written(
    guarded: None, project: Project
) -> None:
    happened(project)
    for statement in (
        "UPDATE accounts_auditentry SET detail = '{}'",
        "DELETE FROM accounts_auditentry",
        "REPLACE INTO accounts_auditentry SELECT * FROM accounts_auditentry",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert AuditEntry.objects.count() == 1
    happened(project)
    assert AuditEntry.objects.count() == 2


def test_the_migration_puts_the_guard_on() -> None:
    migration = import_module("matteweb.accounts.migrations.0002_audit_is_append_only")
    try:
        migration.install(None, SimpleNamespace(connection=connection))
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            found = {name for (name,) in cursor.fetchall()}
    finally:
        migration.lift(None, SimpleNamespace(connection=connection))
    assert {"audit_no_update", "audit_no_delete", "audit_no_replace"} <= found


def fetched(project: Project, form: str) -> bytes:
    client = Client()
    client.force_login(project.memberships.get().user)
    answer = client.get(reverse("audit-export", kwargs={"project": project.slug, "form": form}))
    assert answer.status_code == 200
    return b"".join(answer)


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_whole_log_comes_out_in_parts_and_in_order(
    project: Project, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "ROWS_AT_ONCE", 3)
    entries = happened(project, 8, reasons=["halo", "hole"])
    happened(factories.project(), 2)
    text = fetched(project, form).decode()
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert all(json.loads(row["detail"]) == {"reasons": ["halo", "hole"]} for row in rows)
    else:
        rows = [json.loads(line) for line in text.splitlines()]
        assert all(row["detail"] == {"reasons": ["halo", "hole"]} for row in rows)
    assert [int(row["id"]) for row in rows] == [entry.pk for entry in entries]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_a_cell_is_never_a_formula(project: Project) -> None:
    happened(project)
    audit(
        actor=factories.actor(),
        project=project,
        action="=HYPERLINK()",
        target_kind="x",
        target_id="-1",
    )
    rows = list(csv.DictReader(io.StringIO(fetched(project, "csv").decode())))
    assert rows[-1]["action"] == "'=HYPERLINK()"


def test_a_form_that_is_none_is_not_found(project: Project) -> None:
    client = Client()
    client.force_login(project.memberships.get().user)
    address = reverse("audit-export", kwargs={"project": project.slug, "form": "pdf"})
    assert client.get(address).status_code == 404

"""The database itself refuses to change or remove what stands in the audit log.

Whoever holds the database file can take the guard off, as they can write any file; but neither a
fault of this program nor a stray statement rewrites what happened.
"""

from __future__ import annotations

from typing import Any

TABLE = "accounts_auditentry"
REFUSAL = "the audit log is append-only"

_SQLITE_INSTALL = [
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{act} BEFORE {act} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for act in ("update", "delete")
]
# REPLACE deletes without asking the triggers of deletes, unless a pragma says otherwise.
_SQLITE_INSTALL.append(
    f"CREATE TRIGGER IF NOT EXISTS audit_no_replace BEFORE INSERT ON {TABLE} "  # noqa: S608
    f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
)
_SQLITE_LIFT = [f"DROP TRIGGER IF EXISTS audit_no_{act}" for act in ("update", "delete", "replace")]
_POSTGRES_INSTALL = [
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$ LANGUAGE plpgsql",
    f"CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
]
_POSTGRES_LIFT = [
    f"DROP TRIGGER IF EXISTS audit_no_change ON {TABLE}",
    f"DROP TRIGGER IF EXISTS audit_no_truncate ON {TABLE}",
]
_INSTALL = {"sqlite": _SQLITE_INSTALL, "postgresql": _POSTGRES_INSTALL}
_LIFT = {"sqlite": _SQLITE_LIFT, "postgresql": _POSTGRES_LIFT}


def guard_install(connection: Any) -> None:
    """Let the database refuse every update and delete in the log from now on."""
    _run(connection, _INSTALL)


def guard_lift(connection: Any) -> None:
    """Take the guard off: for the reverse migration and for emptying a test database."""
    _run(connection, _LIFT)


def _run(connection: Any, statements: dict[str, list[str]]) -> None:
    if connection.vendor not in statements:
        raise NotImplementedError(f"no guard of the audit log is written for {connection.vendor}")
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)

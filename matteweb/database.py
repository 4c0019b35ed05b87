"""The database exists and has the newest tables before anything uses it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from matteweb.errors import Corrupt, Unsupported


def database_ensure() -> bool:
    """Create or migrate the database when needed; return whether anything was done.

    1. Take a file lock in the data folder, so that of two programs that start at once the second
       waits and then finds nothing to do.
    2. Read the plan of migrations; run it when it is not empty.
    Raises Unsupported when a newer version of MatteWeb has written the database, Corrupt when the
    file is no database.
    """
    with _only_one():
        executor = _executor()
        _refuse_newer(executor.loader)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", interactive=False, verbosity=0)
        return bool(plan)


def _executor() -> MigrationExecutor:
    try:
        return MigrationExecutor(connection)
    except OperationalError:
        raise
    except DatabaseError as error:
        raise Corrupt(
            f"The database in {settings.DATA_DIR} cannot be read: {error}.",
            hint="Bring back a backup with manage.py restore, into another MATTEWEB_DATA.",
        ) from error


@contextmanager
def _only_one() -> Iterator[None]:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own_apps() -> set[str]:
    packages = {config.label: config.name.partition(".")[0] for config in apps.get_app_configs()}
    return {label for label, package in packages.items() if (settings.BASE_DIR / package).is_dir()}


def _refuse_newer(loader: MigrationLoader) -> None:
    """Older code on newer tables would fail later and in the middle of something."""
    known = set(loader.disk_migrations or {})
    for migration in (loader.disk_migrations or {}).values():
        known.update(migration.replaces)
    own = _own_apps() & loader.migrated_apps
    strange = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations or {}
        if app in own and (app, name) not in known
    )
    if strange:
        raise Unsupported(
            f"The database in {settings.DATA_DIR} was written by a newer version "
            f"({', '.join(strange)}).",
            hint="Install that version or a later one, or choose another folder by MATTEWEB_DATA.",
        )

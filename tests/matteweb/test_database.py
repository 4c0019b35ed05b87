"""The database is there and as new as the code, whoever comes first."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from matteweb.database import database_ensure
from matteweb.errors import Unsupported

pytestmark = pytest.mark.django_db


def test_nothing_is_done_to_a_database_that_is_up_to_date() -> None:
    assert database_ensure() is False


@pytest.mark.parametrize("app", ["accounts", "jobs", "datasets_app", "inference_app"])
def test_a_database_of_a_newer_version_is_left_alone(app: str) -> None:
    MigrationRecorder(connection).record_applied(app, "9999_from_the_future")
    with pytest.raises(Unsupported, match="9999_from_the_future") as refusal:
        database_ensure()
    assert str(settings.DATA_DIR) in refusal.value.message
    assert "MATTEWEB_DATA" in refusal.value.hint

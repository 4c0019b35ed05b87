"""What several packages of the data studio are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django_q.models import OrmQ

from datasets_app.models import Blob
from matteweb.accounts.models import AuditEntry, User
from matteweb.jobs.models import Job
from tests.rendered import Rendered, rendered_project


@pytest.fixture(scope="module")
def rendered(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rendered]:
    """A project with two rendered and accepted samples, made once per module and then taken away.

    A test's own changes are rolled back; a test that commits must not use it.
    """
    with django_db_blocker.unblock():
        made = rendered_project(tmp_path_factory.mktemp("rendered"))
    yield made
    with django_db_blocker.unblock():
        AuditEntry.objects.all().delete()
        Job.objects.all().delete()
        OrmQ.objects.all().delete()
        made.project.delete()
        User.objects.all().delete()
        Blob.objects.all().delete()

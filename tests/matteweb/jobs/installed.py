"""Jobs in an installation whose programs run: created as the program does, read from its file."""

from __future__ import annotations

from typing import Any

from tests.processes import Installation

CREATE = """
from tests import factories
from matteweb.accounts.models import Project
from matteweb.database import database_ensure
from matteweb.jobs.services import job_create
database_ensure()
project, _ = Project.objects.get_or_create(slug='installed')
job = job_create(project=project, kind={kind!r}, title={kind!r}, params={params!r},
                 actor=factories.actor())
print(job.pk)
"""


def create_job(installation: Installation, kind: str, **params: Any) -> int:
    """Queue a job and return its number."""
    return int(installation.python(CREATE.format(kind=kind, params=params)))


def row(installation: Installation, job: int) -> dict[str, Any]:
    """Return a job as it is stored."""
    (found,) = installation.query("SELECT * FROM jobs_job WHERE id = ?", job)
    return found


def states(installation: Installation) -> list[str]:
    """Return the states of all jobs."""
    return [job["state"] for job in installation.query("SELECT state FROM jobs_job")]

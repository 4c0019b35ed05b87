"""Many short jobs, and commands that add to them, while two workers, the web and `up` write."""

from __future__ import annotations

import subprocess

import pytest

from tests.matteweb.jobs.installed import create_job, row, states
from tests.processes import Installation, up, wait_until
from tests.scale import scale

pytestmark = pytest.mark.processes

JOBS = scale(60, 600)

ADD = """
from tests import factories
from matteweb.accounts.models import Project
from matteweb.jobs.services import job_create
project = Project.objects.get(slug='installed')
for number in range({n}):
    job_create(project=project, kind='count', title=str(number), params={{'n': 20}},
               actor=factories.actor())
"""


def test_no_job_fails_because_the_database_is_busy(installation: Installation) -> None:
    with up(installation):
        create_job(installation, "count", n=1)
        commands = [
            subprocess.Popen(
                installation.command("shell", "--verbosity", "0", "-c", ADD.format(n=JOBS // 2)),
                env=installation.environment(),
            )
            for _ in range(2)
        ]
        assert [command.wait(120) for command in commands] == [0, 0]
        wait_until(lambda: set(states(installation)) == {"done"}, scale(60, 300), "all are done")
        calls = "SELECT * FROM django_q_ormq"
        wait_until(lambda: not installation.query(calls), 30, "no call is left in the queue")
    attempts = installation.query("SELECT attempt, count(*) AS n FROM jobs_job GROUP BY attempt")
    assert attempts == [{"attempt": 1, "n": JOBS + 1}]
    assert row(installation, 1)["state"] == "done"

"""Settings of the programs that the kill tests start: as shipped, plus handlers of tests."""

from __future__ import annotations

from matteweb.settings import *  # noqa: F403
from matteweb.settings import COMPANIONS, JOB_HANDLERS

JOB_HANDLERS = JOB_HANDLERS | {
    "write_files": "tests.matteweb.jobs.handlers.write_files",
    "poison": "tests.matteweb.jobs.handlers.poison",
    "count": "tests.matteweb.jobs.handlers.count",
}
FIRST_RUN_HOOK = ""
COMPANIONS = COMPANIONS[:0]  # these tests count processes
JOB_WORKERS = 2
Q_CLUSTER = Q_CLUSTER | {"workers": JOB_WORKERS}  # noqa: F405

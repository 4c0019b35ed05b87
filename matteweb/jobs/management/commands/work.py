"""Run a pool of workers, alone or under ``up``."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import CommandParser

from matteweb.commands import MatteCommand
from matteweb.database import database_ensure
from matteweb.jobs.lifeline import die_with

# Read once, when the libraries are loaded: before Django loads anything.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Command(MatteCommand):
    """``manage.py work``"""

    help = (
        "Run background jobs until Ctrl-C, as many at once as MATTEWEB_WORKERS says (default: "
        "one per core). `up` starts this by itself."
    )
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("--parent", type=int, help="end when this parent process dies")

    def act(self, options: dict[str, Any]) -> None:
        """Run the pool."""
        if options["parent"]:
            die_with(options["parent"])
        if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
            os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)  # noqa: S606
        database_ensure()
        from matteweb.jobs.pool import Pool

        Pool().run()

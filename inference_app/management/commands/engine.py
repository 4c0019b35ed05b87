"""The live engine: masks while somebody draws."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from matteweb.commands import MatteCommand
from matteweb.database import database_ensure
from matteweb.jobs.lifeline import die_with
from matteweb.jobs.priority import stand_back

# Read once, when the libraries are loaded: each of its processes has a core of its own.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Command(MatteCommand):
    """``manage.py engine``"""

    help = "Run the live engine for masks until Ctrl-C; `up` starts this by itself."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("--nice", type=int, default=0, help="lower priority, 0 to 19")
        parser.add_argument("--parent", type=int, help="end when this parent process dies")

    def act(self, options: dict[str, Any]) -> None:
        """Listen until told to end."""
        if options["parent"]:
            die_with(options["parent"])
        if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
            os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)  # noqa: S606
        stand_back(options["nice"])
        database_ensure()
        self._serve()

    def _serve(self) -> None:
        from inference_app.adapters.engine_socket import EngineServer
        from inference_app.adapters.lanes import Lanes
        from inference_app.services.masks.live_engine import LiveEngine

        lanes = Lanes()
        server = EngineServer(settings.ENGINE_SOCKET, LiveEngine(lanes).answer)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # shutdown() waits for the loop, which this thread runs.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        lanes.warm()
        try:
            server.serve_forever(poll_interval=0.2)
        finally:
            server.server_close()
            lanes.close()
            settings.ENGINE_SOCKET.unlink(missing_ok=True)

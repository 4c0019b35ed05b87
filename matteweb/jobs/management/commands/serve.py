"""Run the web server, alone or under ``up``."""

from __future__ import annotations

import socket
import warnings
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import CommandParser

from matteweb.commands import MatteCommand
from matteweb.database import database_ensure
from matteweb.jobs.lifeline import die_with
from matteweb.jobs.listening import listen


class Command(MatteCommand):
    """``manage.py serve``"""

    help = "Run the web server until Ctrl-C. `up` starts this by itself."
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("--host", default=settings.WEB_HOST)
        parser.add_argument("--port", type=int, default=settings.WEB_PORT)
        parser.add_argument("--fd", type=int, help="a listening socket instead of host and port")
        parser.add_argument("--certificate", help="serve https with this certificate (PEM)")
        parser.add_argument("--key", help="the key of the certificate (PEM)")
        parser.add_argument(
            "--name",
            action="append",
            default=[],
            help="a name or address to answer under, besides those of MATTEWEB_HOSTS",
        )
        parser.add_argument("--parent", type=int, help="end when this parent process dies")

    def act(self, options: dict[str, Any]) -> None:
        """Serve."""
        if options["parent"]:
            die_with(options["parent"])
        if options["fd"] is None:
            database_ensure()
            listener = listen(options["host"], options["port"])
        else:
            listener = socket.socket(fileno=options["fd"])
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *options["name"]]
        # WhiteNoise reads a static file at once; all of them are small. Any other body that Django
        # says this of is a mistake, and shows in the tests.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
        config = uvicorn.Config(
            settings.ASGI_APPLICATION.replace(".application", ":application"),
            lifespan="off",
            access_log=False,
            server_header=False,
            log_level="warning",
            ws_max_size=64 * 1024,  # browsers only listen
            timeout_graceful_shutdown=3,
            ssl_certfile=options["certificate"],
            ssl_keyfile=options["key"],
        )
        uvicorn.Server(config).run(sockets=[listener])

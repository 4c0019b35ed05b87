"""The real web server in a process of its own: started, measured, killed."""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import httpx
import psutil

from tests.processes import Installation, free_port, wait_until

_PREPARE = """
from matteweb.accounts.models import AuditEntry, Membership, Project, Role, User
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import token_create
user = User.objects.create_user("anna", password="a long secret")
project = Project.objects.create(slug="p", name="P")
Membership.objects.create(project=project, user=user, role=Role.OWNER)
token = token_create(user=user, name="test", actor=Actor(user, AuditEntry.Channel.PAGE))
import json
print(json.dumps({"token": token.plain}))
"""


logger = logging.getLogger(__name__)


@dataclass
class WebServer:
    """``manage.py serve`` on a data folder with one project ``p`` and its owner's token."""

    installation: Installation
    token: str
    port: int
    _process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = self.installation.command("serve", "--port", str(self.port))
        self._process = subprocess.Popen(command, env=self.installation.environment())
        wait_until(self._answers, 60, "the web server answers")

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)

    @property
    def headers(self) -> dict[str, str]:
        """The headers with which the owner's programs are known."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def address(self) -> str:
        """The address of its root, without the last slash."""
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> int:
        """Return the bytes of memory that the process holds."""
        rss: int = psutil.Process(self._process.pid).memory_info().rss
        return rss

    def open_files(self) -> set[Path]:
        """Return the files that the process holds open."""
        return {Path(file.path) for file in psutil.Process(self._process.pid).open_files()}

    @contextmanager
    def growth(self) -> Iterator[list[int]]:
        """Yield a list that holds the largest growth in bytes when the block is over."""
        found: list[int] = []
        before = self.memory()
        peak, over = before, Event()

        def watch() -> None:
            nonlocal peak
            while not over.wait(0.05):
                with suppress(psutil.NoSuchProcess):
                    peak = max(peak, self.memory())

        watcher = Thread(target=watch)
        watcher.start()
        try:
            yield found
        finally:
            over.set()
            watcher.join()
            found.append(peak - before)
            logger.info("the web server grew by %.1f MiB", found[0] / 1024**2)

    def _answers(self) -> bool:
        """Whether it answers; the question also makes it import all that it imports late."""
        assert self._process.poll() is None, "the web server ended"
        with suppress(httpx.TransportError):
            address = f"{self.address}/api/projects/p/uploads/"
            return httpx.get(address, headers=self.headers, timeout=30).status_code == 200
        return False


@contextmanager
def web_server(data: Path, settings: str = "matteweb.settings") -> Iterator[WebServer]:
    """Start a web server on a new data folder; end it afterwards."""
    installation = Installation.migrated(data, settings)
    token = json.loads(installation.python(_PREPARE))["token"]
    server = WebServer(installation, token, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()

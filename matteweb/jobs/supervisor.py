"""Keeps the web server and the workers alive, and ends them together."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from django.conf import settings

from matteweb.errors import Conflict

FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 5.0
# What lived for so long did start well; its death is news, not a repetition.
STARTED_WELL_AFTER_SECONDS = 5.0


@dataclass(slots=True)
class Child:
    """One process to keep alive. ``name`` is what people are told of it."""

    name: str
    command: list[str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    backoff: float = FIRST_BACKOFF_SECONDS
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.started_at = monotonic()
        self.process = subprocess.Popen(
            self.command, pass_fds=self.pass_fds, start_new_session=True
        )

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs until SIGINT, SIGTERM or SIGHUP. ``say`` tells a person what happens."""

    def __init__(self, children: list[Child], say: Callable[[str], None]) -> None:
        self._children = children
        self._say = say
        self._leaving = False

    def run(self, each_round: Callable[[], None]) -> None:
        """Start the children and restart what dies, until asked to stop; then stop them."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._leave)
        try:
            while not self._leaving:
                for child in self._children:
                    self._keep(child)
                each_round()
                sleep(0.1)
        finally:
            self._stop()

    def _leave(self, *_: object) -> None:
        self._leaving = True

    def _keep(self, child: Child) -> None:
        if child.alive():
            return
        now = monotonic()
        if child.process is not None:
            code, child.process = child.process.returncode, None
            if now - child.started_at >= STARTED_WELL_AFTER_SECONDS:
                child.backoff = FIRST_BACKOFF_SECONDS
            self._say(f"The {child.name} ended ({_manner(code)}) and is started again.")
            child.not_before = now + child.backoff
            child.backoff = min(child.backoff * 2, LONGEST_BACKOFF_SECONDS)
        if now >= child.not_before:
            child.start()

    def _stop(self) -> None:
        """Ask all to end; kill, with all that it started, what does not in time."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = monotonic() + settings.JOB_STOP_GRACE_SECONDS + 4
        while any(process.poll() is None for process in running) and monotonic() < deadline:
            sleep(0.05)
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def own_command(name: str, *arguments: str) -> list[str]:
    """Return the command line of one of our commands as a child of this process."""
    manage = settings.BASE_DIR / "manage.py"
    return [sys.executable, str(manage), name, "--parent", str(os.getpid()), *arguments]


@contextmanager
def only_supervisor(data: Path) -> Iterator[None]:
    """Hold the data folder for this supervisor. Raises Conflict when another one holds it.

    The lock goes with its process, so a kill leaves nothing behind.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Conflict(
                f"MatteWeb already runs for {data} (process {lock.read().strip() or 'unknown'}).",
                hint="Stop that one, or choose another folder by MATTEWEB_DATA.",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _manner(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"

"""Real servers and workers for tests: starting them, finding their processes, killing them."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any, Self, TypeVar

import psutil

ROOT = Path(__file__).parents[1]
T = TypeVar("T")


class Part(Enum):
    """What of a running MatteWeb can be killed."""

    POOL = "the parent of the worker pool"
    GUARD = "the guard of the pool"
    CHILD = "one child of the guard"
    GROUP = "the whole process group of the pool"
    WEB = "the web server"


@dataclass(frozen=True, slots=True)
class Installation:
    """A data folder and the settings module under which its programs run."""

    data: Path
    settings: str = "matteweb.settings"

    @classmethod
    def migrated(cls, data: Path, settings: str = "matteweb.settings") -> Self:
        """Return a new one whose database is there; making it takes 7 CPU-seconds, once a run."""
        data.mkdir(parents=True, exist_ok=True)
        shutil.copy(_database(settings), data)
        return cls(data, settings)

    def environment(self) -> dict[str, str]:
        """Return the environment of its programs."""
        own = {"MATTEWEB_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": self.settings}
        return os.environ | own

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of one of its commands."""
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its exit code."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def python(self, code: str) -> str:
        """Run lines of Python inside the program and return what they print."""
        done = self.run("shell", "--verbosity", "0", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Read its database beside the running programs."""
        address = f"file:{self.data / 'db.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def processes(self) -> list[psutil.Process]:
        """Return every living process that works on the data folder, orphans included."""
        found = []
        for process in psutil.process_iter():
            try:
                own = process.environ().get("MATTEWEB_DATA") == str(self.data)
                if own and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found


@cache
def _database(settings: str) -> Path:
    """Return an empty database with every table, in a folder that goes with this process."""
    folder = Path(tempfile.mkdtemp(prefix="matteweb-database-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Installation(folder, settings)
    migrated = made.run("migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr
    return folder / "db.sqlite3"


@dataclass(slots=True)
class Up:
    """A running ``manage.py up``."""

    installation: Installation
    process: subprocess.Popen[str]
    facts: dict[str, str]

    def part(self, part: Part, random: Random) -> list[psutil.Process]:
        """Return the processes of a part; raises LookupError while it is not there."""
        if part is Part.WEB:
            return [self._own("serve")]
        pool = self._own("work")
        guard = _only(pool.children())
        if part is Part.POOL:
            return [pool]
        if part is Part.GUARD:
            return [guard]
        if part is Part.CHILD:
            children = guard.children()
            if not children:
                raise LookupError("the guard has no children yet")
            return [random.choice(children)]
        return [pool, guard, *guard.children()]

    def kill(self, part: Part, random: Random) -> set[int]:
        """Kill the part with SIGKILL when it is there; return the numbers of its processes."""
        doomed = wait_until(lambda: self._found(part, random), 30, f"{part.value} is there")
        if part is Part.GROUP:
            os.killpg(doomed[0].pid, signal.SIGKILL)
        else:
            doomed[0].kill()
        return {process.pid for process in doomed}

    def complete(self) -> bool:
        """Whether every process is there, each exactly once; workers may run programs of theirs."""
        try:
            guard = _only(self._own("work").children())
            children, work = guard.children(), guard.children(recursive=True)
            expected = {self.process.pid, self._own("serve").pid, self._own("work").pid}
        except (LookupError, psutil.NoSuchProcess):
            return False
        expected |= {guard.pid, *(process.pid for process in work)}
        enough = len(children) >= 3  # a worker, and both ends of the queue
        return enough and {p.pid for p in self.installation.processes()} == expected

    def _found(self, part: Part, random: Random) -> list[psutil.Process]:
        try:
            return self.part(part, random)
        except (LookupError, psutil.NoSuchProcess):
            return []

    def _own(self, command: str) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        return _only([child for child in children if command in child.cmdline()])


@contextmanager
def up(installation: Installation) -> Iterator[Up]:
    """Start everything, wait until it answers; stop it cleanly afterwards and see that it left
    nothing running. A test may have stopped or killed it before."""
    command = installation.command("up", "--json", "--port", str(free_port()))
    process = subprocess.Popen(
        command, env=installation.environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Up(installation, process, json.loads(process.stdout.readline()))
        if process.poll() is None:
            process.terminate()
            assert process.wait(30) == 0
        wait_until(lambda: not installation.processes(), 5, "no process is left")
    finally:
        for left in installation.processes():
            left.kill()
        process.wait()


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until(condition: Callable[[], T], seconds: float, what: str) -> T:
    """Return the first true value of ``condition``; fail after ``seconds``, saying ``what``."""
    deadline = monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert monotonic() < deadline, f"not within {seconds} s: {what}"
        sleep(0.05)


def _only(processes: list[psutil.Process]) -> psutil.Process:
    if len(processes) != 1:
        raise LookupError(f"one process was expected, there are {len(processes)}")
    return processes[0]

"""Starting up: what is said when something is in the way."""

from __future__ import annotations

import signal
import socket
from collections import namedtuple
from pathlib import Path
from typing import Any

import psutil
import pytest

from matteweb.errors import BadInput, Conflict
from matteweb.jobs import listening
from matteweb.jobs.listening import address_of, listen
from matteweb.jobs.management.commands.up import Command, _file_system, _is_local
from matteweb.jobs.supervisor import Child, Supervisor, only_supervisor

EVERYWHERE = "0.0.0.0"  # noqa: S104 - bound for a moment, on a free port
Mount = namedtuple("Mount", "mountpoint fstype")


def test_a_port_that_is_taken_is_said_with_another_one_to_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "PATIENCE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} on 127.0.0.1 is taken") as caught:
            listen("127.0.0.1", port)
    assert f"--port {port + 1}" in caught.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_said(host: str) -> None:
    with pytest.raises(BadInput, match=host):
        listen(host, 0)


def test_the_address_is_one_that_a_browser_on_this_machine_can_open() -> None:
    with listen(EVERYWHERE, 0) as everywhere:
        assert address_of(everywhere) == f"http://localhost:{everywhere.getsockname()[1]}"
    with listen("127.0.0.1", 0) as here:
        assert address_of(here).startswith("http://127.0.0.1:")


def test_only_this_machine_is_local() -> None:
    assert _is_local("127.0.0.1")
    assert _is_local("localhost")
    assert _is_local("::1")
    assert not _is_local(EVERYWHERE)


def test_a_network_file_system_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    mounts = [Mount("/", "ext4"), Mount("/srv/films", "nfs4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    assert _file_system(Path("/srv/films/matteweb/data")) == "nfs4"
    assert _file_system(Path("/var/lib")) == "ext4"
    settings.DATA_DIR = Path("/srv/films/matteweb/data")
    Command()._warn("127.0.0.1")
    said = capsys.readouterr().err
    assert "/srv/films/matteweb/data is on a network file system (nfs4)" in said
    assert "MATTEWEB_DATA" in said


def test_listening_for_others_says_how_they_get_an_answer(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    Command()._warn(EVERYWHERE)
    assert "MATTEWEB_HOSTS" in capsys.readouterr().err
    settings.ALLOWED_HOSTS = ["studio.example"]
    Command()._warn(EVERYWHERE)
    assert "MATTEWEB_HOSTS" not in capsys.readouterr().err


def test_a_data_folder_has_one_supervisor(tmp_path: Path) -> None:
    with (
        only_supervisor(tmp_path),
        pytest.raises(Conflict, match=r"already runs for .* \(process \d+\)"),
        only_supervisor(tmp_path),
    ):
        pass
    with only_supervisor(tmp_path):
        pass


def test_what_dies_at_once_is_started_less_and_less_often(tmp_path: Path) -> None:
    """Five starts in the time that a loop without patience would need for hundreds."""
    starts = tmp_path / "starts"
    child = Child("thing", ["sh", "-c", f"echo x >> {starts}"])
    said: list[str] = []
    supervisor = Supervisor([child], said.append)
    rounds = iter(range(35))
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def each_round() -> None:
        if next(rounds, None) is None:
            supervisor._leave()

    try:
        supervisor.run(each_round)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert 3 <= len(starts.read_text().split()) <= 5
    assert said[0] == "The thing ended (exit code 0) and is started again."

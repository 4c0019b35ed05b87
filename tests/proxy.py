"""A bad line: a TCP proxy that cuts connections in the middle, as often and where a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from time import sleep

_STEP = 64 * 1024


@dataclass
class BadLine:
    """Passes bytes between clients and a server; each entry of ``cuts`` ends one connection.

    ``cuts`` counts bytes from client to server over all connections, rising: when that many have
    passed, both ends of the connection that carried the last one are reset, as if a cable was
    pulled. ``pace`` bounds the bytes per second that each connection sends.
    """

    server: tuple[str, int]
    cuts: Sequence[int] = ()
    pace: float = inf
    passed: int = 0
    made: int = 0
    _listener: socket.socket = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where clients connect."""
        number: int = self._listener.getsockname()[1]
        return number

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.server, timeout=10)
            except OSError:
                _reset(client)  # the server is not there now
                continue
            server.settimeout(None)
            for source, target, counted in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=self._pump, args=(source, target, counted), daemon=True
                ).start()

    def _pump(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while data := source.recv(_STEP):
                room = self._room(len(data)) if counted else len(data)
                target.sendall(data[:room])
                if counted:
                    sleep(room / self.pace)
                if room < len(data):
                    break
            else:
                with suppress(OSError):
                    target.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        _reset(source)
        _reset(target)

    def _room(self, length: int) -> int:
        """Return how many of the next bytes may pass before the next cut."""
        with self._lock:
            left = self.cuts[self.made] - self.passed if self.made < len(self.cuts) else length
            if left < length:
                self.made += 1
                length = max(left, 0)
            self.passed += length
            return length


def _reset(end: socket.socket) -> None:
    """Close at once, without saying goodbye."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def bad_line(
    server: tuple[str, int], cuts: Sequence[int] = (), *, pace: float = inf
) -> Iterator[BadLine]:
    """Yield a proxy before ``server`` that cuts where ``cuts`` says."""
    line = BadLine(server, cuts, pace)
    try:
        yield line
    finally:
        line.close()

"""The listening socket of the web server, and why there may be none."""

from __future__ import annotations

import errno
import socket
from time import monotonic, sleep

from matteweb.errors import BadInput, Conflict, NotAllowed

BACKLOG = 2048
# A server that has just been killed may hold its port for a moment longer.
PATIENCE_SECONDS = 2.0


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Connections queue up in it until somebody accepts.

    Raises Conflict for a port that is taken, BadInput for a host that is none of this machine's,
    NotAllowed for a port that needs an administrator.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise BadInput(f"There is no host {host!r}.", hint="Try --host 127.0.0.1.") from error
    until = monotonic() + PATIENCE_SECONDS
    while True:
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE or monotonic() > until:
                raise _explained(error, host, port) from error
            sleep(0.1)
        else:
            return listener


def address_of(
    listener: socket.socket, *, scheme: str = "http", everywhere: str = "localhost"
) -> str:
    """Return the address to open in a browser; ``everywhere`` is what stands for all addresses."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = everywhere
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _explained(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return Conflict(
            f"Port {port} on {host} is taken by another program.",
            hint=f"Choose another one: --port {port + 1}, or MATTEWEB_PORT={port + 1} make run.",
        )
    if error.errno == errno.EACCES:
        return NotAllowed(
            f"Port {port} may only be used by an administrator.",
            hint="Choose one above 1023, e.g. --port 8000.",
        )
    return BadInput(
        f"This machine cannot listen on {host}: {error.strerror}.", hint="Try --host 127.0.0.1."
    )

"""Following another process by the lines that it writes, without ever waiting for them."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator

_LOOK_EVERY = 0.2


def lines_of(process: subprocess.Popen[bytes], look: Callable[[float], None]) -> Iterator[bytes]:
    """Yield what ``process`` writes, a line at a time without its end, until it closes its output.

    ``look`` is called at least five times a second with the seconds since anything was heard;
    what it raises ends the following. Memory: one line. Raises ValueError without a pipe.
    """
    if process.stdout is None:
        raise ValueError("the process was started without a pipe")
    heard = time.monotonic()
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            look(time.monotonic() - heard)
            if not selector.select(_LOOK_EVERY):
                continue
            data = os.read(process.stdout.fileno(), 1 << 16)
            if not data:
                return
            heard = time.monotonic()
            *lines, pending = (pending + data).split(b"\n")
            yield from lines

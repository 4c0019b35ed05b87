"""How much of the processor a process asks for beside the others of an installation."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

_GROUP = Path("/proc/self/autogroup")
_TRIES: Final = 20
_APART: Final = 0.1
"""Seconds: so often the kernel takes one such change, of all processes of the machine."""


def stand_back(by: int) -> int:
    """Make this process, and what it starts from now on, nicer by ``by``; return its niceness.

    Linux may share the processor among sessions before it looks at processes (autogroups,
    sched(7)). Every part of an installation has a session of its own, so niceness would count for
    nothing between them: a session that this process leads becomes nicer, too, by as much.
    """
    own = os.nice(by)
    if os.getsid(0) == os.getpid():
        _group_stands_back(own)
    return own


def _group_stands_back(to: int) -> None:
    for _ in range(_TRIES):
        try:
            _GROUP.write_text(str(to))
        except BlockingIOError:
            time.sleep(_APART)
        except OSError:  # a kernel without such groups
            return
        else:
            return

"""How much of the processor a process asks for beside the others of an installation."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_GROUP = Path("/proc/self/autogroup")


def stand_back(by: int) -> int:
    """Make this process, and what it starts from now on, nicer by ``by``; return its niceness.

    Linux may share the processor among sessions before it looks at processes (autogroups,
    sched(7)). Every part of an installation has a session of its own, so niceness would count for
    nothing between them: a session that this process leads becomes nicer, too, by half as much,
    since it weighs as a whole.
    """
    own = os.nice(by)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # a kernel without such groups
            _GROUP.write_text(str(own // 2))
    return own

"""Ties a process to its parent: when the parent dies, however suddenly, the kernel kills the child.

The tie of prctl(2) ``PR_SET_PDEATHSIG`` has three traps. It hangs on the *thread* that forked, so
fork from the main thread only. A fork does not inherit it, so each child sets its own. And a parent
that dies before the child has set it is missed, so the child looks at its parent afterwards.
"""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_forking = 0


def die_with(parent: int) -> None:
    """Have this process killed when its parent, the process ``parent``, dies; end now if it has."""
    if _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os._exit(1)


def tie_every_fork() -> None:
    """Tie every later ``os.fork`` of this process and of its children; call it once.

    Programs started by ``subprocess`` are not reached: they take their parent's number as an
    argument and call ``die_with`` themselves.
    """
    os.register_at_fork(before=_remember, after_in_child=lambda: die_with(_forking))


def _remember() -> None:
    global _forking
    _forking = os.getpid()

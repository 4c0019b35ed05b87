"""Claim tokens: which process owns a job, and whether that process still lives.

A token names host, process, start time of the process and a random part, e.g.
``9f31c2aa-4711-88123-5e0c...``. The start time tells a process from a later one that was given the
same number.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClaimOwner:
    """The process behind a token. ``started`` counts clock ticks since its host booted."""

    host: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.host}-{self.pid}-{self.started}"


@cache
def this_host() -> str:
    """Return eight hex digits for this boot of this machine and its space of process numbers.

    Two containers may share a host name or a kernel, but not both and the same process numbers.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    space = Path("/proc/self/ns/pid").stat().st_ino
    return hashlib.sha256(f"{socket.gethostname()} {boot} {space}".encode()).hexdigest()[:8]


def owner_here(pid: int | None = None) -> ClaimOwner:
    """Return the owner for a living process of this host, by default the calling one."""
    pid = os.getpid() if pid is None else pid
    return ClaimOwner(this_host(), pid, _started(pid))


def claim_token() -> str:
    """Return a new token of the calling process; no two are ever equal."""
    return f"{owner_here()}-{secrets.token_hex(8)}"


def claim_owner(token: str) -> ClaimOwner:
    """Return who made ``token``. Raises ValueError when it is none."""
    host, pid, started, _ = token.split("-")
    return ClaimOwner(host, int(pid), int(started))


def surely_dead(owner: ClaimOwner) -> bool:
    """Whether the process is gone for certain; of another host this cannot be said.

    A zombie counts as living: its parent is about to collect it and knows more about the death.
    """
    if owner.host != this_host():
        return False
    try:
        return _started(owner.pid) != owner.started
    except FileNotFoundError:
        return True


def _started(pid: int) -> int:
    """Field 22 of proc(5) ``/proc/PID/stat``. Field 2 may hold spaces, so count from its end."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[19])

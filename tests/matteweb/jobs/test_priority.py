"""Who stands back: the process, and the session that it leads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matteweb.jobs import priority

_GROUP = Path("/proc/self/autogroup")
_STEP = """
import os
from pathlib import Path
from matteweb.jobs.priority import stand_back
group = Path("/proc/self/autogroup")
stood = stand_back(4)
print(stood, os.nice(0), *(group.read_text() if group.exists() else "").split()[-1:])
"""


def stepped(*, leads: bool) -> list[str]:
    """Return what a process is after it stood back: niceness twice, and that of its session.

    The last one is absent where the kernel knows no such groups, and where the session has none:
    ``/proc/self/autogroup`` is empty then.
    """
    done = subprocess.run(
        [sys.executable, "-c", _STEP], capture_output=True, text=True, check=True,
        start_new_session=leads, timeout=60,
    )  # fmt: skip
    return done.stdout.split()


def test_a_process_stands_back_and_the_session_that_it_leads_as_much() -> None:
    nicer = os.nice(0) + 4
    process, niceness, *session = stepped(leads=True)
    assert process == niceness == str(nicer)
    assert session in ([], [str(nicer)])


def test_a_session_of_somebody_else_is_left_alone() -> None:
    before = (_GROUP.read_text() if _GROUP.exists() else "").split()[-1:]
    assert stepped(leads=False)[2:] == before


class BusyGroup:
    """A kernel that takes a change of somebody else first, as unprivileged processes see it."""

    def __init__(self, refusals: int) -> None:
        self.refusals, self.taken = refusals, list[str]()

    def write_text(self, text: str) -> None:
        """Refuse for as long as was said."""
        if self.refusals:
            self.refusals -= 1
            raise BlockingIOError
        self.taken.append(text)


def test_a_change_that_comes_too_soon_after_another_is_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy, stuck = BusyGroup(2), BusyGroup(10**6)
    monkeypatch.setattr(priority, "_APART", 0.001)
    for group in (busy, stuck):
        monkeypatch.setattr(priority, "_GROUP", group)
        priority._group_stands_back(3)
    assert busy.taken == ["3"] and stuck.taken == []  # nobody waits for ever

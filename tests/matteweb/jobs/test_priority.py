"""Who stands back: the process, and the session that it leads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_STEP = """
import os
from pathlib import Path
from matteweb.jobs.priority import stand_back
group = Path("/proc/self/autogroup")
print(stand_back(4), os.nice(0), group.read_text().split()[-1] if group.exists() else "none")
"""
_GROUP = Path("/proc/self/autogroup")


def stepped(*, leads: bool) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _STEP], capture_output=True, text=True, check=True,
        start_new_session=leads, timeout=60,
    )  # fmt: skip
    return done.stdout.split()


def test_a_process_stands_back_and_the_session_that_it_leads_half_as_much() -> None:
    nicer = os.nice(0) + 4
    group = str(nicer // 2) if _GROUP.exists() else "none"
    assert stepped(leads=True) == [str(nicer), str(nicer), group]


def test_a_session_of_somebody_else_is_left_alone() -> None:
    before = _GROUP.read_text().split()[-1] if _GROUP.exists() else "none"
    assert stepped(leads=False)[2] == before

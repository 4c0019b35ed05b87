"""Faults put back: a test that never ends counts as one that does not fail."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

from scripts.wrong_ways import answered
from tests.processes import wait_until


def test_what_a_command_answers_is_its_code_and_all_that_it_wrote(tmp_path: Path) -> None:
    words = "import sys; print('1 failed'); print('why', file=sys.stderr); sys.exit(1)"
    assert answered([sys.executable, "-u", "-c", words], tmp_path, 60) == (1, b"1 failed\nwhy")


def test_a_command_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    hangs = "sleep 600 & echo $! > child; wait"
    assert answered(["sh", "-c", hangs], tmp_path, 1) == (None, b"")
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: ended(child), 30, "what it started has ended")


def ended(number: int) -> bool:
    """Whether a process runs no more; where nobody asks after it, its entry may stay."""
    try:
        return bool(psutil.Process(number).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True

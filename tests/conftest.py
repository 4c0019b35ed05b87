"""What holds for the whole suite: a Chromium that decodes H.264, and no silent skips."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings
from playwright.sync_api import expect

from matteweb.accounts.audit_guard import guard_lift
from tests.clips import needs_clips
from tests.scale import scale

# A time limit per example says how busy the machine is, not whether the rule holds. The same
# examples in every run, so that a change is judged by what it changes; a soak draws new ones.
settings.register_profile("matteweb", deadline=None, derandomize=scale(True, False))
settings.load_profile("matteweb")

# The same of a page: what never comes is said later, what comes late is no fault.
expect.set_options(timeout=20_000)

ROOT = Path(__file__).parents[1]
ALLOWED_SKIP = str(needs_clips.kwargs["reason"])

_unexplained_skips: list[str] = []


@cache
def _chromium() -> tuple[str, str]:
    """Return (executable, "") or ("", why there is none that will do).

    In a process of its own, since Playwright's loop would stay in the way of asynchronous tests.
    """
    answer = subprocess.run(
        [sys.executable, "-m", "tests.chromium", "--decodes"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        return "", answer.stderr.strip() or "tests.chromium failed without a word"
    return answer.stdout.strip(), ""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Ask the browser before the first test, so that a run without it ends in one sentence."""
    if session.config.option.collectonly:
        return
    if any(item.get_closest_marker("browser") for item in session.items):
        _, problem = _chromium()
        if problem:
            pytest.exit(problem, returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let the test database be emptied between tests: its audit log is not guarded.

    The guard has its own tests, and every started MatteWeb has it.
    """
    with django_db_blocker.unblock():
        guard_lift(connection)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the executable to launch; the tests that use it carry the mark ``browser``."""
    return _chromium()[0]


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if ALLOWED_SKIP not in reason:
        _unexplained_skips.append(f"{report.nodeid}: {reason}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a test that was skipped for any reason but missing footage."""
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a module that was skipped as a whole."""
    _note_skip(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI a skip is a failure: a check that did not run has not been passed."""
    if os.environ.get("CI") and _unexplained_skips and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what made a run on CI fail."""
    if os.environ.get("CI") and _unexplained_skips:
        terminalreporter.section("skipped, which CI does not allow")
        for line in _unexplained_skips:
            terminalreporter.line(line)

"""As for the kill tests, with owners that are given up after seconds of silence."""

from __future__ import annotations

from tests.settings_kills import *  # noqa: F403

JOB_DEAD_AFTER_SECONDS = 3

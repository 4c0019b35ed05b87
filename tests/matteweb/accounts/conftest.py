"""Accounts are tested without the applications above them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _own_home(settings: Any) -> None:
    """Let a project open on a page of accounts itself."""
    settings.PROJECT_HOME = "settings"

"""Accounts are tested without the applications above them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _alone(settings: Any) -> None:
    """Mount accounts only, and let a project open on a page of theirs."""
    settings.ROOT_URLCONF = "tests.matteweb.accounts.site"
    settings.PROJECT_HOME = "settings"

"""Jobs of tests: their handlers are registered, their project exists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Semaphore
from typing import Any

import pytest

from matteweb.jobs import context as context_module
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from tests import factories
from tests.matteweb.jobs import handlers
from tests.processes import Installation

MakeJob = Callable[..., Job]


def handler_names() -> dict[str, str]:
    """Return every handler of ``handlers.py`` by its own name."""
    names = [name for name in vars(handlers) if not name.startswith("_")]
    own = [n for n in names if getattr(vars(handlers)[n], "__module__", "") == handlers.__name__]
    return {name: f"{handlers.__name__}.{name}" for name in own}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Return a data folder without jobs whose programs know the handlers of tests."""
    return Installation.migrated(tmp_path / "data", "tests.settings_kills")


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Semaphore:
    """Return what lets ``count_as_allowed`` take a step. Each is written and preceded by a look, so
    that tests wait for states and never for time."""
    steps = Semaphore(0)
    monkeypatch.setattr(handlers, "allowed", steps)
    monkeypatch.setattr(context_module, "WRITES_APART_SECONDS", 0)
    monkeypatch.setattr(context_module, "LOOKS_APART_SECONDS", 0)
    return steps


@pytest.fixture
def make_job(settings: Any) -> MakeJob:
    """Return a function that creates a queued job of a kind named in ``handlers.py``."""
    settings.JOB_HANDLERS = handler_names()

    def make(kind: str = "count", **params: Any) -> Job:
        return job_create(
            project=factories.project(),
            kind=kind,
            title=f"test {kind}",
            params=params,
            actor=factories.actor(),
        )

    return make

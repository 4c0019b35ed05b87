"""People and projects that the services of the data studio are tried on."""

from __future__ import annotations

import pytest

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project, Role
from tests import factories


@pytest.fixture
def owner() -> Actor:
    """Somebody who owns ``project``."""
    return factories.actor(factories.user())


@pytest.fixture
def project(owner: Actor) -> Project:
    """A new project of the owner's."""
    assert owner.user is not None
    return factories.project(owner=owner.user)


@pytest.fixture
def sender(project: Project) -> Actor:
    """Somebody who may bring files into the project."""
    return factories.actor(factories.member(project, Role.ANNOTATOR))

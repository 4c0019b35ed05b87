"""A studio that answers on loopback, and a person who has logged in to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets_app.domain.bundles.files import BundleFile
from datasets_app.domain.bundles.manifest import Manifest
from tests.client import Home, big_bundle
from tests.studio_server import StudioServer


@pytest.fixture(scope="session")
def bundle() -> tuple[Manifest, list[BundleFile]]:
    """A frozen bundle and its files with their bytes."""
    return big_bundle()


@pytest.fixture
def whole(bundle: tuple[Manifest, list[BundleFile]]) -> dict[str, bytes | None]:
    """What a folder holds when the bundle has arrived."""
    return {file.path: file.data for file in bundle[1]}


@pytest.fixture
def studio(bundle: tuple[Manifest, list[BundleFile]]) -> Iterator[StudioServer]:
    """A server with that bundle."""
    with StudioServer(bundle[1]) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, studio: StudioServer) -> Home:
    """A home folder after a login."""
    (tmp_path / "home").mkdir()
    made = Home(tmp_path / "home")
    made.login(studio)
    return made

"""A real Chromium per module, and pages that fail the test when a script throws."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, sync_playwright

from tests.chromium import ARGUMENTS
from tests.e2e.lasting_browser import LastingBrowser
from tests.e2e.page_addresses import page_addresses
from tests.e2e.player_page import FRAMES
from tests.e2e.player_site import PlayerSite, write_sample
from tests.e2e.studio import Studio, studio_in
from tests.processes import wait_until
from tests.web_server import WebServer, web_server


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[LastingBrowser]:
    """Start Chromium; its name for a plain-http address of a local network is ``lan.test``."""
    arguments = [*ARGUMENTS, "--disable-gpu", "--host-resolver-rules=MAP lan.test 127.0.0.1"]
    with sync_playwright() as playwright:
        lasting = LastingBrowser(playwright, chromium, arguments)
        yield lasting
        lasting.close()


@pytest.fixture
def open_page(browser: LastingBrowser) -> Iterator[Callable[..., Page]]:
    """Return ``open_page(**context options)``; an uncaught error fails the test."""
    problems: list[str] = []
    contexts = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: _note(problems, said.type, said.text))
        return page

    yield opened
    for context in contexts:
        browser.close_context(context)
    assert problems == []


def _note(problems: list[str], kind: str, text: str) -> None:
    # A failed request is what some tests make, and at plain http a header has no meaning;
    # everything else that is an error is one.
    expected = ("Failed to load resource", "Cross-Origin-Opener-Policy header has been ignored")
    if kind == "error" and not any(words in text for words in expected):
        problems.append(text)


@pytest.fixture(scope="session")
def player_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two samples whose every frame carries its number."""
    folder = tmp_path_factory.mktemp("clips")
    write_sample(folder / "pair", FRAMES)
    write_sample(folder / "next", 30)
    footage = [{"label": "next", "player": "/next/layers.json"}]
    (folder / "footage.json").write_text(json.dumps({"footage": footage}))
    return folder


@pytest.fixture
def player_site(player_clips: Path) -> Iterator[PlayerSite]:
    """Serve the samples and a page with one player."""
    site = PlayerSite(player_clips)
    yield site
    site.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """The real web server with an empty project ``p``, for the tests of one module."""
    with web_server(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="module")
def session(server: WebServer, browser: LastingBrowser) -> StorageState:
    """The cookies of somebody who has logged in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.address}/p/p/library/")
    page.locator("input[name=username]").fill("anna")
    page.locator("input[name=password]").fill("a long secret")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/p/p/library/")
    state = context.storage_state()
    browser.close_context(context)
    return state


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A running MatteWeb in which every test makes projects of its own."""
    with studio_in(tmp_path_factory.mktemp("studio")) as made:
        yield made


@pytest.fixture(scope="session")
def mask_engine(studio: Studio) -> Iterator[None]:
    """Run the live engine of masks beside the web server."""
    installation = studio.server.installation
    process = subprocess.Popen(installation.command("engine"), env=installation.environment())
    wait_until((installation.data / "engine.sock").exists, 60, "the engine listens")
    yield
    process.terminate()
    assert process.wait(30) == 0


@pytest.fixture(scope="session")
def addresses(studio: Studio) -> dict[str, str]:
    """Every page of the studio by name."""
    return page_addresses(studio)

"""WCAG 2.2 AA by axe-core: every page of the program, light and dark, and what opens on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OpenPage = Callable[..., Page]

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Best practices that are no rule of WCAG and that this program does otherwise, with the reason.
NOT_OURS = {
    "region": "toasts lie outside the landmarks, so that they are the same on every page",
}
_RUN = """
async ({tags, off, only}) => {
  const rules = Object.fromEntries(off.map((id) => [id, {enabled: false}]));
  const runOnly = only ? {type: "rule", values: only} : {type: "tag", values: tags};
  const found = await axe.run(document, only ? {runOnly} : {runOnly, rules});
  const places = (nodes) => nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ");
  return found.violations.map((violation) => `${violation.id}: ${places(violation.nodes)}`);
}
"""


@pytest.fixture
def page(studio: Studio, open_page: OpenPage) -> Iterator[Page]:
    """A page of the owner's, with what moves held still."""
    opened = open_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    # What a page had leased that was closed without a word comes back after a minute.
    opened.set_default_timeout(150_000)
    yield studio.sign_in(opened, "lena")


def desk_is_ready(page: Page) -> None:
    """Wait until the first sample is leased and on screen, so that keys do something."""
    page.wait_for_selector("#queue [aria-current]")
    page.wait_for_selector("[data-action='review.reject']:enabled")


def violations(page: Page, only: list[str] | None = None) -> list[str]:
    """Return what axe finds on the page as it is now."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE.read_text())
    asked: dict[str, Any] = {"tags": RULES, "off": list(NOT_OURS), "only": only}
    found: list[str] = page.evaluate(_RUN, asked)
    return found


@pytest.mark.timeout(1800)
def test_every_page_holds_wcag_in_light_and_in_dark(
    studio: Studio, addresses: dict[str, str], page: Page
) -> None:
    assert {"review", "library", "bundles", "tokens", "review-rules", "sample"} <= set(addresses)
    wrong: dict[str, list[str]] = {}
    for name, path in addresses.items():
        page.emulate_media(color_scheme="light")
        page.goto(studio.server.address + path)
        if page.locator("mw-player").count():
            page.wait_for_selector("mw-player.built")
        found = violations(page)
        page.emulate_media(color_scheme="dark")
        found += [f"dark {line}" for line in violations(page, ["color-contrast"])]
        if found:
            wrong[name] = found
    assert wrong == {}


def test_what_opens_on_a_page_holds_wcag_too(
    studio: Studio, addresses: dict[str, str], page: Page
) -> None:
    page.goto(studio.server.address + addresses["review"])
    desk_is_ready(page)
    page.keyboard.press("c")
    page.wait_for_selector("#f-comment:focus")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] .keys")
    assert violations(page) == []
    words = page.locator("dialog[open] .keys").inner_text()
    assert all(word in words for word in ("Accept", "Reject", "Skip", "Comment", "Next frame"))
    page.keyboard.press("Escape")
    page.locator("summary.iconbtn").last.press("Enter")
    assert violations(page) == []


def test_the_program_is_used_in_german(
    studio: Studio, addresses: dict[str, str], page: Page
) -> None:
    page.goto(studio.server.address + addresses["review"])
    desk_is_ready(page)  # what a page is still asking for when it is left comes back after a minute
    page.locator("summary.iconbtn").last.press("Enter")
    page.get_by_role("button", name="Deutsch").click()
    page.wait_for_selector("html[lang=de]")
    desk_is_ready(page)
    assert page.get_by_role("button", name="Annehmen A").is_visible()
    page.keyboard.press("r")
    page.wait_for_selector("#said:has-text('Warum? 1 bis 9')")
    assert violations(page) == []


def test_nothing_moves_for_whoever_wants_that(
    studio: Studio, addresses: dict[str, str], page: Page
) -> None:
    page.goto(studio.server.address + addresses["library"])
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((e) => {
          const s = getComputedStyle(e);
          const spans = `${s.transitionDuration},${s.animationDuration}`.split(",");
          return spans.some((span) => parseFloat(span) > 0);
        }).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert moving == []

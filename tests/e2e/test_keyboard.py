"""Every page by keyboard alone: Tab reaches what can be used, shows where it is, and goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.studio import Studio
from tests.scale import scale

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OpenPage = Callable[..., Page]

# The densest pages; at full size all of them.
PAGES = scale(("review", "sample", "annotate", "library"), ())
# Of a page's stops, more than it is worth to walk in one test.
MOST = 250

# What Tab has to reach, and what of it changed its looks when it got there. Of radio buttons with
# one name a single one is a stop. `looks` covers what stands for a control that is itself unseen.
WATCH = """() => {
  document.activeElement?.blur();
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const parts = (element) => [element, element.parentElement, element.closest("label"),
    element.closest("li"), element.labels?.[0], element.nextElementSibling].filter(Boolean);
  const looks = (element) => parts(element).map((part) => {
    const style = getComputedStyle(part);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow,
      style.borderColor, style.backgroundColor].join();
  }).join();
  const usable = (element) => element.tabIndex >= 0 && !element.disabled &&
    !element.closest("[inert]") && element.checkVisibility({visibilityProperty: true}) &&
    (element.type !== "radio" || stopOf(element) === element);
  const stopOf = (radio) => {
    const group = [...document.querySelectorAll("input[type=radio]")]
      .filter((other) => other.name === radio.name && other.form === radio.form);
    return group.find((other) => other.checked) ?? group[0];
  };
  const stops = new Map([...document.querySelectorAll(wanted)].filter(usable)
    .map((element) => [element, looks(element)]));
  const words = (element) => `${element.localName}${element.id && "#" + element.id}` +
    `[${(element.getAttribute("aria-label") || element.name || element.textContent)
      .trim().replace(/\\s+/g, " ").slice(0, 40)}]`;
  const walk = globalThis.walk = {count: stops.size, rounds: 0, unseen: [], outside: []};
  const reached = new Set();
  let first = null;
  addEventListener("focusin", ({target}) => {
    walk.last = words(target);
    first ??= target;
    if (target === first) walk.rounds += 1;
    if (reached.has(target)) return;
    reached.add(target);
    const before = stops.get(target);
    if (before !== undefined && before === looks(target)) walk.unseen.push(words(target));
    const box = target.getBoundingClientRect();
    const apart = box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight ||
      box.left >= innerWidth;
    if (before !== undefined && apart) walk.outside.push(words(target));
  });
  const passed = (element) => element.isConnected && usable(element) && !reached.has(element);
  walk.left = () => [...stops.keys()].filter(passed).map(words);
}"""


@pytest.fixture
def page(studio: Studio, open_page: OpenPage) -> Iterator[Page]:
    """A page of the owner's, on which nothing moves."""
    opened = open_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened.set_default_timeout(60_000)
    yield studio.sign_in(opened, "lena")


def walked(page: Page) -> dict[str, Any]:
    """Press Tab until it comes round; return what was wrong on the way."""
    page.evaluate(WATCH)
    presses = min(MOST, int(page.evaluate("walk.count")) + 12)
    for _ in range(presses):
        page.keyboard.press("Tab")
    for _ in range(MOST):  # what came to the page meanwhile has stops of its own
        if page.evaluate("walk.rounds") > 1:
            break
        page.keyboard.press("Tab")
    found: dict[str, Any] = page.evaluate(
        "({rounds: walk.rounds, unseen: walk.unseen, outside: walk.outside, left: walk.left()})"
    )
    found["trapped"] = page.evaluate("walk.last") if found.pop("rounds") < 2 else ""
    return {name: value for name, value in found.items() if value}


@pytest.mark.timeout(1800)
def test_tab_reaches_all_that_can_be_used_shows_where_it_is_and_comes_round(
    studio: Studio, addresses: dict[str, str], page: Page
) -> None:
    wrong: dict[str, dict[str, Any]] = {}
    for name in PAGES or addresses:
        page.goto(studio.server.address + addresses[name])
        if page.locator("mw-player").count():
            page.wait_for_selector("mw-player.built")
        if found := walked(page):
            wrong[name] = found
    assert not wrong, json.dumps(wrong, indent=1)

"""What stands around every page: skip link, menus, theme, names of controls, widths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.web_server import WebServer

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = (
    "projects/",
    "p/p/library/",
    "p/p/synthesize/",
    "p/p/review/",
    "p/p/bundles/",
    "p/p/jobs/",
    "p/p/settings/",
)

OpenPage = Callable[..., Page]


@pytest.fixture
def page(server: WebServer, session: StorageState, open_page: OpenPage) -> Page:
    """The Library of an empty project."""
    page = open_page(viewport={"width": 1440, "height": 900}, storage_state=session)
    page.goto(f"{server.address}/p/p/library/")
    return page


def test_the_first_tab_offers_to_skip_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_menu_is_used_by_keyboard_and_gives_its_focus_back(page: Page) -> None:
    opener = page.locator("summary[aria-label^=Account]")
    opener.focus()
    page.keyboard.press("Enter")
    first = page.get_by_role("link", name="API tokens")
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_click_elsewhere_closes_a_menu(page: Page) -> None:
    page.locator("summary[aria-label^=Account]").click()
    item = page.get_by_role("link", name="API tokens")
    expect(item).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(item).to_be_hidden()


def test_the_chosen_theme_is_in_the_page_that_the_server_sends(
    page: Page, server: WebServer
) -> None:
    """So that nothing flashes, although no script may run before the first paint."""
    theme = page.locator("html")
    page.get_by_label("Light or dark").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect(theme).to_have_attribute("data-theme", "dark")
    sent = page.request.get(f"{server.address}/p/p/library/").text()
    assert '<html lang="en" data-theme="dark">' in sent
    page.get_by_role("menuitemradio", name="As the system").click()
    assert "data-theme=" not in page.request.get(f"{server.address}/p/p/jobs/").text()[:200]


def test_the_page_that_is_open_is_marked_in_the_bar(page: Page, server: WebServer) -> None:
    page.goto(f"{server.address}/p/p/jobs/")
    current = page.get_by_role("navigation").locator("[aria-current=page]")
    expect(current).to_have_text("Jobs")


UNNAMED = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((control) => control.checkVisibility() && control.type !== "hidden")
  .filter((control) => {
    const labelled = control.labels?.length || control.getAttribute("aria-labelledby");
    const said = control.getAttribute("aria-label") || control.title;
    return !(labelled || said || control.textContent.trim());
  })
  .map((control) => control.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll("button, summary, .btn, .nav a")]
  .filter((control) => control.checkVisibility() && !control.matches(".skip"))
  .filter((control) => {
    const {width, height} = control.getBoundingClientRect();
    return width && (width < 24 || height < 24);
  })
  .map((control) => control.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", PAGES)
def test_every_control_has_a_name_and_room_for_a_finger(
    page: Page, server: WebServer, path: str
) -> None:
    """WCAG 2.2: 4.1.2 and 2.5.8. That no inline script or style was refused is seen here, too."""
    page.goto(f"{server.address}/{path}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(SMALL) == []
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_the_window(page: Page, server: WebServer, path: str) -> None:
    page.goto(f"{server.address}/{path}")
    page.wait_for_load_state("networkidle")
    for width in (1440, 900, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

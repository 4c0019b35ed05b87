"""The annotator as somebody uses it: drawing on pixels of the video, and what the server keeps."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect

Points = list[tuple[float, float]]


def open_session(page: Page, address: str, video: int) -> None:
    """Open the page of a video, and begin where nobody has."""
    page.goto(f"{address}/videos/{video}/annotate/")
    begin = page.get_by_role("button", name="Begin")
    if begin.count():
        begin.click()
    ready(page)


def ready(page: Page) -> None:
    """Wait until objects and picture are there."""
    page.wait_for_selector(".annotate-overlay", state="attached")
    expect(page.locator(".annotate-objects li").first).to_be_visible()


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a pixel of the video is on the screen."""
    box = page.locator(".annotate-overlay").bounding_box()
    assert box is not None
    scale, left, top = page.evaluate(
        "() => { const { scale, left, top } = document.querySelector('mw-player').zoom.placed;"
        " return [scale, left, top].map((value) => value / devicePixelRatio); }"
    )
    return box["x"] + left + (x + 0.5) * scale, box["y"] + top + (y + 0.5) * scale


def stroke(page: Page, points: Points, button: Any = "left") -> None:
    """Draw through pixels of the video."""
    page.mouse.move(*at(page, *points[0]))
    page.mouse.down(button=button)
    for point in points[1:]:
        page.mouse.move(*at(page, *point), steps=4)
    page.mouse.up(button=button)


def drag(page: Page, points: Points, button: Any = "left") -> None:
    """Draw through pixels of the video and wait until the mask is there."""
    page.evaluate("() => delete document.querySelector('mw-annotator').dataset.took")
    stroke(page, points, button)
    page.wait_for_function("() => document.querySelector('mw-annotator').dataset.took")


def state(page: Page) -> dict[str, Any]:
    """Return what the server knows of the session."""
    address = page.locator("mw-annotator").get_attribute("state")
    answer = page.request.get(page.evaluate("(way) => new URL(way, location).href", address))
    return dict(json.loads(answer.body()))


def kept(page: Page) -> dict[int, list[list[Any]]]:
    """Return frame, origin and certainty of every mask, by object."""
    return {one["number"]: one["frames"] for one in state(page)["objects"]}


def frame(page: Page) -> int:
    """Return the frame on screen."""
    return int(page.evaluate("document.querySelector('mw-player').frame"))


def show(page: Page, number: int) -> None:
    """Go to a frame and wait for it."""
    page.evaluate("(n) => { document.querySelector('mw-annotator').frame = n; }", number)
    page.wait_for_function("(n) => document.querySelector('mw-player').frame === n", arg=number)

"""Heat strips in a browser: drawn from measurements, they jump, and hand a range to comments."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.studio import Studio
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PATIENCE = 30_000
MEASURE = """
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.services.quality import measuring_run
from matteweb.accounts.models import Project
from matteweb.jobs.context import Again
project = Project.objects.get(slug="{slug}")
for turn in range(20):  # it gives way to every other job after each clip
    try:
        measuring_run(project_id=project.pk, progress=ignore_progress, should_stop=never_stop)
        break
    except Again:
        pass
"""
# Distinct colours of a strip, and whether the first column is the first frame's.
COLOURS = """(canvas) => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, 1);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 4).join());
  return [...seen];
}"""


def test_strips_show_the_numbers_jump_on_a_click_and_hand_a_range_to_the_comments(
    studio: Studio, open_page: Callable[..., Page]
) -> None:
    project = studio.project(1)
    page = open_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    studio.sign_in(page, "anna")
    page.goto(f"{studio.server.address}/p/{project.slug}/review/")
    expect(page.locator(".quality-words")).to_contain_text("measured when the machine has time")
    studio.python(MEASURE.format(slug=project.slug))
    strip = page.locator(".strip-row[data-metric=coverage] canvas.heat")
    expect(strip).to_be_visible(timeout=PATIENCE)
    assert len(strip.evaluate(COLOURS)) >= 1
    box = strip.bounding_box()
    assert box is not None
    frames = int(page.evaluate("document.getElementById('player').layers.frames"))

    strip.click(position={"x": box["width"] * 0.5, "y": 5})
    wait_until(
        lambda: abs(_frame(page) - frames // 2) <= 1,  # the middle may lie between two frames
        30,
        "the frame under the click is on screen",
    )
    value = page.locator(".strip-row[data-metric=coverage] output")
    expect(value).to_contain_text("%")

    quiet = page.locator(".strip.heat").count()
    page.locator(".quality-more").click()
    assert page.locator(".strip.heat").count() > quiet

    across = [box["x"] + box["width"] * share for share in (0.3, 0.6)]
    page.keyboard.down("Shift")
    page.mouse.move(across[0], box["y"] + 5)
    page.mouse.down()
    page.mouse.move(across[1], box["y"] + 5)
    page.mouse.up()
    page.keyboard.up("Shift")
    form = page.locator("#comments form")
    expect(form).to_be_visible()
    assert form.locator("[name=first]").input_value() == str(int(frames * 0.3))
    assert form.locator("[name=last]").input_value() == str(int(frames * 0.6))
    assert page.evaluate("document.getElementById('player').layers.edge_crops.length") >= 1

    page.keyboard.press("Escape")
    page.locator("#inspector").get_by_role("button", name="Edge 1 on frame").click()
    edges = page.locator("[data-action='player.view.edges']")
    expect(edges).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("v")
    expect(edges).to_have_attribute("aria-pressed", "false")
    page.locator(".pic").first.hover()
    stored = page.locator(".readings tr", has_text="rgb_full").locator("td").first
    expect(stored).to_have_text(re.compile(r"^ *\d+ +\d+ +\d+$"))


def _frame(page: Page) -> int:
    found: int = page.evaluate("document.getElementById('player').frame")
    return found

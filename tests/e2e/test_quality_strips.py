"""Heat strips in a browser: drawn from measurements, they jump, and hand a range to comments."""

from __future__ import annotations

import csv
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
FOUND = """
from datasets_app.domain.quality.report import found_words
from datasets_app.models import QualityReport, Sample
sample = Sample.objects.get(pk={sample})
line = dict(metric="pulse", title="Outline pulse", first=3, last=4, layers=["alpha"], box=None,
            words="it jumps", advice="", text="it jumps", strength=0.8)
QualityReport.objects.create(project=sample.project, sample=sample, score=0.8, suite="x",
                             finding="Outline pulse", found=found_words(["pulse"]), findings=[line])
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

    box = strip.bounding_box()  # more strips may have moved it
    assert box is not None
    first, last = int(frames * 0.3), int(frames * 0.6)
    across = [box["x"] + box["width"] * (number + 0.5) / frames for number in (first, last)]
    page.keyboard.down("Shift")
    page.mouse.move(across[0], box["y"] + 5)
    page.mouse.down()
    page.mouse.move(across[1], box["y"] + 5)
    page.mouse.up()
    page.keyboard.up("Shift")
    form = page.locator("#comments form")
    expect(form).to_be_visible()
    assert form.locator("[name=first]").input_value() == str(first)
    assert form.locator("[name=last]").input_value() == str(last)
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


def test_the_list_is_filtered_by_a_finding_and_its_findings_leave_as_a_table(
    studio: Studio, open_page: Callable[..., Page]
) -> None:
    project = studio.project(2)
    studio.python(FOUND.format(sample=project.samples[0]))
    page = open_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    studio.sign_in(page, "anna")
    page.goto(f"{studio.server.address}/p/{project.slug}/review/list/")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_label("Findings", exact=True).select_option("pulse")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(project.names[0])
    with page.expect_download() as started:
        page.get_by_role("link", name="Findings as CSV").click()
    table = list(csv.DictReader(started.value.path().read_text().splitlines()))
    assert [(one["name"], one["metric"], one["first"]) for one in table] == [
        (project.names[0], "pulse", "3")
    ]


def _frame(page: Page) -> int:
    found: int = page.evaluate("document.getElementById('player').frame")
    return found

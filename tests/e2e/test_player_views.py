"""Views that look beyond the frame on show: the edges over time, footage behind an object."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.player_page import ACCELERATED, OpenPage, opened
from tests.e2e.player_site import PlayerSite

pytestmark = pytest.mark.browser

RENDERERS = pytest.mark.parametrize("before", [(), (ACCELERATED,)], ids=["canvas-2d", "webgl2"])

MEASURED = """() => {
  const player = probe.player();
  player.layers.edge_crops = [
    {frame: 20, box: [101, 41, 60, 60]},
    {frame: 7, box: [0, 0, 60, 60]},
  ];
  player.dispatchEvent(new CustomEvent("mw-quality", {bubbles: true}));
}"""

# Cells by row: how many pixels of each are not what the mask has stored there.
WRONG_IN_CELLS = """async () => {
  await new Promise(requestAnimationFrame);
  const player = probe.player();
  player.redraw();
  const stage = player.canvas.getBoundingClientRect();
  return [...player.querySelectorAll(".film-row")].map((row, at) => {
    const [left, top, width, height] = player.layers.edge_crops[at].box;
    return [...row.querySelectorAll(".pane:not(.beyond)")].map((pane) => {
      const frame = Number(pane.querySelector("b").textContent);
      const box = pane.querySelector(".pic").getBoundingClientRect();
      const reader = new OffscreenCanvas(width, height).getContext("2d");
      const [x, y] = [box.left - stage.left, box.top - stage.top].map(Math.round);
      reader.drawImage(player.canvas, -x, -y);
      const {data} = reader.getImageData(0, 0, width, height);
      let wrong = 0;
      for (let at = 0; at < width * height; at++) {
        const [column, line] = [left + (at % width), top + Math.floor(at / width)];
        if (data[4 * at] !== (column * 3 + line * 7 + frame * 11) % 256) wrong++;
      }
      return [frame, wrong];
    });
  });
}"""


def filmed(open_page: OpenPage, player_site: PlayerSite, *before: str) -> Page:
    page = opened(open_page, player_site, *before)
    page.evaluate(MEASURED)
    page.keyboard.press("Shift+T")
    expect(page.get_by_role("button", name="Edge film")).to_have_attribute("aria-pressed", "true")
    return page


@RENDERERS
def test_each_edge_is_shown_on_the_frames_around_pixel_by_pixel(
    open_page: OpenPage, player_site: PlayerSite, before: tuple[str, ...]
) -> None:
    page = filmed(open_page, player_site, *before)
    page.evaluate("probe.seek(33)")
    rows = page.evaluate(WRONG_IN_CELLS)
    assert rows == [[[frame, 0] for frame in range(25, 42)]] * 2
    page.evaluate("probe.seek(2)")
    assert page.evaluate(WRONG_IN_CELLS) == [[[frame, 0] for frame in range(11)]] * 2


def test_a_press_on_a_cell_goes_to_its_frame_and_the_row_to_its_hardest(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = filmed(open_page, player_site)
    page.evaluate("probe.seek(33)")
    page.locator(".film-row").nth(0).locator(".pic").nth(11).click()
    page.evaluate("probe.at(36)")
    page.get_by_role("button", name="2 of 2 · hardest on frame 7").press("Enter")
    page.evaluate("probe.at(7)")
    cell = page.locator(".film-row").nth(0).locator(".pane").nth(9)
    cell.locator(".pic").hover(position={"x": 10, "y": 20})
    expect(cell.locator(".value")).to_have_text(str((111 * 3 + 61 * 7 + 8 * 11) % 256))
    expect(page.get_by_role("button", name="Zoom in")).to_be_disabled()
    page.keyboard.press("v")
    expect(page.get_by_role("button", name="Zoom in")).to_be_enabled()


BEHIND = """async () => {
  const {StreamSet} = await import("/static/mw/player/stream_set.js");
  const {shadedPixels} = await import("/static/mw/player/canvas_renderer.js");
  const {streams, model} = probe.player();
  const next = await StreamSet.open("/next/layers.json", undefined, 1);
  await next.whenAt(12);
  const own = streams.at(42);
  const inputs = [own.get("rgb_full", 0), own.get("mask", 0), next.at(12).get("rgb_full", 0)];
  const wanted = shadedPixels({
    size: {width: model.layers.width, height: model.layers.height},
    inputs: inputs.map((picture, at) => ({key: String(at), picture, covers: at === 2})),
    view: model.view,
    values: model.values,
  });
  next.close();
  const [drawn] = probe.panes();
  return wanted.reduce((most, value, at) => Math.max(most, Math.abs(value - drawn[at])), 0);
}"""


@RENDERERS
def test_an_object_lies_over_the_footage_that_is_chosen_frame_by_frame(
    open_page: OpenPage, player_site: PlayerSite, before: tuple[str, ...]
) -> None:
    page = opened(open_page, player_site, *before)
    for _ in range(6):
        page.keyboard.press("b")
    field = page.get_by_role("combobox", name="Behind")
    expect(field).to_have_value("rgb_removed · layer")
    expect(page.locator(".pane-h .note")).to_have_text("rgb_removed · layer")
    field.fill("nex")
    field.press("Enter")
    expect(field).to_have_value("next")
    # The keys belong to the viewer again; the footage of 30 frames has begun anew at 30.
    page.evaluate("probe.seek(41)")
    page.keyboard.press("ArrowRight")
    page.evaluate("probe.at(42)")
    page.wait_for_function("probe.player().streams.at(42) !== null")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(BEHIND) <= (1 if before else 0)
    page.evaluate("probe.player().setAttribute('src', '/next/layers.json')")
    page.evaluate("probe.at(0)")
    expect(page.get_by_role("combobox", name="Behind")).to_have_value("next")

"""What a page may hang on the player: its frame, its loop, strips under its ruler."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.player_page import OpenPage, opened
from tests.e2e.player_site import SIZE, PlayerSite

pytestmark = pytest.mark.browser

STRIP = """async () => {
  const player = probe.player();
  const row = document.createElement("div");
  row.className = "strip-row";
  row.innerHTML = '<span class="label">Flicker</span><canvas class="strip"></canvas>' +
    '<output class="value">0.011</output><span class="note">fine</span>';
  player.strips.append(row);
  await new Promise(requestAnimationFrame);
  const track = row.querySelector(".strip");
  track.addEventListener("click", (event) => (player.frame = player.frameAt(event.clientX)));
  const [ruler, strip] = [player.querySelector(".ruler"), track].map((part) => {
    const {left, width} = part.getBoundingClientRect();
    return [left, width];
  });
  return {ruler, strip};
}"""


def test_a_strip_lies_under_the_ruler_on_the_same_scale_and_a_click_jumps(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    found = page.evaluate(STRIP)
    assert found["ruler"] == found["strip"]
    left, width = found["strip"]
    page.locator(".strip").click(position={"x": width * 0.425, "y": 4})
    page.evaluate("probe.at(42)")
    head = page.locator(".playhead").bounding_box()
    assert head is not None
    assert abs(head["x"] + 1 - (left + width * 0.425)) <= 1.5
    page.evaluate("probe.player().setAttribute('src', '/next/layers.json')")
    page.evaluate("probe.at(0)")
    assert page.locator(".strip").count() == 1


def test_a_page_hears_of_the_next_sample_before_its_first_frame(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    heard = page.evaluate(
        """async () => {
          const heard = [];
          document.addEventListener("mw-source", ({detail}) => heard.push(detail.layers.name));
          document.addEventListener("mw-frame", ({detail}) => heard.push(detail.frame));
          probe.player().setAttribute("src", "/next/layers.json");
          await probe.at(0);
          return heard;
        }"""
    )
    assert heard == ["next", 0]


def test_a_page_sets_the_loop_and_reads_it_back(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    assert page.evaluate("probe.player().range") is None
    page.evaluate("probe.player().range = [10, 14]")
    assert page.evaluate("probe.player().range") == [10, 14]
    page.evaluate("probe.player().range = null")
    assert page.evaluate("probe.player().range") is None


def test_measured_edges_offer_their_view_and_its_key_goes_from_one_to_the_next(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    edges = page.get_by_role("button", name="Edges E")
    expect(edges).to_have_count(0)
    page.evaluate(
        """() => {
          const player = probe.player();
          player.layers.edge_crops = [
            {frame: 20, box: [100, 40, 60, 60]},
            {frame: 7, box: [0, 0, 60, 60]},
          ];
          player.dispatchEvent(new CustomEvent("mw-quality", {bubbles: true}));
        }"""
    )
    expect(edges).to_be_enabled()
    page.keyboard.press("e")
    page.evaluate("probe.at(20)")
    middle = "(() => { const {seen} = probe.player().zoom; return [seen.left + seen.width / 2, "
    x, y = page.evaluate(middle + "seen.top + seen.height / 2]; })()")
    assert (x, y) == pytest.approx((130 / SIZE.width, 70 / SIZE.height), abs=0.01)
    assert page.evaluate("probe.player().zoom.placed.scale") >= 2
    expect(page.locator(".minimap")).to_be_visible()
    page.keyboard.press("e")
    page.evaluate("probe.at(7)")
    expect(page.get_by_role("combobox", name="Edges")).to_have_value("1")
    page.keyboard.press("0")
    expect(page.locator(".minimap")).to_be_hidden()


def test_the_edge_of_the_wipe_is_dragged_and_with_shift_turned(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    page.keyboard.press("w")
    box = page.locator(".pic").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + SIZE.width / 4, y + 5)
    page.mouse.up()
    percent, degrees = page.evaluate("probe.player().model.values.slice(0, 2)")
    assert percent == pytest.approx(75, abs=1)
    assert degrees == 0
    page.mouse.move(x + SIZE.width / 4, y + 5)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(x + 40, y)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert page.evaluate("probe.player().model.values[1]") == pytest.approx(-90, abs=4)

"""What a page may hang on the player: its frame, its loop, strips under its ruler."""

from __future__ import annotations

import pytest

from tests.e2e.player_page import OpenPage, opened
from tests.e2e.player_site import PlayerSite

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

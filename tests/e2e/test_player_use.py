"""The player in use: keys, loop, values, what comes next, what goes wrong, several of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.player_page import ACCELERATED, CLIP, PROBE, OpenPage, opened
from tests.e2e.player_site import SIZE, PlayerSite, numbered_gray

pytestmark = pytest.mark.browser


def test_keys_move_through_the_clip_to_both_ends(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    for key, frame in (
        ("End", 99),
        ("ArrowLeft", 98),
        (",", 97),
        (".", 98),
        ("Home", 0),
        ("ArrowRight", 1),
    ):
        page.keyboard.press(key)
        page.evaluate("(frame) => probe.at(frame)", frame)
    page.get_by_role("textbox", name="Frame").fill("77")
    page.keyboard.press("Enter")
    page.evaluate("probe.at(77)")
    assert page.evaluate("(clip) => probe.shown(clip)", CLIP) == [77, 77, 77]
    expect(page.locator(".lock-state")).to_have_text("3/3 locked on frame 77 · exact")


def test_a_loop_stays_between_in_and_out(open_page: OpenPage, player_site: PlayerSite) -> None:
    page = opened(open_page, player_site)
    page.evaluate("probe.seek(20)")
    page.keyboard.press("i")
    page.evaluate("probe.seek(24)")
    page.keyboard.press("o")
    seen = page.evaluate(
        """() => new Promise((resolve) => {
          const seen = [];
          probe.player().addEventListener("mw-frame", ({detail}) => {
            if (seen.push(detail.frame) === 12) resolve(seen);
          });
          probe.player().model.toggle();
        })"""
    )
    assert set(seen) == {20, 21, 22, 23, 24}


def test_the_value_under_the_pointer_is_the_stored_one(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    page.evaluate("probe.seek(9)")
    box = page.locator(".pic").nth(0).bounding_box()
    assert box is not None
    # The middle of the pane is the middle of the picture at any zoom.
    page.mouse.move(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2 + 2)
    readings = page.locator(".pane-h .value")
    x, y = SIZE.width // 2 + 3, SIZE.height // 2 + 2
    near = {str(numbered_gray(9)[y + dy, x + dx]) for dy in (-1, 0) for dx in (-1, 0)}
    expect(readings.nth(2)).not_to_be_empty()
    assert readings.nth(2).inner_text() in near
    page.mouse.move(2, 2)
    expect(readings.nth(2)).to_be_empty()


def test_a_preloaded_sample_is_there_without_another_request(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    page.evaluate(
        """async () => {
          const {preloadSamples} = await import("/static/mw/player/preload.js");
          await preloadSamples(["/next/layers.json"]);
        }"""
    )
    page.wait_for_timeout(300)
    asked = len(player_site.requests)
    waited = page.evaluate(
        """async () => {
          const begun = performance.now();
          probe.player().setAttribute("src", "/next/layers.json");
          await probe.at(0);
          return performance.now() - begun;
        }"""
    )
    assert page.evaluate("probe.player().model.layers.name") == "next"
    assert [path for path in player_site.requests[asked:] if path.startswith("/next/")] == []
    assert waited < 150, f"the next sample took {waited:.0f} ms"


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ("/pair/mask.mp4", "mask cannot be shown from frame 0 on"),
        ("/static/mw/player/canvas_renderer.js", "canvas_renderer.js"),
    ],
    ids=["stream", "renderer"],
)
def test_what_does_not_come_is_said_and_can_be_tried_again(
    open_page: OpenPage, player_site: PlayerSite, failing: str, said: str
) -> None:
    player_site.failing.add(failing)
    page = open_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(PROBE)
    page.goto(player_site.url)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text(said)
    player_site.failing.clear()
    notice.get_by_role("button", name="Try again").click()
    page.evaluate("probe.at(0)")
    expect(notice).to_have_count(0)


def test_shortcuts_are_off_while_typing_and_listed_in_the_sheet(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="Wipe W")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("spinbutton", name="Edge").click()
    page.keyboard.press("v")
    expect(page.get_by_role("button", name="Wipe W")).to_have_attribute("aria-pressed", "true")
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_contain_text("Side by side")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.get_by_role("button", name="Side by side V")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_second_viewer_on_a_page_has_buttons_of_its_own_and_no_keys(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    page.evaluate(
        """async () => {
          const second = document.createElement("mw-player");
          second.id = "second";
          second.setAttribute("keys", "off");
          second.setAttribute("src", "/next/layers.json");
          document.querySelector("main").append(second);
          await second.ready;
        }"""
    )
    second = page.locator("#second")
    second.get_by_role("button", name="Next frame").click()
    expect(second.locator(".lock-state")).to_contain_text("on frame 1 ")
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("End")
    page.evaluate("probe.at(99)")
    expect(second.locator(".lock-state")).to_contain_text("on frame 1 ")
    second.get_by_role("slider", name="Frame").press("End")
    expect(second.locator(".lock-state")).to_contain_text("on frame 29 ")


def test_a_viewer_that_is_taken_out_and_put_back_works_again(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    """As htmx does. A page gets some sixteen graphics contexts, so each is given back."""
    page = opened(open_page, player_site)
    page.evaluate(
        """async () => {
          const player = probe.player();
          const parent = player.parentElement;
          for (let time = 0; time < 20; time++) {
            player.remove();
            parent.append(player);
            await player.ready;
          }
          await probe.natural();
        }"""
    )
    page.keyboard.press("ArrowRight")
    page.evaluate("probe.at(1)")
    assert page.evaluate("(clip) => probe.shown(clip)", CLIP) == [1, 1, 1]


def test_after_the_graphics_driver_was_lost_the_same_frame_is_drawn_again(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site, ACCELERATED)
    page.evaluate("probe.seek(44)")
    page.evaluate(
        """async () => {
          const canvas = probe.player().canvas;
          const lost = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
          const restored = new Promise((resolve) => {
            canvas.addEventListener("webglcontextrestored", resolve, {once: true});
          });
          lost.loseContext();
          await new Promise((resolve) => setTimeout(resolve, 100));
          lost.restoreContext();
          await restored;
          await new Promise(requestAnimationFrame);
        }"""
    )
    assert page.evaluate("(clip) => probe.shown(clip)", CLIP) == [44, 44, 44]


def test_a_bytewise_damaged_stream_is_named_with_the_frame(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    player_site.damaged.add("/pair/rgb_full.mp4")
    page = open_page(viewport={"width": 1440, "height": 900})
    page.goto(player_site.url)
    expect(page.get_by_role("alert")).to_contain_text("rgb_full cannot be shown from frame 0 on")

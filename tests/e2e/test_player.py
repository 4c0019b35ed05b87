"""The player in a real Chromium: the frame it says is the frame it shows, in every stream."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.player_site import BITS, CELL, SIZE, PlayerSite, numbered_gray, write_sample
from tests.scale import scale

pytestmark = pytest.mark.browser

FRAMES = 100
CLIP = {"width": SIZE.width, "height": SIZE.height, "cell": CELL, "bits": BITS}
PROBE = (Path(__file__).parent / "player_probe.js").read_text()

WITHOUT_WEBGL = """
const own = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind === "webgl2" ? null : own.call(this, kind, ...more);
};
"""
WITHOUT_WEBCODECS = "delete globalThis.VideoDecoder;"

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    write_sample(folder / "pair", FRAMES)
    write_sample(folder / "next", 30)
    return folder


@pytest.fixture
def site(clips: Path) -> Iterator[PlayerSite]:
    site = PlayerSite(clips)
    yield site
    site.close()


def opened(
    open_page: OpenPage, site: PlayerSite, *before: str, url: str = "", **options: Any
) -> Page:
    """Open the page and wait for frame 0 at 100 %."""
    page = open_page(viewport={"width": 1440, "height": 900}, **options)
    for script in (*before, PROBE):
        page.add_init_script(script)
    page.goto(url or site.url)
    page.evaluate("probe.at(0)")
    page.evaluate(
        "() => { probe.player().zoomScale(1); return new Promise(requestAnimationFrame) }"
    )
    return page


def random_frames(count: int) -> list[int]:
    rng = random.Random(7)
    return [rng.randrange(FRAMES) for _ in range(count)]


SEEK_AND_COMPARE = """async ([frames, clip]) => {
  const found = {mixed: [], wrong: 0, frames: 0, bytes: 0};
  for (const frame of frames) {
    await probe.seek(frame);
    const shown = probe.shown(clip);
    if (shown.some((number) => number !== frame)) found.mixed.push([frame, shown]);
    found.wrong += probe.wrongIn(probe.panes()[2], clip, frame);
    found.frames = Math.max(found.frames, probe.player().streams.cachedFrames);
    found.bytes = Math.max(found.bytes, probe.player().streams.cachedBytes);
  }
  return found;
}"""


@pytest.mark.parametrize(
    ("before", "ratio"),
    [((), 1), ((), 2), ((WITHOUT_WEBGL,), 1)],
    ids=["webgl2", "webgl2-hidpi", "canvas-2d"],
)
def test_after_any_seek_every_stream_shows_that_frame_and_masks_are_exact(
    open_page: OpenPage, site: PlayerSite, before: tuple[str, ...], ratio: int
) -> None:
    page = opened(open_page, site, *before, device_scale_factor=ratio)
    frames = random_frames(scale(40, 300))
    found = page.evaluate(SEEK_AND_COMPARE, [frames, CLIP])
    assert found["mixed"] == []
    assert found["wrong"] == 0
    # Three groups of 12 per stream, colour in 1.5 bytes per pixel and masks in one.
    assert found["frames"] <= 36
    assert found["bytes"] <= 36 * SIZE.width * SIZE.height * (1.5 + 1.5 + 1)


def test_what_reaches_the_screen_is_what_was_stored(open_page: OpenPage, site: PlayerSite) -> None:
    """Beyond the canvas: the composited page, as a screenshot sees it."""
    page = opened(open_page, site)
    page.evaluate("probe.seek(17)")
    box = page.locator(".pic").nth(2).bounding_box()
    assert box is not None
    picture = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB"))
    stored = numbered_gray(17)
    left = round(picture.shape[1] / 2 - SIZE.width / 2)
    top = round(picture.shape[0] / 2 - SIZE.height / 2)
    found = [
        picture[top + dy : top + dy + SIZE.height, left + dx : left + dx + SIZE.width]
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    ]
    assert any(np.array_equal(shown, np.stack([stored] * 3, axis=-1)) for shown in found)


PLAY_THROUGH = """(clip) => new Promise((resolve) => {
  const player = probe.player();
  const seen = [];
  const mixed = [];
  player.addEventListener("mw-frame", ({detail}) => {
    seen.push(detail.frame);
    const shown = probe.shown(clip);
    if (shown.some((number) => number !== detail.frame)) mixed.push([detail.frame, shown]);
    if (detail.frame === player.model.clock.last) resolve({seen, mixed});
  });
  player.model.toggle();
})"""


def test_playing_shows_every_frame_once_in_order_and_never_mixes_streams(
    open_page: OpenPage, site: PlayerSite
) -> None:
    page = opened(open_page, site)
    played = page.evaluate(PLAY_THROUGH, CLIP)
    assert played["mixed"] == []
    assert played["seen"] == list(range(1, FRAMES))
    expect(page.get_by_role("button", name="Play or pause")).to_have_attribute(
        "aria-pressed", "false"
    )


def test_seeking_wildly_ends_on_the_last_frame_that_was_asked_for(
    open_page: OpenPage, site: PlayerSite
) -> None:
    page = opened(open_page, site)
    shown = page.evaluate(
        """async ([frames, clip]) => {
          const mixed = [];
          probe.player().addEventListener("mw-frame", ({detail}) => {
            const shown = probe.shown(clip);
            if (shown.some((number) => number !== detail.frame)) mixed.push([detail.frame, shown]);
          });
          for (const frame of frames) {
            probe.player().frame = frame;
            await new Promise((resolve) => setTimeout(resolve, 4));
          }
          await probe.at(frames.at(-1));
          return {mixed, last: probe.shown(clip)};
        }""",
        [[*random_frames(80), 63], CLIP],
    )
    assert shown == {"mixed": [], "last": [63, 63, 63]}


def test_stepping_back_inside_a_group_asks_the_server_for_nothing(
    open_page: OpenPage, site: PlayerSite
) -> None:
    page = opened(open_page, site)
    page.evaluate("probe.seek(42)")
    page.wait_for_timeout(300)
    asked = len(site.requests)
    waited = page.evaluate(
        """async () => {
          const begun = performance.now();
          for (let frame = 41; frame > 36; frame--) await probe.seek(frame);
          return (performance.now() - begun) / 5;
        }"""
    )
    assert len(site.requests) == asked
    assert waited < 50, f"a step back took {waited:.0f} ms"


def test_keys_move_through_the_clip_to_both_ends(open_page: OpenPage, site: PlayerSite) -> None:
    page = opened(open_page, site)
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
    expect(page.locator(".lock-state")).to_have_text("3 streams on frame 77 · exact")


def test_a_loop_stays_between_in_and_out(open_page: OpenPage, site: PlayerSite) -> None:
    page = opened(open_page, site)
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


@pytest.mark.parametrize("view", ["side_by_side", "ab_flip", "wipe"])
def test_the_shader_and_the_javascript_of_a_view_give_the_same_pixels(
    open_page: OpenPage, site: PlayerSite, view: str
) -> None:
    page = opened(open_page, site)
    page.evaluate("probe.seek(33)")
    most = page.evaluate(
        """async (view) => {
          const {shadedPixels} = await import("/static/mw/player/canvas_renderer.js");
          const player = probe.player();
          player.view = view;
          player.model.set({amount: 0.37});
          await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
          const {streams, model} = player;
          const pictures = streams.at(33);
          const named = (name) => name === null ? null : {name, picture: pictures.get(name)};
          const size = {width: model.layers.width, height: model.layers.height};
          return Math.max(...model.panes.map((spec, at) => {
            const drawn = probe.panes()[at];
            const [a, b] = [named(spec.a), named(spec.b)];
            const wanted = shadedPixels({size, a, b, view: model.view, amount: 0.37});
            return wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - drawn[i])), 0);
          }));
        }""",
        view,
    )
    assert most <= 1


def test_colours_come_back_within_what_their_encoding_costs(
    open_page: OpenPage, site: PlayerSite
) -> None:
    """A wrong matrix or range would shift a smooth gradient by 8 and more."""
    page = opened(open_page, site)
    page.evaluate("probe.seek(5)")
    mean = page.evaluate(
        """({width, height, cell}) => {
          const data = probe.panes()[0];
          let sum = 0, pixels = 0;
          for (let y = cell + 8; y < height; y++) for (let x = 0; x < width; x++, pixels++) {
            const at = 4 * (y * width + x);
            const stored = [Math.floor(x * 255 / width), Math.floor(y * 255 / height), 200];
            for (let c = 0; c < 3; c++) sum += Math.abs(data[at + c] - stored[c]);
          }
          return sum / pixels / 3;
        }""",
        CLIP,
    )
    assert mean < 1.5


def test_the_value_under_the_pointer_is_the_stored_one(
    open_page: OpenPage, site: PlayerSite
) -> None:
    page = opened(open_page, site)
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


@pytest.mark.parametrize("secure", [True, False], ids=["no-webcodecs", "plain-http"])
def test_without_webcodecs_a_preview_is_shown_and_says_why(
    open_page: OpenPage, site: PlayerSite, secure: bool
) -> None:
    url = "" if secure else f"http://lan.test:{site.port}/"
    before = (WITHOUT_WEBCODECS,) if secure else ()
    page = opened(open_page, site, *before, url=url)
    frames = [0, 99, 98, 50, 51, 52, *random_frames(scale(6, 60))]
    found = page.evaluate(SEEK_AND_COMPARE, [frames, CLIP])
    assert found["mixed"] == []
    assert found["wrong"] == 0
    why = "this browser has no WebCodecs decoder" if secure else "this address is plain http"
    expect(page.locator(".lock-state")).to_contain_text("preview")
    expect(page.locator(".lock-state")).to_contain_text(why)


def test_a_preview_plays_to_its_end_without_mixing_streams(
    open_page: OpenPage, site: PlayerSite
) -> None:
    page = opened(open_page, site, WITHOUT_WEBCODECS)
    page.evaluate("probe.seek(75)")
    played = page.evaluate(PLAY_THROUGH, CLIP)
    assert played["mixed"] == []
    assert played["seen"] == list(range(76, FRAMES))


def test_a_preloaded_sample_is_there_without_another_request(
    open_page: OpenPage, site: PlayerSite
) -> None:
    page = opened(open_page, site)
    page.evaluate(
        """async () => {
          const {preloadSamples} = await import("/static/mw/player/preload.js");
          await preloadSamples(["/next/layers.json"]);
        }"""
    )
    page.wait_for_timeout(300)
    asked = len(site.requests)
    waited = page.evaluate(
        """async () => {
          const begun = performance.now();
          probe.player().setAttribute("src", "/next/layers.json");
          await probe.at(0);
          return performance.now() - begun;
        }"""
    )
    assert page.evaluate("probe.player().model.layers.name") == "next"
    assert [path for path in site.requests[asked:] if path.startswith("/next/")] == []
    assert waited < 150, f"the next sample took {waited:.0f} ms"


def test_a_stream_that_does_not_come_is_said_and_can_be_tried_again(
    open_page: OpenPage, site: PlayerSite
) -> None:
    site.failing.add("/pair/mask.mp4")
    page = open_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(PROBE)
    page.goto(site.url)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("mask cannot be shown from frame 0 on")
    site.failing.clear()
    notice.get_by_role("button", name="Try again").click()
    page.evaluate("probe.at(0)")
    expect(notice).to_have_count(0)


def test_shortcuts_are_off_while_typing_and_listed_in_the_sheet(
    open_page: OpenPage, site: PlayerSite
) -> None:
    page = opened(open_page, site)
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

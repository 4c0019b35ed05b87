"""The frame that the player says is the frame that it shows, in every stream, bit for bit."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.player_page import (
    ACCELERATED,
    ALL_VIEWS,
    CLIP,
    COMPARE_VIEWS,
    FRAMES,
    OPENED_IN_VIEW,
    PLAY_THROUGH,
    SEEK_AND_COMPARE,
    WITHOUT_WEBCODECS,
    OpenPage,
    opened,
    random_frames,
)
from tests.e2e.player_site import SIZE, PlayerSite, numbered_gray
from tests.scale import scale

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("before", "ratio"),
    [((), 1), ((), 2), ((ACCELERATED,), 1)],
    ids=["canvas-2d", "canvas-2d-hidpi", "webgl2"],
)
def test_after_any_seek_every_stream_shows_that_frame_and_masks_are_exact(
    open_page: OpenPage, player_site: PlayerSite, before: tuple[str, ...], ratio: int
) -> None:
    page = opened(open_page, player_site, *before, device_scale_factor=ratio)
    frames = random_frames(scale(40, 500))
    found = page.evaluate(SEEK_AND_COMPARE, [frames, CLIP])
    assert found["mixed"] == []
    assert found["wrong"] == 0
    # Three groups of 12 per stream, colour in 1.5 bytes per pixel and masks in one; the bitmaps
    # that a 2D canvas draws take four in each of the three streams.
    assert found["frames"] <= 36
    bitmaps = 0 if before else 3 * 4
    assert found["bytes"] <= 36 * SIZE.width * SIZE.height * (1.5 + 1.5 + 1 + bitmaps)


def test_what_reaches_the_screen_is_what_was_stored(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    """Beyond the canvas: the composited page, as a screenshot sees it."""
    page = opened(open_page, player_site)
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


def test_playing_shows_every_frame_once_in_order_and_never_mixes_streams(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    # At full size eight times through the clip, more than 30 s.
    laps = scale(1, 8)
    for lap in range(laps):
        played = page.evaluate(PLAY_THROUGH, CLIP)
        assert played["mixed"] == []
        assert played["seen"] == list(range(1 if lap == 0 else 0, FRAMES))
    ledger = page.evaluate("({...probe.player().ledger})")
    assert ledger["mixed"] == 0
    assert ledger["drawn"] == laps * FRAMES
    expect(page.get_by_role("button", name="Play or pause")).to_have_attribute(
        "aria-pressed", "false"
    )


def test_seeking_wildly_ends_on_the_last_frame_that_was_asked_for(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
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
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    page.evaluate("probe.seek(42)")
    page.wait_for_timeout(300)
    asked = len(player_site.requests)
    waited = page.evaluate(
        """async () => {
          const begun = performance.now();
          for (let frame = 41; frame > 36; frame--) await probe.seek(frame);
          return (performance.now() - begun) / 5;
        }"""
    )
    assert len(player_site.requests) == asked
    assert waited < 50, f"a step back took {waited:.0f} ms"


# What the shader may be off where it multiplies the last digit of a colour that it has converted.
TOLERANCE = {"difference": 16, "levels": 5}
VIEWS = {
    "side_by_side": (0, 0),
    "ab_flip": (0, 0),
    "wipe": (37, 30),
    "difference": (8, 0),
    "onion": (30, 20),
    "composite": (3, 0),
    "alpha_lut": (0, 0),
    "levels": (20, 90),
    "unexplained": (0, 0),
    "edges": (0, 0),
}


@pytest.mark.parametrize("before", [(), (ACCELERATED,)], ids=["canvas-2d", "webgl2"])
def test_what_a_view_draws_is_what_its_javascript_says(
    open_page: OpenPage, player_site: PlayerSite, before: tuple[str, ...]
) -> None:
    page = opened(open_page, player_site, *before)
    page.evaluate("probe.seek(33)")
    kind = page.evaluate("probe.player().rendererKind")
    assert kind == ("webgl2" if before else "2d")
    worst = page.evaluate(COMPARE_VIEWS, VIEWS)
    # What is drawn in cells is looked at in test_player_views.py.
    assert {*worst, "edge_film"} == set(page.evaluate(ALL_VIEWS))
    for view, most in worst.items():
        assert most <= (TOLERANCE.get(view, 1) if before else 0), view


def test_the_worker_prepares_what_the_view_needs_and_it_is_the_same(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site)
    colour = {"rgb_full": "rgba", "rgb_removed": "rgba", "mask": ""}
    for view, sample, along in (
        ("side_by_side", "next", dict.fromkeys(colour, "bitmap")),
        ("composite", "pair", {"rgb_full": "rgba", "rgb_removed": "", "mask": "rgba"}),
        ("wipe", "next", colour),
    ):
        found = page.evaluate(OPENED_IN_VIEW, [view, f"/{sample}/layers.json"])
        assert found == {"along": along, "worst": 0}, view
    # What was decoded for one view is drawn by another, too.
    page.evaluate("() => { probe.player().view = 'side_by_side'; }")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.evaluate("(clip) => probe.shown(clip)", CLIP) == [0, 0, 0]
    assert page.evaluate("(clip) => probe.wrongIn(probe.panes()[2], clip, 0)", CLIP) == 0


def test_colours_come_back_within_what_their_encoding_costs(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    """A wrong matrix or range would shift a smooth gradient by 8 and more."""
    page = opened(open_page, player_site)
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


@pytest.mark.parametrize("secure", [True, False], ids=["no-webcodecs", "plain-http"])
def test_without_webcodecs_a_preview_is_shown_and_says_why(
    open_page: OpenPage, player_site: PlayerSite, secure: bool
) -> None:
    url = "" if secure else f"http://lan.test:{player_site.port}/"
    before = (WITHOUT_WEBCODECS,) if secure else ()
    page = opened(open_page, player_site, *before, url=url)
    frames = [0, 99, 98, 50, 51, 52, *random_frames(scale(6, 60))]
    found = page.evaluate(SEEK_AND_COMPARE, [frames, CLIP])
    assert found["mixed"] == []
    assert found["wrong"] == 0
    why = "this browser has no WebCodecs decoder" if secure else "this address is plain http"
    expect(page.locator(".lock-state")).to_contain_text("preview")
    expect(page.locator(".lock-state")).to_contain_text(why)


def test_a_preview_plays_to_its_end_without_mixing_streams(
    open_page: OpenPage, player_site: PlayerSite
) -> None:
    page = opened(open_page, player_site, WITHOUT_WEBCODECS)
    page.evaluate("probe.seek(75)")
    played = page.evaluate(PLAY_THROUGH, CLIP)
    assert played["mixed"] == []
    assert played["seen"] == list(range(76, FRAMES))

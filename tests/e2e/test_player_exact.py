"""From the master to the screen, through the real server: no value of a matte changes on the way,
the readout says what is stored, and a paused frame can be had without loss."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, expect

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from tests.e2e.player_page import PROBE, WITHOUT_WEBCODECS
from tests.processes import ROOT
from tests.scale import scale
from tests.web_server import WebServer, web_server

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WIDTH, HEIGHT, FRAMES = scale((96, 64, 14), (640, 384, 80))

OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Hairy:
    """The sample's id and what its masters hold."""

    pk: int
    alpha: list[GrayFrame]
    full: list[RgbFrame]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="module")
def hairy(server: WebServer) -> Hairy:
    command = [sys.executable, "-m", "tests.e2e.hairy_sample", str(WIDTH), str(HEIGHT), str(FRAMES)]
    environment = server.installation.environment()
    made = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    facts = json.loads(made.stdout)
    alpha = list(read_gray(Path(facts["masters"]["alpha"])))
    full = list(read_rgb(Path(facts["masters"]["rgb_full"])))
    return Hairy(facts["sample"], alpha, full)


@pytest.fixture(scope="module")
def session(server: WebServer, browser: Browser) -> StorageState:
    """The cookies of somebody who has logged in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.address}/p/p/library/")
    page.locator("input[name=username]").fill("anna")
    page.locator("input[name=password]").fill("a long secret")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/p/p/library/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_sample(
    server: WebServer, session: StorageState, hairy: Hairy, open_page: OpenPage
) -> Callable[..., Page]:
    """Return ``open_sample(*scripts)``: the sample's page with frame 0 at 100 %."""

    def opened(*before: str) -> Page:
        page = open_page(viewport={"width": 1500, "height": 1100}, storage_state=session)
        for script in (*before, PROBE):
            page.add_init_script(script)
        page.goto(f"{server.address}/p/p/samples/{hairy.pk}/")
        page.evaluate("probe.at(0)")
        page.evaluate("probe.natural()")
        return page

    return opened


PANE = """async ([frame, pane]) => {
  await probe.seek(frame);
  const data = probe.panes()[pane];
  return btoa(Array.from(data, (value) => String.fromCharCode(value)).join(""));
}"""


def pane(page: Page, frame: int, number: int) -> RgbFrame:
    """Return what a pane shows of a frame at 100 %, R, G and B."""
    raw = base64.b64decode(page.evaluate(PANE, [frame, number]))
    rgba = np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 4)
    assert (rgba[..., 3] == 255).all()
    return rgba[..., :3]


def test_no_value_of_a_hairy_matte_changes_from_master_to_canvas(
    open_sample: Callable[..., Page], hairy: Hairy
) -> None:
    page = open_sample()
    assert {int(value) for value in np.unique(hairy.alpha[0])} == set(range(256))
    for number, stored in enumerate(hairy.alpha):
        shown = pane(page, number, 2)
        assert np.array_equal(shown, np.repeat(stored[..., None], 3, axis=2)), number


READ = """([x, y]) => new Promise((resolve) => {
  const player = probe.player();
  player.addEventListener("mw-readout", function heard({detail}) {
    const {place, readings} = detail;
    if (!place || readings.some(({stored}) => stored === null)) return;
    player.removeEventListener("mw-readout", heard);
    resolve({place, readings: Object.fromEntries(readings.map((r) => [r.name, r]))});
  });
  const box = player.querySelectorAll(".pic")[1].getBoundingClientRect();
  const {scale, left, top} = player.zoom.placed;
  const clientX = box.left + left + (x + 0.5) * scale;
  const at = {clientX, clientY: box.top + top + (y + 0.5) * scale};
  player.querySelectorAll(".pic")[1].dispatchEvent(new PointerEvent("pointermove", at));
})"""


def test_the_readout_says_what_the_master_has_stored(
    open_sample: Callable[..., Page], hairy: Hairy
) -> None:
    page = open_sample()
    rng = Random(5)
    for _ in range(scale(14, 200)):
        frame, x, y = rng.randrange(FRAMES), rng.randrange(WIDTH), rng.randrange(HEIGHT)
        page.evaluate("(frame) => probe.seek(frame)", frame)
        found = page.evaluate(READ, [x, y])
        assert found["place"] == {"frame": frame, "x": x, "y": y}
        alpha, full = found["readings"]["alpha"], found["readings"]["rgb_full"]
        assert alpha["stored"] == alpha["shown"] == [int(hairy.alpha[frame][y, x])]
        assert full["stored"] == hairy.full[frame][y, x].tolist()
    header = page.locator(".pane-h .value").nth(0)
    expect(header).to_contain_text("preview · stored")


def test_a_paused_frame_is_shown_as_it_is_stored_until_the_next_one(
    open_sample: Callable[..., Page], hairy: Hairy
) -> None:
    page = open_sample()
    before = pane(page, 3, 0)
    assert not np.array_equal(before, hairy.full[3])
    page.keyboard.press("x")
    badge = page.locator(".lock-state")
    expect(badge).to_have_text("3/3 locked on frame 3 · lossless")
    assert np.array_equal(pane_now(page, 0), hairy.full[3])
    page.keyboard.press("x")
    expect(badge).to_have_text("3/3 locked on frame 3 · exact")
    assert np.array_equal(pane_now(page, 0), before)
    page.keyboard.press("x")
    expect(badge).to_contain_text("lossless")
    page.keyboard.press("ArrowRight")
    expect(badge).to_have_text("3/3 locked on frame 4 · exact")


def pane_now(page: Page, number: int) -> RgbFrame:
    script = """(number) => btoa(Array.from(probe.panes()[number],
        (value) => String.fromCharCode(value)).join(""))"""
    raw = base64.b64decode(page.evaluate(script, number))
    return np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., :3]


def test_without_webcodecs_a_paused_frame_becomes_lossless_by_itself(
    open_sample: Callable[..., Page], hairy: Hairy
) -> None:
    page = open_sample(WITHOUT_WEBCODECS)
    page.evaluate("probe.seek(6)")
    badge = page.locator(".lock-state")
    expect(badge).to_contain_text("3/3 locked on frame 6 · lossless: this browser has no WebCodecs")
    assert np.array_equal(pane_now(page, 0), hairy.full[6])
    assert np.array_equal(pane_now(page, 2)[..., 0], hairy.alpha[6])


def test_a_stored_frame_of_the_server_is_the_frame_of_the_master(
    server: WebServer, session: StorageState, hairy: Hairy, open_sample: Callable[..., Page]
) -> None:
    page = open_sample()
    url = page.evaluate("probe.player().layers.streams[2].exact_url")
    for number, stored in enumerate(hairy.alpha):
        answer = page.request.get(server.address + url.replace("{frame}", str(number)))
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(answer.body()))), stored)

"""From the master to the screen, through the real server: no value of a matte changes on the way,
the readout says what is stored, and a paused frame can be had without loss."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, StorageState, ViewportSize, expect

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from matteweb.jobs.certificates import certificate_ensure, lan_address
from tests.e2e.player_page import PROBE, WITHOUT_WEBCODECS
from tests.processes import ROOT, free_port, wait_until
from tests.scale import scale
from tests.web_server import WebServer

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WIDTH, HEIGHT, FRAMES = scale((96, 64, 14), (640, 384, 80))
# Wide enough for three pictures beside each other at 100 %.
WINDOW: ViewportSize = {"width": scale(1500, 2800), "height": 1200}

EVERYWHERE = "0.0.0.0"  # noqa: S104 - for as long as the test takes

OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Hairy:
    """The sample's id and what its masters hold."""

    pk: int
    alpha: list[GrayFrame]
    full: list[RgbFrame]


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


@pytest.fixture
def open_sample(
    server: WebServer, session: StorageState, hairy: Hairy, open_page: OpenPage
) -> Callable[..., Page]:
    """Return ``open_sample(*scripts)``: the sample's page with frame 0 at 100 %."""

    def opened(*before: str) -> Page:
        page = open_page(viewport=WINDOW, storage_state=session)
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
    for number, stored in enumerate(hairy.alpha):
        assert {int(value) for value in np.unique(stored)} == set(range(256)), number
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


@pytest.fixture
def network(server: WebServer) -> Iterator[dict[str, str]]:
    """The same installation at two addresses of the network: plain http and https."""
    certificate = certificate_ensure(server.installation.data / "tls", ("lan.test",))
    ports = {"http": free_port(), "https": free_port()}
    files = ["--certificate", str(certificate.certificate), "--key", str(certificate.key)]
    # An address of this machine that is not localhost; without a network a name that is none.
    address = lan_address()
    host = "lan.test" if address.startswith("127.") else address
    environment = server.installation.environment() | {"MATTEWEB_HOSTS": host}
    with ExitStack() as stack:
        for scheme, port in ports.items():
            command = server.installation.command(
                "serve", "--host", EVERYWHERE, "--port", str(port), "--parent", str(os.getpid())
            )
            secured = [*command, *(files if scheme == "https" else [])]
            process = subprocess.Popen(secured, env=environment)
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
        # The first request makes a server import all that it imports late.
        local = [f"{scheme}://127.0.0.1:{port}/login/" for scheme, port in ports.items()]
        wait_until(lambda: all(map(_answers, local)), 120, "both web servers answer")
        yield {scheme: f"{scheme}://{host}:{port}" for scheme, port in ports.items()}


def _answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        httpx.get(url, verify=False, timeout=60)  # noqa: S501 - whatever it answers
        return True
    return False


def test_at_plain_http_it_is_a_preview_that_says_why_and_https_makes_it_exact(
    network: dict[str, str], hairy: Hairy, open_page: OpenPage
) -> None:
    """Logged in at each address, as a person of the network is."""
    said = {}
    for scheme, address in network.items():
        page = open_page(viewport=WINDOW, ignore_https_errors=True)
        page.add_init_script(PROBE)
        page.goto(f"{address}/p/p/samples/{hairy.pk}/")
        page.locator("input[name=username]").fill("anna")
        page.locator("input[name=password]").fill("a long secret")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**/p/p/samples/{hairy.pk}/")
        page.locator("mw-player").wait_for()
        page.evaluate("probe.at(0)")
        page.evaluate("probe.natural()")
        assert page.evaluate("isSecureContext") is (scheme == "https")
        for frame in (0, 5, FRAMES - 1):
            shown = pane(page, frame, 2)
            assert np.array_equal(shown[..., 0], hairy.alpha[frame]), (scheme, frame)
        badge = page.locator(".lock-state")
        expect(badge).to_contain_text(f"3/3 locked on frame {FRAMES - 1} · ")
        said[scheme] = badge.inner_text()
    assert "exact frames need https or localhost" in said["http"]
    assert "up --https" in said["http"]
    assert said["https"] == f"3/3 locked on frame {FRAMES - 1} · exact"

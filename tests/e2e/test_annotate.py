"""Masks by hand in a browser: two objects, carried through a clip, corrected, saved, reloaded."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.e2e.annotator_page import drag, frame, kept, open_session, ready, state, stroke
from tests.e2e.studio import Studio
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OpenPage = Callable[..., Page]
PATIENCE = 60_000
FRAMES = 8

_VIDEO = """
import json
from fractions import Fraction
from pathlib import Path
from datasets_app.domain.media.writer import RgbMasterWriter
from matteweb.accounts.models import Membership, Project, User
from tests import factories, footage
from tests.inference_app.domain.interactive.moving import pictures
factories._numbers = iter(range(5 * 10**6, 6 * 10**6))
project = factories.project("masks")
Membership.objects.create(project=project, user=User.objects.get(username="lena"), role="owner")
clip, path = pictures({frames}), Path("{folder}") / "moving.mkv"
with RgbMasterWriter(path, clip.size, Fraction(8)) as out:
    for frame in range({frames}):
        out.write(clip[frame])
print(json.dumps(footage.add(project, path).pk))
"""


@pytest.fixture(scope="module")
def video(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Bring in a clip of two things that move."""
    folder = tmp_path_factory.mktemp("moving")
    return int(json.loads(studio.python(_VIDEO.format(frames=FRAMES, folder=folder)).split()[-1]))


def test_two_objects_from_strokes_to_masks_of_the_video(
    studio: Studio, video: int, mask_engine: None, open_page: OpenPage
) -> None:
    page = open_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    studio.sign_in(page, "lena")
    open_session(page, f"{studio.server.address}/p/masks", video)

    # Two objects on the first frame: a stroke, and a click with a stroke against it.
    page.keyboard.press("s")
    drag(page, [(17, 26), (24, 28), (31, 26)])
    page.get_by_role("button", name="Object", exact=True).click()
    expect(page.locator(".annotate-objects li")).to_have_count(2)
    page.keyboard.press("a")
    drag(page, [(70, 50)])
    page.keyboard.press("s")
    drag(page, [(50, 40), (50, 60)], button="right")
    expect(page.locator("mw-annotator")).to_have_attribute("data-masks", "1 2")

    # Through the clip.
    page.keyboard.press("t")
    wait_until(lambda: _all_carried(page), 60, "both objects have a mask on every frame")

    # One correction on a later frame, taken back and done again.
    page.keyboard.press("End")
    wait_until(lambda: frame(page) == FRAMES - 1, 20, "the last frame is on screen")
    page.keyboard.press("1")
    page.keyboard.press("p")
    drag(page, [(52, 12)])
    assert _origins(page)[FRAMES - 1] == "hand"
    page.keyboard.press("z")
    wait_until(lambda: _origins(page)[FRAMES - 1] == "engine", 20, "the correction is gone")
    page.keyboard.press("Shift+Z")
    wait_until(lambda: _origins(page)[FRAMES - 1] == "hand", 20, "the correction is back")

    # Saved, reloaded, and everything is there.
    page.keyboard.press("Shift+S")
    expect(page.get_by_text("Version 1 is being written")).to_be_visible()
    before = kept(page)
    page.reload()
    ready(page)
    assert kept(page) == before
    rows = studio.query(
        "SELECT kind FROM inference_app_interaction WHERE session_id IN"
        " (SELECT id FROM inference_app_masksession WHERE video_id = ?) ORDER BY id",
        video,
    )
    assert [row["kind"] for row in rows] == ["scribble", "click", "scribble", "brush"]
    assert studio.query("SELECT kind FROM jobs_job WHERE kind = 'mask_save'")


def _all_carried(page: Page) -> bool:
    found = kept(page)
    return all(len(found[number]) == FRAMES for number in (1, 2))


def may_leave(page: Page) -> bool:
    """Whether the page lets a person go without asking."""
    asked = "() => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    return bool(page.evaluate(asked))


def _origins(page: Page) -> list[object]:
    return [origin for _, origin, _ in kept(page)[1]]


def test_what_is_drawn_without_a_connection_waits_and_arrives_once(
    studio: Studio, video: int, mask_engine: None, open_page: OpenPage
) -> None:
    page = open_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    studio.sign_in(page, "lena")
    page.goto(f"{studio.server.address}/p/masks/videos/{video}/annotate/?new=1")
    page.get_by_role("button", name="Begin").click()
    ready(page)
    page.keyboard.press("s")

    # The first mark arrives, its answer does not; nothing after it gets through at all.
    arrived: list[str] = []

    def lose(route: Route) -> None:
        if not arrived:
            arrived.append(route.fetch().text())
        route.abort()

    page.route("**/marks", lose)
    stroke(page, [(17, 26), (24, 28), (31, 26)])
    standing = page.locator("[data-part=standing]")
    expect(standing).to_contain_text("sent again: 1")
    stroke(page, [(66, 50), (74, 50)], button="right")
    expect(standing).to_contain_text("sent again: 2")

    page.unroute("**/marks", lose)
    expect(standing).to_contain_text("Frame 0 of")  # nothing waits
    expect(page.locator("mw-annotator")).to_have_attribute("data-masks", "1")
    marks = state(page)["marks"]
    assert [(mark["kind"], mark["positive"]) for mark in marks] == [
        ("scribble", True), ("scribble", False),
    ]  # fmt: skip

    # What others did is looked up in the same order: it comes before what is drawn meanwhile.
    sent: list[str] = []
    held: list[tuple[Route, APIResponse]] = []
    facts = f"**{page.locator('mw-annotator').get_attribute('state')}"
    page.on("request", lambda asked: sent.append(asked.url))
    page.route(facts, lambda route: held.append((route, route.fetch())))
    with page.expect_request(facts):
        page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(standing).to_contain_text("Frame 0 of")
    assert may_leave(page), "a look at what others did is nothing unsent"
    stroke(page, [(20, 30), (28, 30)])
    expect(standing).to_contain_text("Making the mask")
    assert not may_leave(page)
    assert not [address for address in sent if address.endswith("/marks")]
    (route, answer), *_ = held
    route.fulfill(response=answer)
    page.unroute(facts)
    expect(standing).to_contain_text("Frame 0 of")
    shown = page.evaluate("() => document.querySelector('mw-annotator').session.facts.marks.length")
    assert shown == len(state(page)["marks"]) == 3

    # An object that goes can be brought back, with what was drawn of it.
    page.get_by_role("button", name="Remove").click()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".annotate-objects li")).to_have_count(1)
    assert len(state(page)["marks"]) == 3

"""Masks by hand in a browser: two objects, carried through a clip, corrected, saved, reloaded."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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


@pytest.fixture(scope="module")
def engine(studio: Studio) -> Iterator[None]:
    """Run the live engine beside the web server."""
    installation = studio.server.installation
    process = subprocess.Popen(installation.command("engine"), env=installation.environment())
    socket = Path(installation.data) / "engine.sock"
    wait_until(socket.exists, 60, "the engine listens")
    yield
    process.terminate()
    assert process.wait(30) == 0


def _at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a pixel of the video is on the screen."""
    box = page.locator(".annotate-overlay").bounding_box()
    assert box is not None
    scale, left, top = page.evaluate(
        "() => { const { scale, left, top } = document.querySelector('mw-player').zoom.placed;"
        " return [scale, left, top].map((value) => value / devicePixelRatio); }"
    )
    return box["x"] + left + (x + 0.5) * scale, box["y"] + top + (y + 0.5) * scale


def _drag(page: Page, points: list[tuple[float, float]], button: str = "left") -> None:
    """Draw through pixels of the video and wait until the mask is there."""
    page.evaluate("() => delete document.querySelector('mw-annotator').dataset.took")
    page.mouse.move(*_at(page, *points[0]))
    page.mouse.down(button=button)  # type: ignore[arg-type]
    for point in points[1:]:
        page.mouse.move(*_at(page, *point), steps=4)
    page.mouse.up(button=button)  # type: ignore[arg-type]
    page.wait_for_function("() => document.querySelector('mw-annotator').dataset.took")


def _kept(page: Page) -> dict[int, list[list[object]]]:
    """Return the frames of every object as the server knows them, in the order of frames."""
    state = page.locator("mw-annotator").get_attribute("state")
    facts = page.evaluate("(url) => fetch(url).then((answer) => answer.json())", state)
    return {one["number"]: one["frames"] for one in facts["objects"]}


def _open(page: Page, studio: Studio, video: int) -> None:
    page.goto(f"{studio.server.address}/p/masks/videos/{video}/annotate/")


def _ready(page: Page) -> None:
    page.wait_for_selector(".annotate-overlay", state="attached")
    expect(page.locator(".annotate-objects li").first).to_be_visible()


def test_two_objects_from_strokes_to_masks_of_the_video(
    studio: Studio, video: int, engine: None, open_page: OpenPage
) -> None:
    page = open_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    studio.sign_in(page, "lena")
    _open(page, studio, video)
    page.get_by_role("button", name="Begin").click()
    _ready(page)

    # Two objects on the first frame: a stroke, and a click with a stroke against it.
    page.keyboard.press("s")
    _drag(page, [(17, 26), (24, 28), (31, 26)])
    page.get_by_role("button", name="Object", exact=True).click()
    expect(page.locator(".annotate-objects li")).to_have_count(2)
    page.keyboard.press("a")
    _drag(page, [(70, 50)])
    page.keyboard.press("s")
    _drag(page, [(50, 40), (50, 60)], button="right")
    expect(page.locator("mw-annotator")).to_have_attribute("data-masks", "1 2")

    # Through the clip.
    page.keyboard.press("t")
    wait_until(lambda: _all_carried(page), 60, "both objects have a mask on every frame")

    # One correction on a later frame, taken back and done again.
    page.keyboard.press("End")
    wait_until(lambda: _frame(page) == FRAMES - 1, 20, "the last frame is on screen")
    page.keyboard.press("1")
    page.keyboard.press("p")
    _drag(page, [(52, 12)])
    assert _origins(page)[FRAMES - 1] == "hand"
    page.keyboard.press("z")
    wait_until(lambda: _origins(page)[FRAMES - 1] == "engine", 20, "the correction is gone")
    page.keyboard.press("Shift+Z")
    wait_until(lambda: _origins(page)[FRAMES - 1] == "hand", 20, "the correction is back")

    # Saved, reloaded, and everything is there.
    page.keyboard.press("Shift+S")
    expect(page.get_by_text("Version 1 is being written")).to_be_visible()
    before = _kept(page)
    page.reload()
    _ready(page)
    assert _kept(page) == before
    rows = studio.query(
        "SELECT kind FROM inference_app_interaction WHERE session_id IN"
        " (SELECT id FROM inference_app_masksession WHERE video_id = ?) ORDER BY id",
        video,
    )
    assert [row["kind"] for row in rows] == ["scribble", "click", "scribble", "brush"]
    assert studio.query("SELECT kind FROM jobs_job WHERE kind = 'mask_save'")


def _all_carried(page: Page) -> bool:
    kept = _kept(page)
    return all(len(kept[number]) == FRAMES for number in (1, 2))


def _origins(page: Page) -> list[object]:
    return [origin for _, origin, _ in _kept(page)[1]]


def _frame(page: Page) -> int:
    found: int = page.evaluate("document.querySelector('mw-player').frame")
    return found

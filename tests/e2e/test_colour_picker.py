"""The colour of a screen is picked from a frame of its clip, by keyboard and by pointer."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.writer import RgbMasterWriter
from tests.e2e.studio import Studio
from tests.studio import studio_frame

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OpenPage = Callable[..., Page]
SIZE, SMALLER, FRAMES = FrameSize(160, 96), FrameSize(128, 80), 6
_PROJECT = """
from pathlib import Path
from matteweb.accounts.models import Membership, Project, User
from tests.footage import add
project = Project.objects.create(slug="screen", name="Screen")
user = User.objects.get(username="lena")
Membership.objects.create(project=project, user=user, role="owner")
print(*(add(project, Path(clip)).state for clip in {clips}))
"""


@pytest.fixture(scope="module")
def address(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The form of the green screen in a project with two clips; the larger is listed first."""
    folder = tmp_path_factory.mktemp("screen")
    clips = {str(folder / "smaller.mkv"): SMALLER, str(folder / "studio.mkv"): SIZE}
    for clip, size in clips.items():
        with RgbMasterWriter(Path(clip), size, Fraction(25)) as out:
            for number in range(FRAMES):
                out.write(studio_frame(size, 9 * number)[0])
    made = studio.python(_PROJECT.format(clips=[*clips]))
    assert made.splitlines()[-1] == "ready ready"
    return f"{studio.server.address}/p/screen/synthesize/?recipe=green_screen"


@pytest.fixture
def page(studio: Studio, address: str, open_page: OpenPage) -> Page:
    shown = open_page(viewport={"width": 1440, "height": 900})
    studio.sign_in(shown, "lena")
    shown.goto(address)
    return shown


def around(frame: RgbFrame, x: int, y: int) -> str:
    """Return the mean of 5 x 5 pixels as it is written."""
    mean = frame[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(axis=0)
    return "#" + "".join(f"{int(np.floor(value + 0.5)):02x}" for value in mean)


def test_a_screen_colour_is_picked_with_the_keyboard_and_with_the_pointer(page: Page) -> None:
    field: Locator = page.get_by_label("Screen colour", exact=True)
    opener = page.get_by_role("button", name="Pick from a clip")
    opener.focus()
    page.keyboard.press("Enter")
    said = page.locator("#picker-said")
    expect(said).to_contain_text("at 13, 8 of frame 0")
    expect(page.locator(".picker-canvas")).to_be_focused()
    for key in ("Shift+ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(said).to_contain_text("at 22, 9 of frame 0")
    with page.expect_response("**/synthesize/survey"):
        page.keyboard.press("Enter")
    first, second = (studio_frame(SIZE, 9 * number)[0] for number in (0, 1))
    expect(field).to_have_value(around(first, 22, 9))
    expect(opener).to_be_focused()

    opener.click()
    expect(said).to_contain_text("of frame 0")
    page.get_by_label("Frame", exact=True).fill("1")
    expect(said).to_contain_text("of frame 1")
    canvas = page.locator(".picker-canvas")
    box = canvas.bounding_box()
    assert box is not None
    scale = box["width"] / SIZE.width
    canvas.click(position={"x": 80.5 * scale, "y": 48.5 * scale})
    expect(field).to_have_value(around(second, 80, 48))
    expect(canvas).to_have_count(0)


SLIDE = """() => {
  const frame = document.getElementById("picker-frame");
  for (const value of [1, 2, 3, 4, 5]) {
    frame.value = value;
    frame.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def test_the_clip_that_was_chosen_last_is_shown_and_the_list_keeps_the_focus(page: Page) -> None:
    page.get_by_role("button", name="Pick from a clip").click()
    said, canvas = page.locator("#picker-said"), page.locator(".picker-canvas")
    expect(said).to_contain_text("of frame 0")
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))
    page.evaluate(SLIDE)
    expect(said).to_contain_text("of frame 5")
    pictures = [one.url for one in asked if one.resource_type == "image"]
    assert len(pictures) == 1, "frames that nobody waits for were decoded"

    clips = page.get_by_label("Clip", exact=True)
    larger, smaller = (
        f"**{clips.locator('option').nth(number).get_attribute('value')}" for number in (0, 1)
    )
    clips.focus()
    clips.select_option(index=1)
    expect(canvas).to_have_attribute("width", str(SMALLER.width))
    expect(clips).to_be_focused()

    held: list[Route] = []
    page.route(larger, lambda route: held.append(route))
    with page.expect_request(larger):
        clips.select_option(index=0)
    with page.expect_response(smaller):
        clips.select_option(index=1)
    with page.expect_response(larger):
        held[0].continue_()
    page.get_by_label("Frame", exact=True).fill("3")
    expect(said).to_contain_text("of frame 3")
    expect(canvas).to_have_attribute("width", str(SMALLER.width))

"""The colour of a screen is picked from a frame of its clip, by keyboard and by pointer."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.writer import RgbMasterWriter
from tests.e2e.studio import Studio
from tests.studio import studio_frame

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OpenPage = Callable[..., Page]
SIZE, FRAMES = FrameSize(160, 96), 3
_PROJECT = """
from pathlib import Path
from matteweb.accounts.models import Membership, Project, User
from tests.footage import add
project = Project.objects.create(slug="screen", name="Screen")
user = User.objects.get(username="lena")
Membership.objects.create(project=project, user=user, role="owner")
print(add(project, Path("{clip}")).state)
"""


@pytest.fixture
def page(studio: Studio, open_page: OpenPage, tmp_path: Path) -> Page:
    """The form of the green screen in a project with one clip before a screen."""
    clip = tmp_path / "studio.mkv"
    with RgbMasterWriter(clip, SIZE, Fraction(25)) as out:
        for number in range(FRAMES):
            out.write(studio_frame(SIZE, 9 * number)[0])
    assert studio.python(_PROJECT.format(clip=clip)).splitlines()[-1] == "ready"
    shown = open_page(viewport={"width": 1440, "height": 900})
    studio.sign_in(shown, "lena")
    shown.goto(f"{studio.server.address}/p/screen/synthesize/?recipe=green_screen")
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

"""Masks by hand on footage of people: drawn, carried, corrected, saved, gone on with, exported."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import RgbMasterWriter
from inference_app.adapters.mask_frames import png_mask
from tests import clips
from tests.e2e.annotator_page import Points, drag, kept, open_session, ready, show
from tests.e2e.studio import Studio
from tests.inference_app.domain.interactive.moving import overlap
from tests.processes import wait_until
from tests.scale import scale

pytestmark = [pytest.mark.browser, pytest.mark.processes, clips.needs_clips]

OpenPage = Callable[..., Page]
CLIP = "boys-beach"
FRAMES = scale(6, 85)
PATIENCE = scale(60_000, 600_000)

_BEGIN = """
import json
from pathlib import Path
from matteweb.accounts.models import Membership, User
from tests import factories, footage
factories._numbers = iter(range(7 * 10**6, 8 * 10**6))
project = factories.project("filmed")
Membership.objects.create(project=project, user=User.objects.get(username="lena"), role="owner")
print(json.dumps(footage.add(project, Path("{path}")).pk))
"""
_WORK = """
from matteweb.jobs.models import Job
from matteweb.jobs.runner import run_here
waiting = Job.objects.filter(project__slug="filmed", state="queued").exclude(kind="mask_flow")
while (job := waiting.order_by("pk").first()) is not None:
    done = run_here(job.pk)
    assert done.state in ("done", "queued"), (done.kind, done.error)
"""


@pytest.fixture(scope="module")
def truth() -> list[list[np.ndarray]]:
    """Masks of both people by frame, 0 or 1."""
    found = []
    for number in range(2):
        with closing(read_gray(clips.mask(CLIP, number))) as frames:
            found.append([(frame > 127).astype(np.float32) for frame in islice(frames, FRAMES)])
    return found


@pytest.fixture(scope="module")
def video(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Bring in the beginning of the clip."""
    path = tmp_path_factory.mktemp("filmed") / "boys.mkv"
    with (
        closing(read_rgb(clips.clip(CLIP))) as frames,
        RgbMasterWriter(path, FrameSize(640, 384), Fraction(24)) as out,
    ):
        for picture in islice(frames, FRAMES):
            out.write(picture)
    return int(json.loads(studio.python(_BEGIN.format(path=path)).split()[-1]))


def test_two_people_are_cut_out_of_a_filmed_clip(
    studio: Studio,
    video: int,
    mask_engine: None,
    truth: list[list[np.ndarray]],
    open_page: OpenPage,
    tmp_path: Path,
) -> None:
    page = open_page(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page.set_default_timeout(PATIENCE)
    studio.sign_in(page, "lena")
    address = f"{studio.server.address}/p/filmed"
    open_session(page, address, video)

    # A stroke through the first, a click on the second, a stroke that says where it ends.
    page.keyboard.press("s")
    drag(page, _along(truth[0][0]))
    page.get_by_role("button", name="Object", exact=True).click()
    expect(page.locator(".annotate-objects li")).to_have_count(2)
    page.keyboard.press("a")
    drag(page, _along(truth[1][0])[1:2])
    page.keyboard.press("s")
    drag(page, _along(truth[1][0]))
    drag(page, _along(truth[0][0]), button="right")
    expect(page.locator("mw-annotator")).to_have_attribute("data-masks", "1 2")

    page.keyboard.press("t")
    wait_until(lambda: _all_carried(page), PATIENCE / 1000, "both have a mask on every frame")
    before = _overlaps(page, truth)
    page.screenshot(path=tmp_path / "carried.png")
    assert np.mean(before) > 0.6, before

    _correct_the_middle(page, truth, before)
    _save_and_go_on(page, studio, truth, tmp_path)

    # Exported as DAVIS has it: a number for each.
    page.goto(f"{address}/videos/{video}/masks/tracks/")
    for name in ("Object 1", "Object 2"):
        page.get_by_role("row", name=name).filter(has_text="v2").get_by_role("checkbox").check()
    page.get_by_role("button", name="Write").click()
    studio.python(_WORK)
    page.reload()
    with page.expect_download() as taken:
        page.locator("#mask-standing a.btn").click()
    _right(taken.value.path(), truth)


def _correct_the_middle(
    page: Page, truth: list[list[np.ndarray]], before: list[list[float]]
) -> None:
    """Draw on the first person in the middle: it is kept, the frames around it follow, the other
    person stays."""
    middle = FRAMES // 2
    show(page, middle)
    page.keyboard.press("1")
    drag(page, _along(truth[0][middle]))
    others = [_mask(page, 2, frame) for frame in range(FRAMES)]
    page.keyboard.press("t")
    wait_until(lambda: _idle(page), PATIENCE / 1000, "the correction has travelled")
    after = _overlaps(page, truth)
    assert np.mean(after[0]) > np.mean(before[0]) - 0.02, (before, after)
    assert all(np.array_equal(_mask(page, 2, f), others[f]) for f in range(FRAMES))
    page.keyboard.press("z")
    wait_until(lambda: kept_by_hand(page, 1) == [0], 20, "the correction is taken back")
    page.keyboard.press("Shift+Z")
    wait_until(lambda: kept_by_hand(page, 1) == [0, middle], 20, "and done again")


def _save_and_go_on(
    page: Page, studio: Studio, truth: list[list[np.ndarray]], folder: Path
) -> None:
    """Save, load anew, go on with the second person, and save once more."""
    page.keyboard.press("Shift+S")
    expect(page.get_by_text("Version 1 is being written")).to_be_visible()
    standing = kept(page)
    page.reload()
    ready(page)
    assert kept(page) == standing
    show(page, FRAMES - 1)
    page.keyboard.press("2")
    page.keyboard.press("s")
    drag(page, _along(truth[1][FRAMES - 1]))
    page.keyboard.press("t")
    wait_until(lambda: _idle(page), PATIENCE / 1000, "it has travelled, too")
    page.screenshot(path=folder / "gone_on.png")
    page.keyboard.press("Shift+S")
    expect(page.get_by_text("Version 2 is being written")).to_be_visible()
    studio.python(_WORK)


def _along(mask: np.ndarray) -> Points:
    """Return three points inside of a mask, far from its rim, upper to lower."""
    depth = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    rows = np.flatnonzero(depth.max(axis=1) > 0.4 * depth.max())
    chosen = [int(rows[int(share * (len(rows) - 1))]) for share in (0.1, 0.5, 0.9)]
    return [(float(depth[row].argmax()), float(row)) for row in chosen]


def _mask(page: Page, number: int, frame: int) -> np.ndarray:
    state = page.locator("mw-annotator").get_attribute("state") or ""
    way = state.replace("state.json", f"masks/{number}/{frame}.png")
    answer = page.request.get(page.evaluate("(way) => new URL(way, location).href", way))
    assert answer.ok
    return png_mask(answer.body())


def _overlaps(page: Page, truth: list[list[np.ndarray]]) -> list[list[float]]:
    return [
        [overlap(_mask(page, number, f), truth[number - 1][f]) for f in range(FRAMES)]
        for number in (1, 2)
    ]


def kept_by_hand(page: Page, number: int) -> list[int]:
    return [frame for frame, origin, _ in kept(page)[number] if origin == "hand"]


def _all_carried(page: Page) -> bool:
    return _idle(page) and all(len(kept(page)[number]) == FRAMES for number in (1, 2))


def _idle(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('mw-annotator').carrying === null"))


def _right(path: Path, truth: list[list[np.ndarray]]) -> None:
    """Check the numbers of an export against the true masks."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".png"))
        assert len(names) == FRAMES
        for frame, name in enumerate(names):
            with archive.open(name) as file, Image.open(file) as picture:
                assert picture.mode == "P"
                numbers = np.array(picture)
            for number in (1, 2):
                found = (numbers == number).astype(np.float32)
                assert overlap(found, truth[number - 1][frame]) > 0.45, (name, number)

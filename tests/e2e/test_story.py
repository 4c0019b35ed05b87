"""The whole job in a browser: from two dropped clips to a bundle that a trainer reads."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from datasets_app.domain.bundles.verify import verify_export
from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayDeliveryWriter, RgbDeliveryWriter
from tests import clips
from tests.processes import Installation, up
from tests.scale import scale

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAINTED, FILMED = scale((4, 2), (20, 20))
"""How many samples are made; one of filmed clips takes four times as long."""
SIZE = FrameSize(320, 192)
FRAMES = scale(24, 81)
PASSWORD = "a long and quiet secret"
PATIENCE = scale(180, 900) * 1000  # milliseconds

OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Clip:
    """A clip to drop, its mask to attach, what it shows."""

    video: Path
    mask: Path
    caption: str


@pytest.fixture
def painted(tmp_path: Path) -> list[Clip]:
    """Two painted scenes as the files that a camera and a segmenter would give."""
    return [_paint(tmp_path, scene.slug, scene.caption) for scene in demo_scenes()[:2]]


@pytest.fixture
def filmed() -> list[Clip]:
    """The two clips of the story, where real footage is at hand."""
    names = {"davis_camel": "a camel walks", "davis_kite-walk": "a man walks with a kite"}
    return [Clip(clips.clip(name), clips.mask(name), text) for name, text in names.items()]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """Address, user and one-time password of a first start."""
    with up(Installation(tmp_path / "data")) as running:
        facts = running.facts
        yield facts["address"], facts["user"], facts["password"]


def test_painted_clips_become_a_bundle(
    site: tuple[str, str, str], painted: list[Clip], open_page: OpenPage, tmp_path: Path
) -> None:
    tell(site, painted, PAINTED, open_page, tmp_path)


@clips.needs_clips
def test_filmed_clips_become_a_bundle(
    site: tuple[str, str, str], filmed: list[Clip], open_page: OpenPage, tmp_path: Path
) -> None:
    tell(site, filmed, FILMED, open_page, tmp_path)


def tell(
    site: tuple[str, str, str], footage: list[Clip], count: int, open_page: OpenPage, folder: Path
) -> None:
    """Do what a new user does, in their order."""
    page = open_page(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page.set_default_timeout(PATIENCE)
    log_in(page, *site)
    page.get_by_label("Name").fill("Effect removal")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/library/")
    bring_in(page, footage)
    try_one(page)
    launch(page, count)
    review(page, count)
    casper, archive = freeze(page, folder)
    rows = json.loads(casper.read_text())
    assert len(rows) == count
    assert {row["type"] for row in rows} == {"video_mask_tuple"}
    assert {row["text"] for row in rows} <= {clip.caption for clip in footage}
    assert all(row["file_path"].startswith("/data/train-casper/") for row in rows)
    report = verify_export(archive, decode=True)
    assert report.ok, report.findings
    with zipfile.ZipFile(archive) as found:
        assert found.testzip() is None
        names = {Path(name).name for name in found.namelist() if name.endswith(".mp4")}
    assert names == {"rgb_full.mp4", "mask.mp4", "rgb_removed.mp4"}


def log_in(page: Page, address: str, username: str, password: str) -> None:
    page.goto(f"{address}/login/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/password/**")
    for field in page.locator("input[type=password]").all():
        old = "old" in (field.get_attribute("name") or "")
        field.fill(password if old else PASSWORD)
    page.locator("main button[type=submit]").click()
    page.goto(f"{address}/projects/")


def bring_in(page: Page, footage: list[Clip]) -> None:
    """Drop the clips, attach a mask to each, type captions."""
    library = page.url
    for number, clip in enumerate(footage, 1):
        page.locator("mw-uploader input[type=file]").first.set_input_files(str(clip.video))
        expect(page.locator("#grid .card")).to_have_count(number, timeout=PATIENCE)
    addresses = [
        link.get_attribute("href") or "" for link in page.locator("#grid .card .name a").all()
    ]
    # Newest first; files of one name are told apart by the order of their arrival alone.
    for address, clip in zip(reversed(addresses), footage, strict=True):
        page.goto(page.url.split("/p/")[0] + address)
        page.locator("#masks mw-uploader input[type=file]").first.set_input_files(str(clip.mask))
        expect(page.locator("#masks article .tag").first).to_be_visible(timeout=PATIENCE)
        page.locator("#c-short").fill(clip.caption)
        page.get_by_role("button", name="Save captions").click()
        expect(page.locator("#c-short")).to_have_value(clip.caption)
    page.goto(library)


def try_one(page: Page) -> None:
    """Ask for one sample by key and see its layers locked on one frame."""
    page.get_by_role("link", name="Synthesize").click()
    page.wait_for_selector("[data-action='synthesize.try']")
    page.wait_for_load_state("domcontentloaded")  # a key is heard once the modules ran
    page.keyboard.press("t")
    page.wait_for_selector("#trial mw-player.built")
    expect(page.locator("#trial .lock-state")).to_contain_text("exact", timeout=PATIENCE)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#trial .lock-state")).to_contain_text("frame 1", timeout=PATIENCE)


def launch(page: Page, count: int) -> None:
    """Launch a run and watch the samples arrive."""
    page.locator("#f-count").fill(str(count))
    page.get_by_role("button", name="Launch").click()
    page.wait_for_url("**/runs/*/")
    expect(page.locator("#run [role=status] b")).to_have_text(str(count), timeout=PATIENCE)
    expect(page.locator("#run .card img")).to_have_count(count)


def review(page: Page, count: int) -> None:
    """Accept by keyboard; reject one on the way, and take that back."""
    page.locator("#run").get_by_role("link", name="Review").click()
    page.wait_for_selector("mw-player.built")
    expect(page.locator("#left")).to_contain_text(f"{count} ")
    page.keyboard.press("3")
    page.keyboard.press("r")
    expect(page.locator("#said")).to_contain_text("Flicker")
    page.keyboard.press("z")
    expect(page.locator("#said")).to_contain_text("taken back")
    for number in range(count, 0, -1):
        expect(page.locator("#left")).to_contain_text(f"{number} ")
        expect(page.locator("[data-action='review.accept']")).to_be_enabled()
        page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Nothing is waiting here")).to_be_visible()


def freeze(page: Page, folder: Path) -> tuple[Path, Path]:
    """Freeze the accepted samples; return the training list and the ZIP as downloaded."""
    page.get_by_role("link", name="Make a bundle").click()
    page.get_by_role("button", name="New bundle").click()
    page.locator("#b-name").fill("effect-removal-1")
    page.get_by_role("button", name="Begin the draft").click()
    freeze_button = page.get_by_role("button", name="Freeze")
    expect(freeze_button).to_be_disabled()
    page.locator("#licence-reason").fill("Filmed by our own team.")
    page.locator("#licence-reason").blur()
    expect(freeze_button).to_be_enabled()
    freeze_button.click()
    page.locator("#root").wait_for()
    page.locator("#root").fill("/data/train-casper")
    return _download(page, "casper.json", folder), _download(page, "ZIP", folder)


def _download(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.locator("#downloads").get_by_role("button", name=button).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def _paint(folder: Path, slug: str, caption: str) -> Clip:
    video, mask = folder / f"{slug}.mp4", folder / f"{slug}_mask.mp4"
    rate = Fraction(16)
    with RgbDeliveryWriter(video, SIZE, rate) as rgb, GrayDeliveryWriter(mask, SIZE, rate) as gray:
        for frame in demo_clip(slug, size=SIZE, frames=FRAMES):
            rgb.write(frame.rgb)
            gray.write(frame.alpha)
    return Clip(video, mask, caption)

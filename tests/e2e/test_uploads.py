"""<mw-uploader> in Chromium and the real server: bad lines, reloads, kills, folders, refusals."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.lasting_browser import LastingBrowser
from tests.footage import clip_file
from tests.processes import wait_until
from tests.proxy import BadLine, bad_line
from tests.scale import scale
from tests.web_server import WebServer, web_server

pytestmark = [pytest.mark.browser, pytest.mark.processes]

MIB = 1024**2
CHUNK = 8 * MIB
SIZE = scale(40 * MIB, 2 * 1024**3)
CUTS = 5
PACE = scale(16, 64) * MIB
PATIENCE = scale(90, 900) * 1000  # milliseconds

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(tmp_path_factory.mktemp("data")) as running:
        yield running


def library(page: Page, port: int) -> Page:
    """Log in and open the Library by the address of a line."""
    page.goto(f"http://127.0.0.1:{port}/p/p/library/")
    page.locator("input[name=username]").fill("anna")
    page.locator("input[name=password]").fill("a long secret")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("mw-uploader .upload-zone")
    return page


def choose(page: Page, *paths: Path) -> None:
    page.locator("mw-uploader input[type=file]").first.set_input_files(list(paths))


def uploads(server: WebServer) -> list[dict[str, object]]:
    answer = httpx.get(f"{server.address}/api/projects/p/uploads/", headers=server.headers)
    found: list[dict[str, object]] = answer.json()["uploads"]
    return found


def stored(server: WebServer, uid: object) -> Path:
    return server.installation.data / "uploads" / f"{uid}.part"


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def random_file(path: Path, size: int) -> Path:
    random = Random(size)
    with path.open("wb") as stream:
        for _ in range(size // MIB):
            stream.write(random.randbytes(MIB))
    return path


def test_five_cuts_a_reload_and_a_kill_cost_a_chunk_each(
    server: WebServer, browser: LastingBrowser, tmp_path: Path
) -> None:
    clip = random_file(tmp_path / "long take.mp4", SIZE)
    cuts = [SIZE * (2 * number + 1) // (2 * CUTS + 2) + MIB for number in range(CUTS)]
    with bad_line(("127.0.0.1", server.port), cuts, pace=PACE) as line, server.growth() as growth:
        context = browser.new_context()  # its sockets break with the server
        page = library(context.new_page(), line.port)
        choose(page, clip)
        wait_for(line, SIZE // 3)
        page.reload()
        expect(page.get_by_text("Drop the same file again to go on")).to_be_visible()
        choose(page, clip)
        expect(page.get_by_text("Drop the same file again to go on")).to_have_count(0)
        wait_for(line, 2 * SIZE // 3)
        server.kill()
        server.start()
        page.wait_for_selector("[data-state=checking]", timeout=PATIENCE)
        browser.close_context(context)
    (row,) = uploads(server)
    assert line.made == CUTS
    assert line.passed < SIZE + (CUTS + 2) * CHUNK + 2 * MIB, "more than a chunk per break"
    assert sha256(stored(server, row["id"])) == sha256(clip)
    assert growth[0] < 50 * MIB


def wait_for(line: BadLine, passed: int) -> None:
    wait_until(lambda: line.passed > passed, PATIENCE / 1000, f"{passed} bytes have passed")


def test_a_folder_of_pictures_arrives_as_one_archive(
    server: WebServer, open_page: OpenPage, tmp_path: Path
) -> None:
    folder = tmp_path / "kite ü"
    folder.mkdir()
    contents = {f"{number:05d}.png": bytes([number]) * 9000 for number in range(30)}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    (folder / "notes.txt").write_text("left out")
    page = library(open_page(), server.port)
    page.locator("mw-uploader input[webkitdirectory]").set_input_files(str(folder))
    expect(page.get_by_text("Left out, since it is no footage: notes.txt")).to_be_visible()
    expect(page.get_by_text("30 files")).to_be_visible()
    page.wait_for_selector("[data-state=checking]", timeout=PATIENCE)
    row = uploads(server)[0]
    assert row["filename"] == "kite ü.zip"
    with zipfile.ZipFile(stored(server, row["id"])) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents


def test_a_refusal_is_told_on_its_file_and_can_be_tried_again(
    server: WebServer, open_page: OpenPage, tmp_path: Path
) -> None:
    clip = random_file(tmp_path / "clip.mp4", MIB)
    set_quota(server, "10")
    page = library(open_page(), server.port)
    choose(page, clip)
    row = page.locator(".upload[data-state=failed]")
    expect(row).to_contain_text("clip.mp4 needs 1.0 MB, but project P holds")
    set_quota(server, "None")
    row.get_by_role("button", name="Resume clip.mp4").click()
    page.wait_for_selector("[data-state=checking]", timeout=PATIENCE)


def set_quota(server: WebServer, quota: str) -> None:
    code = "from matteweb.accounts.models import Project; "
    server.installation.python(f"{code}Project.objects.update(quota_bytes={quota})")


def test_a_logout_costs_nothing_that_was_sent(
    server: WebServer, open_page: OpenPage, tmp_path: Path
) -> None:
    clip = random_file(tmp_path / "slow.mp4", 40 * MIB)
    forget_uploads(server)  # or the page asks after them, and goes to the login page by itself
    with bad_line(("127.0.0.1", server.port), pace=12 * MIB) as line:
        page = library(open_page(), line.port)
        choose(page, clip)
        wait_for(line, 20 * MIB)
        code = "from django.contrib.sessions.models import Session; "
        server.installation.python(f"{code}Session.objects.all().delete()")
        failed = page.locator(".upload[data-state=failed]")
        expect(failed).to_contain_text("You are logged out", timeout=PATIENCE)
        library(page.context.new_page(), line.port)
        failed.get_by_role("button", name="Resume slow.mp4").click()
        page.wait_for_selector("[data-state=checking]", timeout=PATIENCE)
        assert line.passed < 40 * MIB + 3 * CHUNK
    (row,) = uploads(server)
    assert sha256(stored(server, row["id"])) == sha256(clip)


def forget_uploads(server: WebServer) -> None:
    code = "from datasets_app.models import Upload; "
    server.installation.python(f"{code}Upload.objects.all().delete()")


def test_an_upload_is_paused_resumed_and_discarded_by_keyboard(
    server: WebServer, open_page: OpenPage, tmp_path: Path
) -> None:
    clip = random_file(tmp_path / "keys.mp4", 40 * MIB)
    before = len(uploads(server))
    with bad_line(("127.0.0.1", server.port), pace=12 * MIB) as line:
        page = library(open_page(), line.port)
        choose(page, clip)
        wait_for(line, 10 * MIB)
        page.get_by_role("button", name="Pause keys.mp4").press("Enter")
        expect(page.locator(".upload[data-state=paused]")).to_have_count(1)
        resume = page.get_by_role("button", name="Resume keys.mp4")
        expect(resume).to_be_focused()
        resume.press("Enter")
        wait_for(line, 18 * MIB)
        page.get_by_role("button", name="Discard keys.mp4").press("Enter")
        expect(page.locator(".upload")).to_have_count(0)
        wait_until(lambda: len(uploads(server)) == before, 20, "the server has forgotten it, too")


def test_a_clip_that_arrived_before_the_panel_asks_stands_in_the_grid(
    server: WebServer, open_page: OpenPage, tmp_path: Path
) -> None:
    page = library(open_page(), server.port)
    for name, frames in (("first", 4), ("second", 5)):
        clip = clip_file(tmp_path, name, frames=frames)
        added = server.installation.run("add_video", "--project", "p", str(clip))
        assert added.returncode == 0, added.stderr
        if name == "first":
            page.reload()
            expect(page.locator("#grid .card")).to_have_count(1)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('mw-uploaded', {bubbles: true}))")
    expect(page.locator("#grid .card")).to_have_count(2)

"""Pictures of every page and state for the docs: ``python -m scripts.screens``.

Starts a MatteWeb of its own in a temporary folder, does there what its users do, and leaves
``docs/screens/<page>_<state>_<theme>_<width>.png``, each with 256 colours.
"""

from __future__ import annotations

import io
import secrets
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import ARGUMENTS, executable
from tests.processes import Installation, Up, up, wait_until

OUT = Path(__file__).parents[1] / "docs" / "screens"
THEMES = ("light", "dark")
WIDTHS = (1440, 900)
HEIGHT = 900
LOGIN_WORD = secrets.token_urlsafe(16)
SETTLE_MS = 1500

EMPTY = ("library", "synthesize", "review", "bundles", "jobs", "settings")
PEOPLE = """
from matteweb.accounts.models import Membership, Project, User
user = User.objects.create_user("eva", password={password!r})
for project in Project.objects.all():
    Membership.objects.create(user=user, project=project, role="owner")
"""


def main() -> None:
    """Make all pictures, the empty states first."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        installation = Installation(Path(folder) / "data")
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        with up(installation) as running:
            _wait_for_demo(installation)
            _people(installation)
            _take_all(browser, running)
        browser.close()


def _take_all(browser: Browser, running: Up) -> None:
    installation = running.installation
    shots = _Shots(browser, running.facts["address"])
    shots.take("login", "", "/login/", signed_in=False)
    for page in EMPTY:
        shots.take(page, "empty", f"/p/empty/{page}/")
    shots.take("library", "full", "/p/demo/library/")
    shots.take("video", "full", "/p/demo/videos/1/")
    shots.take("synthesize", "full", "/p/demo/synthesize/")
    run = ["synthesize", "--project", "demo", "--recipe", "object_paste", "--seed", "7"]
    _do(installation, *run, "--count", "12")
    shots.take("run", "busy", "/p/demo/runs/1/")
    shots.take("jobs", "busy", "/p/demo/jobs/")
    wait_until(lambda: _ready(installation) == 12, 300, "all samples are there")
    shots.take("run", "full", "/p/demo/runs/1/")
    shots.take("review", "full", "/p/demo/review/")
    shots.take("sample", "full", "/p/demo/samples/1/")
    _do(installation, "review", "--project", "demo", "--accept", "all")
    shots.take("review", "done", "/p/demo/review/")
    _do(installation, "freeze_bundle", "--project", "demo", "--name", "first")
    shots.take("bundles", "full", "/p/demo/bundles/")
    shots.take("bundle", "frozen", "/p/demo/bundles/first/")
    broken = Path(installation.data) / "notes.mp4"
    broken.write_text("This is a text that somebody called a video.")
    installation.run("add_video", "--project", "demo", str(broken))
    shots.take("library", "failed", "/p/demo/library/")
    shots.take("jobs", "failed", "/p/demo/jobs/")


class _Shots:
    """One signed-in browser page per theme and width."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._address = address
        self._pages = {
            (theme, width): browser.new_context(
                viewport={"width": width, "height": HEIGHT},
                color_scheme="dark" if theme == "dark" else "light",
            ).new_page()
            for theme in THEMES
            for width in WIDTHS
        }
        self._inside = False

    def take(self, page: str, state: str, path: str, *, signed_in: bool = True) -> None:
        """Open ``path`` at every theme and width and keep what is seen."""
        if signed_in and not self._inside:
            for view in self._pages.values():
                _log_in(view, self._address)
            self._inside = True
        for (theme, width), view in self._pages.items():
            view.goto(f"{self._address}{path}")
            view.wait_for_timeout(SETTLE_MS)
            name = "_".join(part for part in (page, state, theme, str(width)) if part)
            _save(view.screenshot(), OUT / f"{name}.png")
        print(f"{page} {state}")


def _save(png: bytes, path: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def _log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login/")
    page.locator("input[name=username]").fill("eva")
    page.locator("input[name=password]").fill(LOGIN_WORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/projects/")


def _people(installation: Installation) -> None:
    """Make an empty project beside the demo and a person who works in both."""
    code = "from matteweb.accounts.models import Project\n"
    code += 'Project.objects.create(slug="empty", name="Empty")\n'
    installation.python(code + PEOPLE.format(password=LOGIN_WORD))


def _do(installation: Installation, *arguments: str) -> None:
    done = installation.run(*arguments, timeout=600)
    if done.returncode:
        sys.exit(done.stderr)


def _wait_for_demo(installation: Installation) -> None:
    wait_until(lambda: _count(installation, "datasets_app_mask") >= 2, 240, "the demo is painted")


def _ready(installation: Installation) -> int:
    return _count(installation, "datasets_app_sample")


def _count(installation: Installation, table: str) -> int:
    sql = f"SELECT count(*) AS n FROM {table} WHERE state = 'ready'"  # noqa: S608
    found: int = installation.query(sql)[0]["n"]
    return found


if __name__ == "__main__":
    main()

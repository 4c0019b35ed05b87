"""Twenty samples of real clips reviewed by keyboard alone, every key logged with its time.

``python -m scripts.review_keys`` starts a MatteWeb of its own, makes the samples, reviews them in
Chromium with a fixed routine and writes ``docs/review_keys.csv``. How long somebody looks is not
measured but set: ``LOOK`` seconds per view. What is measured is everything else: how long
the program takes to show the next sample and to answer each key.
"""

from __future__ import annotations

import csv
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from scripts.screens import PEOPLE
from tests import clips
from tests.chromium import ARGUMENTS, executable
from tests.processes import Installation, Up, up, wait_until

OUT = Path(__file__).parents[1] / "docs" / "review_keys.csv"
COUNT = 20
FRAMES = 40
LOOK = 0.7  # seconds that somebody needs to take in a view
PLAYED = 1.5  # seconds of the clip that are watched
CLIPS = ("davis_camel", "davis_kite-walk", "davis_parkour")
LOGIN_WORD = secrets.token_urlsafe(16)
# Asked from the page itself, so that no request of the script is part of the figures.
_WATCH = """
globalThis.pointed = 0;
for (const type of ["mousedown", "pointerdown", "wheel", "touchstart"]) {
  addEventListener(type, () => { globalThis.pointed += 1; }, true);
}
globalThis.answered = 0;
addEventListener("keydown", (event) => {
  const pressed = event.timeStamp;
  requestAnimationFrame(() => { globalThis.answered = performance.now() - pressed; });
}, true);
"""


@dataclass
class Log:
    """One line per key: sample, key, ms since the sample was asked for, ms until the next frame of
    the page after the key."""

    lines: list[tuple[str, str, float, float]] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def write(self) -> None:
        """Write the log, one line per key."""
        with OUT.open("w", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["sample", "key", "ms_since_shown", "ms_until_answered"])
            for sample, key, since, answered in self.lines:
                table.writerow([sample, key, round(since), round(answered, 1)])


def main() -> None:
    """Make the samples, review them, print the figures."""
    if not clips.ROOT.is_dir():
        sys.exit(f"no real clips in {clips.ROOT} (set MATTEWEB_CLIPS)")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        installation = Installation(Path(folder) / "data")
        with up(installation) as running:
            _prepare(installation)
            browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            log = _review(page, running)
            pointed = page.evaluate("globalThis.pointed")
            browser.close()
    log.write()
    answered = sorted(line[3] for line in log.lines)
    print(f"{len(log.spent)} samples, {len(log.lines)} keys, {pointed} pointer events")
    print(f"per sample: median {median(log.spent):.1f} s, longest {max(log.spent):.1f} s")
    print(f"first frame: median {1000 * median(log.shown):.0f} ms, longest {max(log.shown):.2f} s")
    print(
        f"key answered: median {median(answered):.0f} ms, 95 % {answered[-len(answered) // 20]:.0f}"
    )


def _prepare(installation: Installation) -> None:
    code = "from matteweb.accounts.models import Project\n"
    code += "Project.objects.create(slug='keys', name='Keys')\n"
    installation.python(code + PEOPLE.format(password=LOGIN_WORD))
    for name in CLIPS:
        words = ["add_video", "--project", "keys", str(clips.clip(name)), "--mask"]
        words += [str(clips.mask(name)), "--caption", name, "--licence", "CC-BY-4.0"]
        _do(installation, *words)
    run = ["synthesize", "--project", "keys", "--recipe", "object_paste", "--seed", "11"]
    _do(installation, *run, "--set", f"max_frames={FRAMES}", "--count", str(COUNT))
    wait_until(lambda: _ready(installation) == COUNT, 1800, "all samples are there")


def _review(page: Page, running: Up) -> Log:
    """Review until nothing is left. The times are those of the page's own clock."""
    page.set_default_timeout(120_000)
    page.add_init_script(_WATCH)
    address = running.facts["address"]
    page.goto(f"{address}/login/")
    page.locator("input[name=username]").fill("eva")
    page.locator("input[name=password]").fill(LOGIN_WORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/")
    page.goto(f"{address}/p/keys/review/")
    page.wait_for_selector("mw-player.built")
    log = Log()
    for number in range(COUNT):
        began = time.perf_counter()
        _await_frame(page)
        log.shown.append(time.perf_counter() - began)
        name = page.locator("#current").inner_text()
        _judge(page, log, name, began, reject=number % 5 == 4)
        log.spent.append(time.perf_counter() - began)
    return log


def _judge(page: Page, log: Log, name: str, began: float, *, reject: bool) -> None:
    """Watch it, look at the difference, at the matte over a background, at the last frame."""

    def press(key: str, look: float) -> None:
        since = 1000 * (time.perf_counter() - began)
        page.keyboard.press(key)
        time.sleep(look)
        log.lines.append((name, key, since, page.evaluate("globalThis.answered")))

    press("Space", PLAYED)
    press("Space", 0)
    press("d", LOOK)
    press("b", LOOK)
    press("End", LOOK)
    press("v", 0)
    if reject:
        press("3", 0)
        press("r", 0)
    else:
        press("a", 0)


def _await_frame(page: Page) -> None:
    while page.evaluate("document.getElementById('player').frame") < 0:
        time.sleep(0.005)


def _do(installation: Installation, *arguments: str) -> None:
    done = installation.run(*arguments, timeout=900)
    if done.returncode:
        sys.exit(done.stderr)


def _ready(installation: Installation) -> int:
    sql = "SELECT count(*) AS n FROM datasets_app_sample WHERE state = 'ready'"
    found: int = installation.query(sql)[0]["n"]
    return found


if __name__ == "__main__":
    main()

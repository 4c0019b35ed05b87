"""A click in the annotator until its mask is on the canvas, and *Carry on* until the first carried
mask is, while both job workers are busy, or with ``--idle`` while they wait.

``python -m benchmarks.mask_clicks`` starts everything that `manage.py up` starts on a temporary
folder, keeps a synthesis run going (none with ``--idle``), opens a painted video of 854x480 in
headless Chromium, and prints the times from pointer-up to the drawn mask, then, in a new session
each time, those from *Carry on* to the mask of the next frame on the canvas and to the last frame
of the clip. They are wall times: other work on the machine counts, so its load is printed, too.
The clicks lie on the painted object, with ``--ground`` on what is around it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from playwright.sync_api import Page, sync_playwright

from benchmarks.masks import FRAMES
from tests.chromium import ARGUMENTS, executable
from tests.processes import Installation, free_port, wait_until

CLICKS = 40
CARRIES = 12
APART = 0.7
WIDTH, HEIGHT = 854, 480
_PATIENCE = 120_000

_PREPARE = """
from fractions import Fraction
from pathlib import Path
from benchmarks.masks import painted_clip, painted_mask
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.services.runs.synthesis import run_create
from matteweb.accounts.models import Membership, Project, User
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry
from tests import footage
user = User.objects.create_user("anna", password="a long secret")
project = Project.objects.create(slug="p", name="P")
Membership.objects.create(project=project, user=user, role="owner")
clip, folder = painted_clip(), Path("{folder}")
for name, way in (("one", 1), ("two", -1)):
    film, mask = folder / (name + ".mkv"), folder / (name + "-mask.mkv")
    with RgbMasterWriter(film, clip.size, Fraction(24)) as out:
        for frame in range(clip.frames):
            out.write(clip[frame][:, ::way].copy())
    with GrayMasterWriter(mask, clip.size, Fraction(24)) as out:
        for frame in range(clip.frames):
            out.write((painted_mask(frame)[:, ::way] * 255).astype("uint8"))
    video = footage.add(project, film)
    video.source_group = name
    video.save()
    footage.attach(video, mask)
if {count}:
    run_create(
        project=project, recipe_slug="object_paste", params={{"min_frames": 8}}, count={count},
        root_seed=1, actor=Actor(user, AuditEntry.Channel.COMMAND),
    )
print(project.videos.get(source_group="{scene}").pk)
"""

_LISTEN = """() => {
  const annotator = document.querySelector("mw-annotator");
  globalThis.waits = { click: [], first: [], all: [] };
  let begun = 0, what = "click", before = null, shown = [];
  const begin = (kind, at) => { what = kind; begun = at; before = shown[0]; };
  document.addEventListener("pointerup", (event) => {
    if (event.target.closest(".annotate-overlay")) begin("click", event.timeStamp);
  }, { capture: true });
  annotator.addEventListener("mw-masks-drawn", ({ detail }) => {
    shown = detail.planes;
    if (!begun || !shown[0] || shown[0] === before) return;
    waits[what].push(performance.now() - begun);
    begun = 0;
  });
  globalThis.carryOn = async () => {
    const at = performance.now();
    begin("first", at);
    const carried = annotator.carry();
    annotator.frame += 1;
    await carried;
    waits.all.push(performance.now() - at);
  };
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=CLICKS)
    parser.add_argument("--carries", type=int, default=CARRIES)
    parser.add_argument("--samples", type=int, default=400, help="of the run that goes on")
    parser.add_argument(
        "--apart",
        type=float,
        default=APART,
        metavar="SECONDS",
        help="from one mask to the next click, as a person looks at it; 0: at once",
    )
    parser.add_argument("--idle", action="store_true", help="without a run: the workers wait")
    parser.add_argument(
        "--ground",
        action="store_true",
        help="click on what is around the object, which looks like nothing in particular",
    )
    chosen = parser.parse_args()
    path = executable()
    if path is None:
        sys.exit("There is no Chromium here.")
    with TemporaryDirectory() as folder:
        installation = Installation(Path(folder) / "data")
        installation.run("migrate", "--verbosity", "0")
        count = 0 if chosen.idle else chosen.samples
        scene = "two" if chosen.ground else "one"
        code = _PREPARE.format(folder=folder, count=count, scene=scene)
        video = int(installation.python(code).split()[-1])
        port = free_port()
        command = installation.command("up", "--port", str(port))
        with subprocess.Popen(command, env=installation.environment()) as process:
            try:
                socket = installation.data / "engine.sock"
                wait_until(socket.exists, 120, "the engine listens")
                address = f"http://127.0.0.1:{port}/p/p/videos/{video}/annotate/"
                _measured(path, address, chosen, installation)
            finally:
                process.terminate()


def _measured(path: str, address: str, chosen: argparse.Namespace, where: Installation) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*ARGUMENTS, "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(_PATIENCE)
        page.goto(address)
        page.locator("input[name=username]").fill("anna")
        page.locator("input[name=password]").fill("a long secret")
        page.get_by_role("button", name="Log in").click()
        _begin(page)
        if chosen.idle:  # a new session has the motion of its clip made
            wait_until(lambda: not _busy(where, "queued"), 120, "the workers wait")
        for number in range(chosen.clicks + 1):  # the first one starts the engine's session
            sleep(chosen.apart)
            _click(page, 150 + 17 * (number % 13), 190 + 23 * (number % 5), number + 1)
        _told(page.evaluate("waits.click")[1:], chosen.apart, where)
        firsts, wholes = [], []
        for _ in range(chosen.carries + 1):  # the first one makes the motion of the clip on the way
            page.goto(f"{address}?new=1")
            first, whole = _carried(page)
            firsts.append(first)
            wholes.append(whole)
        _told_carries(firsts, wholes, where)
        browser.close()


def _begin(page: Page) -> None:
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector(".annotate-overlay", state="attached")
    page.locator(".annotate-objects li").first.wait_for()
    page.keyboard.press("a")
    page.evaluate(_LISTEN)


def _carried(page: Page) -> tuple[float, float]:
    """Return ms to the first carried mask on the canvas, and to the last frame."""
    _begin(page)
    middle = FRAMES // 2
    page.evaluate("(n) => { document.querySelector('mw-annotator').frame = n; }", middle)
    page.wait_for_function("(n) => document.querySelector('mw-player').frame === n", arg=middle)
    _click(page, 250 + 8 * middle, 240, 1)
    page.evaluate("void carryOn()")
    page.wait_for_function("() => waits.all.length && waits.first.length")
    found = page.evaluate("[waits.first[0], waits.all[0]]")
    return float(found[0]), float(found[1])


def _click(page: Page, x: float, y: float, count: int) -> None:
    box = page.locator(".annotate-overlay").bounding_box()
    assert box is not None
    scale, left, top = page.evaluate(
        "() => { const { scale, left, top } = document.querySelector('mw-player').zoom.placed;"
        " return [scale, left, top].map((value) => value / devicePixelRatio); }"
    )
    page.mouse.click(box["x"] + left + x * scale, box["y"] + top + y * scale)
    page.wait_for_function("(count) => waits.click.length >= count", arg=count)


def _busy(where: Installation, other: str = "running") -> int:
    """Return how many jobs run, or are in the state ``other``."""
    sql = "SELECT count(*) AS n FROM jobs_job WHERE state IN ('running', ?)"
    rows = where.query(sql, other)
    return int(rows[0]["n"])


def _told(times: list[float], apart: float, where: Installation) -> None:
    print(
        f"a click at {WIDTH}x{HEIGHT} until its mask is drawn: {_spread(times)}; "
        f"{len(times)} clicks {apart:g} s apart, {_around(where)}"
    )


def _told_carries(firsts: list[float], wholes: list[float], where: Installation) -> None:
    print(
        f"Carry on until the first mask is drawn: {_spread(firsts[1:])}; the first time, when the "
        f"motion was made on the way, {firsts[0]:.0f} ms; {len(firsts) - 1} times, {_around(where)}"
    )
    rates = sorted(1000 * (FRAMES - 1) / whole for whole in wholes[1:])
    print(
        f"{FRAMES - 1} frames both ways, from Carry on to the last one in the page: median "
        f"{statistics.median(rates):.1f} frames/s, least {rates[0]:.1f}, "
        f"the first time {1000 * (FRAMES - 1) / wholes[0]:.1f}"
    )


def _spread(times: list[float]) -> str:
    p95 = sorted(times)[int(0.95 * (len(times) - 1))]
    return (
        f"median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, least {min(times):.0f} ms, "
        f"most {max(times):.0f} ms"
    )


def _around(where: Installation) -> str:
    return f"{_busy(where)} jobs at work, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()

"""The viewer on this machine: first frame, playback, keys, weight of the page.

``python -m benchmarks.player`` starts a server on a temporary folder, opens samples of four layers
at 640x384 (or of another ``--size``) in headless Chromium without a graphics card, and prints what
it measured. Times are wall times: other work on the machine counts, so its load is printed, too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.chromium import ARGUMENTS, executable
from tests.processes import ROOT
from tests.web_server import WebServer, web_server

OPENINGS = 12
QUIET_MS = 500
KEYS = 60

SPENT = ("ScriptDuration", "TaskDuration", "browser")

OPEN = """async (src) => {
  const player = document.querySelector("mw-player");
  const begun = performance.now();
  player.setAttribute("src", src);
  await player.ready;
  return performance.now() - begun;
}"""

PLAY = """(seconds) => new Promise((resolve) => {
  const player = document.querySelector("mw-player");
  const {ledger, model} = player;
  const before = {drawn: ledger.drawn, mixed: ledger.mixed, late: ledger.late};
  const times = [];
  const heard = () => times.push(performance.now());
  player.range = [0, model.clock.last];
  player.addEventListener("mw-frame", heard);
  model.toggle();
  setTimeout(() => {
    model.pause();
    player.removeEventListener("mw-frame", heard);
    player.range = null;
    const counted = Object.entries(before).map(([name, value]) => [name, ledger[name] - value]);
    resolve({times, ...Object.fromEntries(counted)});
  }, seconds * 1000);
})"""

LISTEN = """() => {
  globalThis.waits = [];
  let pressed = 0;
  document.addEventListener("keydown", (event) => (pressed = event.timeStamp), {capture: true});
  document.querySelector("mw-player").addEventListener("mw-frame", () => {
    if (pressed) waits.push(performance.now() - pressed);
    pressed = 0;
  });
}"""

FILES = """() => [location.href, ...performance.getEntriesByType("resource")
  .map(({name}) => name.split("#")[0])
  .filter((name) => /\\.(js|css|svg)$/.test(new URL(name).pathname))]"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", default="side_by_side,wipe,difference,composite,alpha_lut")
    parser.add_argument("--seconds", type=float, default=10, help="of playback per view")
    parser.add_argument("--size", default="640x384", help="of the pictures, in pixels")
    chosen = parser.parse_args()
    views = chosen.views.split(",")
    path = executable()
    if path is None:
        sys.exit("There is no Chromium here.")
    with TemporaryDirectory() as folder, web_server(Path(folder)) as server:
        facts = _samples(server, chosen.size)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=path, args=[*ARGUMENTS, "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            said = f"{facts['footage']}, four layers of {chosen.size}"
            print(f"{_machine()}, Chromium {browser.version}, {said}")
            _log_in(page, server)
            _measure(page, server, facts["samples"], views, chosen.seconds)
            browser.close()


def _measure(
    page: Page, server: WebServer, samples: list[int], views: list[str], seconds: float
) -> None:
    page.goto(f"{server.address}/p/p/samples/{samples[0]}/")
    page.evaluate("document.querySelector('mw-player').ready")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sources = [f"/p/p/samples/{sample}/player.json" for sample in samples]
    _print_times("first frame after opening", _opened(page, sources))
    # In CPU time of the page's thread, which other work on the machine does not lengthen.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    for view in views:
        page.evaluate("(view) => { document.querySelector('mw-player').view = view; }", view)
        page.evaluate(PLAY, 1)
        _print_playback(page, session, view, seconds)
    held = page.evaluate("document.querySelector('mw-player').streams.cachedBytes")
    print(f"held decoded after playing: {held / 2**20:.0f} MiB")
    page.evaluate("() => { document.querySelector('mw-player').view = 'side_by_side'; }")
    page.evaluate(LISTEN)
    for turn in range(KEYS):
        page.keyboard.press("ArrowLeft" if turn % 3 == 2 else "ArrowRight")
        page.wait_for_timeout(60)
    _print_times("key to frame", page.evaluate("waits"))
    bodies = [page.request.get(url).body() for url in dict.fromkeys(page.evaluate(FILES))]
    packed = sum(len(gzip.compress(body)) for body in bodies)
    print(f"weight of the page without media: {packed / 1000:.0f} kB gzip, {len(bodies)} files")


def _opened(page: Page, sources: list[str]) -> list[float]:
    """Return the ms until the first frame; the sample before is decoded as far as it will be."""
    times = []
    for turn in range(1, OPENINGS + 1):
        page.wait_for_timeout(QUIET_MS)
        times.append(page.evaluate(OPEN, sources[turn % 2]))
    return times


def _print_playback(page: Page, session: CDPSession, view: str, seconds: float) -> None:
    load = os.getloadavg()[0]
    before = _spent(session)
    found = page.evaluate(PLAY, seconds)
    spent = {name: value - before[name] for name, value in _spent(session).items()}
    drawn = max(1, found["drawn"])
    gaps = [b - a for a, b in zip(found["times"], found["times"][1:], strict=False)]
    script, tasks, browser = (spent[name] / drawn * 1e3 for name in SPENT)
    print(
        f"playing {view:13} {found['drawn'] / seconds:5.1f} of 30 frames/s, {found['mixed']} "
        f"mixed, {found['late']} late; gap p50 {statistics.median(gaps):.0f} p95 "
        f"{_p95(gaps):.0f} ms; CPU per frame: page's thread {tasks:.1f} ms, of it script "
        f"{script:.1f} ms, whole browser {browser:.1f} ms; load {load:.1f}"
    )


def _spent(session: CDPSession) -> dict[str, float]:
    metrics = session.send("Performance.getMetrics")["metrics"]
    spent = {m["name"]: float(m["value"]) for m in metrics if m["name"] in SPENT}
    chromium = [p for p in psutil.Process().children(recursive=True) if "chrom" in p.name()]
    times = [process.cpu_times() for process in chromium]
    return {**spent, "browser": sum(time.user + time.system for time in times)}


def _print_times(what: str, times: list[float]) -> None:
    print(
        f"{what}: median {statistics.median(times):.0f} ms, p95 {_p95(times):.0f} ms, least "
        f"{min(times):.0f} ms, most {max(times):.0f} ms; {len(times)} times, load "
        f"{os.getloadavg()[0]:.1f}"
    )


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _samples(server: WebServer, size: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.player_sample", size],
        env=server.installation.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def _log_in(page: Page, server: WebServer) -> None:
    page.goto(f"{server.address}/p/p/library/")
    page.locator("input[name=username]").fill("anna")
    page.locator("input[name=password]").fill("a long secret")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/p/p/library/")


def _machine() -> str:
    return f"{os.cpu_count()} cores {platform.machine()}"


if __name__ == "__main__":
    main()

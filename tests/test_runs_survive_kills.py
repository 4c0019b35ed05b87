"""Samples are made, and something is killed in the middle: the same samples, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from random import Random
from time import sleep

import pytest

from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from tests.processes import Installation, Part, Up, up, wait_until
from tests.scale import scale

pytestmark = [pytest.mark.processes, pytest.mark.timeout(scale(600, 3600))]

COUNT = scale(8, 20)
KILLS = scale(5, 30)
SIZE = FrameSize(192, 112)
FRAMES = 24
SEED = 31
RECIPES: dict[str, list[str]] = {
    "object_paste": [],
    "him_video": ["--set", "counts=1:1", "--set", "level=easy", "--set", "frames=20"],
    "him_image": ["--set", "counts=1:1", "--set", "guidance=rough"],
}
"""Which recipes are interrupted in turn, and what is to be said so that two videos are enough."""

Bytes = list[tuple[int, str, str, str]]
"""Index, layer, digest of the master, digest of the delivery, in order."""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Two painted videos with masks, brought in by command."""
    folder = tmp_path_factory.mktemp("kills")
    made = Installation.migrated(folder / "data", "tests.settings_kills")
    for scene in demo_scenes()[:2]:
        clip, mask = _paint(folder, scene.slug)
        done = made.run("add_video", "--project", "p", str(clip), "--mask", str(mask))
        assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def undisturbed(installation: Installation) -> dict[str, Bytes]:
    """The samples of each recipe when nobody interferes, rendered by one process."""
    made = {slug: stored(installation, launch(installation, slug, wait=True)) for slug in RECIPES}
    assert all(len({index for index, *_ in found}) == COUNT for found in made.values())
    return made


def test_a_killed_run_ends_with_the_same_samples_as_an_undisturbed_one(
    installation: Installation, undisturbed: dict[str, Bytes]
) -> None:
    random = Random(SEED)
    with up(installation) as running:
        for part, slug in zip(_parts(random), cycle(RECIPES), strict=False):
            run = launch(installation, slug, wait=False)
            _disturb(running, part, random, run)
            assert stored(installation, run) == undisturbed[slug], f"{slug}, {part.value}"
    assert _states(installation) == {"ready"}
    assert not list((installation.data / "work").glob("sample-*")), "a half sample was left"


def launch(installation: Installation, slug: str, *, wait: bool) -> int:
    """Start a run of ``COUNT`` samples, always with the same seed; return its number."""
    arguments = ["synthesize", "--project", "p", "--recipe", slug, "--json", *RECIPES[slug]]
    arguments += ["--count", str(COUNT), "--seed", str(SEED), *(["--wait"] if wait else [])]
    done = installation.run(*arguments, timeout=300)
    assert done.returncode == 0, done.stderr
    run: int = json.loads(done.stdout)["run"]
    return run


def stored(installation: Installation, run: int) -> Bytes:
    """Return what is stored of a run; a sample that was stored twice would show twice."""
    rows = installation.query(
        "SELECT s.'index' AS number, l.name, l.master_id, l.delivery_id FROM datasets_app_sample s "
        "JOIN datasets_app_layer l ON l.sample_id = s.id WHERE s.run_id = ? AND s.state = 'ready' "
        "ORDER BY s.'index', l.name",
        run,
    )
    return [(row["number"], row["name"], row["master_id"], row["delivery_id"]) for row in rows]


def _disturb(running: Up, part: Part, random: Random, run: int) -> None:
    """Kill a part in the middle of a run. Within 30 s every process is there again, within 30 more
    work goes on; then the run ends by itself."""
    installation = running.installation
    wait_until(lambda: stored(installation, run), 60, "the first sample is there")
    sleep(random.uniform(0.0, 0.6))
    before = len(stored(installation, run))
    killed = running.kill(part, random)
    wait_until(
        lambda: not killed & {process.pid for process in installation.processes()}, 5, "it is gone"
    )
    wait_until(running.complete, 30, f"everything runs again after {part.value}")
    wait_until(
        lambda: len(stored(installation, run)) > before or _ended(installation, run),
        30,
        f"work goes on after {part.value}",
    )
    wait_until(lambda: _ended(installation, run), 120, f"run {run} ends after {part.value}")


def _parts(random: Random) -> Iterator[Part]:
    for _ in range(KILLS // len(Part)):
        yield from random.sample(list(Part), k=len(Part))


def _ended(installation: Installation, run: int) -> bool:
    jobs = installation.query(
        "SELECT state FROM jobs_job WHERE kind LIKE 'synthesis_%' AND target_id = ?", run
    )
    return bool(jobs) and {job["state"] for job in jobs} == {"done"}


def _states(installation: Installation) -> set[str]:
    return {row["state"] for row in installation.query("SELECT state FROM datasets_app_sample")}


def _paint(folder: Path, slug: str) -> tuple[Path, Path]:
    clip, mask = folder / f"{slug}.mkv", folder / f"{slug}_mask.mkv"
    rate = Fraction(16)
    with RgbMasterWriter(clip, SIZE, rate) as rgb, GrayMasterWriter(mask, SIZE, rate) as gray:
        for frame in demo_clip(slug, size=SIZE, frames=FRAMES):
            rgb.write(frame.rgb)
            gray.write(frame.alpha)
    return clip, mask

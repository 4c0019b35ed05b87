"""Samples are made, and something is killed in the middle: the same samples, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from random import Random
from time import sleep

import pytest

from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.scenes.renderer import renderer
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
SCENES = scale(2, 50)
SCENE_KILLS = scale(1, 30)
SCENE = ["--set", "side=64", "--set", f"frames={scale(1, 4)}", "--set", "samples=4"]

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
    return {slug: undisturbed_samples(installation, slug, said) for slug, said in RECIPES.items()}


def test_a_killed_run_ends_with_the_same_samples_as_an_undisturbed_one(
    installation: Installation, undisturbed: dict[str, Bytes]
) -> None:
    random = Random(SEED)
    with up(installation) as running:
        for part, slug in islice(zip(_parts(random), cycle(RECIPES)), KILLS):
            run = launch(installation, slug, RECIPES[slug])
            _disturb(running, part, random, run)
            assert stored(installation, run) == undisturbed[slug], f"{slug}, {part.value}"
    assert _states(installation) == {"ready"}
    assert not list((installation.data / "work").glob("sample-*")), "a half sample was left"


@pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())
def test_a_batch_of_scenes_that_is_killed_again_and_again_renders_none_twice(
    installation: Installation,
) -> None:
    alone = undisturbed_samples(installation, "effect_removal", SCENE, SCENES)
    random = Random(SEED)
    rendered: dict[int, str] = {}
    with up(installation) as running:
        run = launch(installation, "effect_removal", SCENE, SCENES)
        for part in islice(_parts(random), SCENE_KILLS):
            _wait_for_one_more_than(rendered, installation, run)
            sleep(random.uniform(0.0, 4.0))
            rendered = _rendered(installation, run)
            running.kill(part, random)
            wait_until(running.complete, 30, f"everything runs again after {part.value}")
        wait_until(lambda: _ended(installation, run), 60 * SCENES, "the run ends")
    assert rendered.items() <= _rendered(installation, run).items(), "a scene was made once more"
    assert stored(installation, run) == alone
    assert not list((installation.data / "work").glob("sample-*")), "a half sample was left"


def undisturbed_samples(
    installation: Installation, slug: str, said: list[str], count: int = COUNT
) -> Bytes:
    """Return the samples of a recipe when nobody interferes, rendered by one process."""
    found = stored(installation, launch(installation, slug, [*said, "--wait"], count))
    assert len({index for index, *_ in found}) == count
    return found


def launch(installation: Installation, slug: str, said: list[str], count: int = COUNT) -> int:
    """Start a run of ``count`` samples, always with the same seed; return its number."""
    arguments = ["synthesize", "--project", "p", "--recipe", slug, "--json", *said]
    arguments += ["--count", str(count), "--seed", str(SEED)]
    done = installation.run(*arguments, timeout=1800)
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
    """Return every part once in some order, then in another one, without end."""
    while True:
        yield from random.sample(list(Part), k=len(Part))


def _wait_for_one_more_than(before: dict[int, str], installation: Installation, run: int) -> None:
    wait_until(lambda: len(_rendered(installation, run)) > len(before), 300, "one more sample")


def _rendered(installation: Installation, run: int) -> dict[int, str]:
    """Return when each finished sample of a run was rendered, by its index."""
    rows = installation.query(
        "SELECT s.'index' AS number, rendered_at FROM datasets_app_sample s "
        "WHERE run_id = ? AND state = 'ready'",
        run,
    )
    return {row["number"]: row["rendered_at"] for row in rows}


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

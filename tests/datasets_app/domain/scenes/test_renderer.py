"""The renderer itself, really run: small pictures, every rule that makes the labels exact."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest

from datasets_app.domain.progress import never_stop
from datasets_app.domain.scenes.description import (
    Camera,
    Scene,
    SceneObject,
    Shape,
    Sky,
    Sun,
    Surface,
)
from datasets_app.domain.scenes.renderer import RendererPlace, render_events, renderer, use_renderer
from matteweb.errors import Cancelled, OutOfMemory, Unsupported

LAYERS = ("rgb_full", "rgb_removed", "instances")
SIDE = 64

rendering = pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())


def thing(name: str, kind: str, place: tuple[float, float, float], **more: Any) -> SceneObject:
    return SceneObject(
        **{
            "name": name,
            "shape": Shape.model_validate({"kind": kind}),
            "surface": Surface(finish="red matte", color=(0.7, 0.1, 0.1)),
            "size": 1.2,
            "location": place,
            "rotation": (1.0, 0.0, 0.0, 0.0),
            "velocity": (0.0, 0.0, 0.0),
            "rests": True,
            "removed": False,
        }
        | more
    )


def scene(*things: SceneObject, frames: int = 1, samples: int = 4, **more: Any) -> Scene:
    return Scene(
        **{
            "width": SIDE,
            "height": SIDE,
            "frames": frames,
            "fps_num": 16,
            "fps_den": 1,
            "samples": samples,
            "seed": 5,
            "low_light": False,
            "objects": things,
            "ground": Surface(finish="plain floor", color=(0.4, 0.4, 0.4)),
            "walls": (),
            "sky": Sky(horizon=(0.8, 0.8, 0.9), zenith=(0.2, 0.4, 0.8), strength=0.5),
            "sun": Sun(elevation=40, azimuth=120, angle=1, strength=4, color=(1, 1, 1)),
            "camera": Camera(
                start=(0, -6, 2.5),
                end=(0.5, -6, 2.5),
                look_start=(0, 0, 0.5),
                look_end=(0, 0, 0.5),
                focal=40,
            ),
        }
        | more
    )


BALL = thing("object-1", "sphere", (-0.4, 0.0, 1.2), removed=True)
CUBE = thing("object-2", "cube", (1.2, 0.4, 1.2))


@dataclass(frozen=True)
class Rendered:
    """``facts`` of the simulation, then the layers of every frame."""

    facts: dict[str, Any]
    frames: list[dict[str, np.ndarray]]


def render(described: Scene, folder: Path) -> Rendered:
    folder.mkdir()
    facts: dict[str, Any] = {}
    frames = []
    for event in render_events(described, LAYERS, folder, never_stop, threads=2):
        if event["event"] == "simulated":
            facts = event
        else:
            frames.append(read(folder, event["layers"]))
    return Rendered(facts, frames)


def read(folder: Path, files: dict[str, str]) -> dict[str, np.ndarray]:
    def one(name: str) -> np.ndarray:
        if name.endswith(".npy"):
            return np.asarray(np.load(folder / name, allow_pickle=False))
        return np.asarray(cv2.imread(str(folder / name)))

    return {layer: one(name) for layer, name in files.items()}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return render(scene(BALL, CUBE, frames=2), tmp_path_factory.mktemp("pair") / "job")


@rendering
def test_removed_is_the_render_of_a_scene_in_which_the_object_never_was(
    pair: Rendered, tmp_path: Path
) -> None:
    """Bit for bit: same seed, same poses, nothing of the object left for any ray."""
    alone = render(scene(CUBE, frames=2), tmp_path / "alone")
    for both, one in zip(pair.frames, alone.frames, strict=True):
        assert np.array_equal(both["rgb_removed"], one["rgb_full"])
        assert not np.array_equal(both["rgb_full"], both["rgb_removed"])


@rendering
def test_object_numbers_are_those_of_the_description_and_exact(
    pair: Rendered, tmp_path: Path
) -> None:
    """Each object's outline is the one of a render with that object alone, where it is in front."""
    numbers = pair.frames[0]["instances"]
    assert set(np.unique(numbers)) == {0, 1, 2}
    alone = render(scene(BALL), tmp_path / "ball").frames[0]["instances"] > 0
    other = render(scene(CUBE), tmp_path / "cube").frames[0]["instances"] > 0
    assert np.array_equal(numbers > 0, alone | other)
    assert np.array_equal(numbers == 1, alone), "nothing is in front of the ball"
    assert np.array_equal(numbers == 2, other & ~alone)


@rendering
def test_the_object_casts_a_shadow_that_is_gone_with_it(pair: Rendered) -> None:
    full, removed = pair.frames[0]["rgb_full"], pair.frames[0]["rgb_removed"]
    outside = cv2.dilate((pair.frames[0]["instances"] == 1).astype(np.uint8), np.ones((5, 5))) == 0
    darker = (removed.astype(int) - full).max(axis=2) > 20
    assert (darker & outside).sum() > 20


@rendering
def test_the_same_scene_is_the_same_bytes(pair: Rendered, tmp_path: Path) -> None:
    again = render(scene(BALL, CUBE, frames=2), tmp_path / "again")
    for first, second in zip(pair.frames, again.frames, strict=True):
        assert all(np.array_equal(first[layer], second[layer]) for layer in LAYERS)


@rendering
def test_what_rests_lies_still_on_the_ground(pair: Rendered) -> None:
    assert pair.facts["lowest"] == pytest.approx(0.6, abs=0.03)
    assert pair.facts["overlaps"] == 0


@rendering
@pytest.mark.parametrize("fps", [8, 24])
def test_speed_follows_the_frame_rate(fps: int, tmp_path: Path) -> None:
    """Half a second of falling from rest is 1.2 m at any frame rate; the original's physics steps
    do not know its frame rate."""
    high = thing("object-1", "sphere", (0, 0, 6.0), rests=False, removed=True)
    frames = fps // 2 + 1
    tiny = scene(high, frames=frames, fps_num=fps, samples=1, width=16, height=16)
    found = render(tiny, tmp_path / "fall")
    assert found.facts["lowest"] == pytest.approx(6.0 - 9.81 / 2 * 0.25, abs=0.15)


@rendering
def test_what_lies_on_a_removed_object_goes_with_it(tmp_path: Path) -> None:
    table = thing("object-1", "cube", (0, 0, 0.7), removed=True)
    cup = thing("object-2", "cube", (0, 0, 2.0), size=0.5)
    tiny = scene(table, cup, samples=1, width=16, height=16)
    found = render(tiny, tmp_path / "stack")
    assert found.facts["removed"] == ["object-1", "object-2"]


@rendering
def test_an_object_that_flies_through_the_camera_is_told(tmp_path: Path) -> None:
    """It passes the camera, 3 m away, after half a second, and is 0.8 m wide."""
    thrown = thing(
        "object-1",
        "cube",
        (0, -3, 2.5),
        size=0.8,
        rests=False,
        removed=True,
        velocity=(0.0, -6.0, 2.45),
    )
    tiny = scene(thrown, frames=17, samples=1, width=16, height=16)
    assert next(simulated(tiny, tmp_path / "through"))["inside"] in range(2, 6)
    beside = tiny.model_copy(
        update={"objects": (thrown.model_copy(update={"location": (2, -3, 2.5)}),)}
    )
    assert next(simulated(beside, tmp_path / "beside"))["inside"] == 0


def simulated(described: Scene, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what the simulation tells, and end the renderer before its first frame."""
    folder.mkdir()
    with closing(render_events(described, LAYERS, folder, never_stop, threads=1)) as events:
        yield next(events)


def gone(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def the_renderer() -> psutil.Process:
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if "scene_renderer" in words_of(child))


def words_of(process: psutil.Process) -> str:
    """Return its command line; what other tests left behind may have none any more."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@rendering
def test_a_stopped_render_ends_its_process(tmp_path: Path) -> None:
    stop = threading.Event()
    with closing(
        render_events(scene(BALL, frames=50), LAYERS, tmp_path, stop.is_set, threads=1)
    ) as events:
        next(events)
        process = the_renderer()
        stop.set()
        with pytest.raises(Cancelled):
            for _ in events:
                pass
    assert gone(process)


@rendering
def test_a_killed_renderer_is_told_in_words(tmp_path: Path) -> None:
    with closing(
        render_events(scene(BALL, frames=50), LAYERS, tmp_path, never_stop, threads=1)
    ) as events:
        next(events)
        the_renderer().kill()
        with pytest.raises(OutOfMemory, match="ended by the system"):
            for _ in events:
                pass
    assert list(tmp_path.glob("blender_*")), "what Blender leaves lies where the job's files go"


@rendering
def test_a_renderer_ends_with_its_reader_even_by_kill_9(tmp_path: Path) -> None:
    """The reader is a process of its own here, and is killed while it reads."""
    (tmp_path / "scene.json").write_text(scene(BALL, frames=400).model_dump_json())
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)], cwd=Path(__file__).parents[4]
    )
    try:
        children = wait_for_children(reader.pid)
        os.kill(reader.pid, signal.SIGKILL)
        reader.wait()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not all(gone(child) for child in children):
            time.sleep(0.05)
        assert all(gone(child) for child in children)
    finally:
        reader.kill()


READER = """
import sys
from pathlib import Path
from datasets_app.domain.scenes.description import Scene
from datasets_app.domain.scenes.renderer import render_events
folder = Path(sys.argv[1])
scene = Scene.model_validate_json((folder / "scene.json").read_text())
for _ in render_events(scene, ("rgb_full", "instances"), folder, lambda: False, threads=1):
    (folder / "started").touch()
"""


def wait_for_children(pid: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        children = psutil.Process(pid).children(recursive=True)
        if children:
            return list(children)
        time.sleep(0.05)
    raise AssertionError("the renderer never started")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Any]:
    """Say that the renderer is somewhere else, for one test."""
    before = renderer()
    yield lambda **place: use_renderer(
        RendererPlace(**{"python": tmp_path / "bin/python", "blender": "", **place})
    )
    use_renderer(before)


def test_a_missing_renderer_says_how_to_get_one(elsewhere: Any, tmp_path: Path) -> None:
    elsewhere()
    assert renderer().missing() == "no Blender is installed for MatteWeb"
    with pytest.raises(Unsupported) as refused:
        next(render_events(scene(BALL), LAYERS, tmp_path, never_stop, threads=1))
    assert "make render-setup" in refused.value.hint
    assert "MATTEWEB_BLENDER" in refused.value.hint


def test_a_named_blender_that_is_not_there_is_named(elsewhere: Any) -> None:
    elsewhere(blender="/nowhere/blender")
    assert "/nowhere/blender" in renderer().missing()


def test_a_renderer_that_fails_gives_its_last_words(elsewhere: Any, tmp_path: Path) -> None:
    broken = tmp_path / "blender"
    broken.write_text("#!/bin/sh\necho 'GPU on fire'\nexit 3\n")
    broken.chmod(0o755)
    elsewhere(blender=str(broken))
    with pytest.raises(Unsupported, match="code 3") as refused:
        next(render_events(scene(BALL), LAYERS, tmp_path, never_stop, threads=1))
    assert "GPU on fire" in refused.value.hint

"""Models and pictures of light that people brought in, drawn into scenes and really rendered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.captions.scene_facts import scene_facts
from datasets_app.domain.progress import never_stop
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.scenes.description import Scene, SceneFile, Shape, Sky
from datasets_app.domain.scenes.renderer import render_events, renderer
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.synthesis.sources.pool import PoolSceneFile
from matteweb.errors import Unsupported
from tests.datasets_app.domain.scenes.test_renderer import read, scene, thing
from tests.scene_files import glb, hdr, obj

rendering = pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())

RECIPE = EffectRemoval()
CHAIR = PoolSceneFile(1, "c" * 64, "Oak_chair-02", ".glb")
NOON = PoolSceneFile(2, "d" * 64, "noon", ".hdr")


def model(data: bytes, ending: str, folder: Path) -> tuple[Shape, dict[str, Path]]:
    """Return the shape of a model that lies in ``folder`` under its digest alone."""
    digest = f"{len(data):064d}"
    (folder / digest).write_bytes(data)
    file = SceneFile(digest=digest, ending=ending, name=f"cube{ending}")
    return Shape(kind="model", file=file), {digest: folder / digest}


def rendered(described: Scene, files: dict[str, Path], folder: Path) -> dict[str, np.ndarray]:
    wanted = ("rgb_full", "rgb_removed", "instances")
    folder.mkdir(exist_ok=True)
    events = render_events(described, wanted, folder, never_stop, threads=2, files=files)
    (frame,) = [read(folder, event["layers"]) for event in events if event["event"] == "frame"]
    return frame


@rendering
def test_models_and_a_picture_of_light_are_what_the_camera_sees(tmp_path: Path) -> None:
    """A red GLB, an OBJ that takes the scene's blue and opens no file of this machine, and a sky
    that is green above."""
    red, files = model(glb(), ".glb", tmp_path)
    (tmp_path / "red.mtl").write_text("newmtl red\nKd 1 0 0\n")
    names_another = f"mtllib {'../' * 20}{tmp_path}/red.mtl\nusemtl red\n".encode()
    bare, more = model(names_another + obj(), ".obj", tmp_path)
    (tmp_path / "light").write_bytes(hdr())
    blue = thing("object-2", "cube", (1.0, 0.0, 1.2)).surface.model_copy(
        update={"color": (0.05, 0.05, 0.8)}
    )
    light = SceneFile(digest="light", ending=".hdr", name="sky.hdr")
    described = scene(
        thing("object-1", "cube", (-0.9, 0.0, 1.2), shape=red, removed=True),
        thing("object-2", "cube", (0.9, 0.0, 1.2), shape=bare, surface=blue),
        sky=Sky(horizon=(0, 0, 0), zenith=(0, 0, 0), strength=1.0, file=light, turn=30),
    )
    frame = rendered(described, files | more | {"light": tmp_path / "light"}, tmp_path / "job")
    numbers, full = frame["instances"], frame["rgb_full"].astype(int)
    assert {0, 1, 2} == set(np.unique(numbers))
    blue_of, green_of, red_of = (full[..., channel] for channel in range(3))
    assert (red_of - blue_of)[numbers == 1].mean() > 40
    assert (blue_of - red_of)[numbers == 2].mean() > 40
    assert (green_of - red_of)[0].mean() > 60, "the sky behind the horizon"
    assert not np.array_equal(full, frame["rgb_removed"])


@rendering
@pytest.mark.parametrize("name", ["cube.glb", "sky.hdr"])
def test_a_file_that_the_renderer_cannot_read_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"glTF or so, but broken")
    file = SceneFile(digest="bad", ending=Path(name).suffix, name=name)
    described = scene(thing("object-1", "cube", (0, 0, 1), removed=True))
    if name == "sky.hdr":
        described = described.model_copy(
            update={"sky": described.sky.model_copy(update={"file": file})}
        )
    else:
        shape = Shape(kind="model", file=file)
        described = scene(thing("object-1", "cube", (0, 0, 1), removed=True, shape=shape))
    with pytest.raises(Unsupported, match=f"{name} cannot be read"):
        rendered(described, {"bad": tmp_path / "bad"}, tmp_path / "job")


def plans(pool: Pool, **params: object) -> Iterator[Scene]:
    for index in range(12):
        plan = plan_sample(RECIPE, RECIPE.params(**params), pool, root_seed=3, index=index).plan
        assert plan.inputs == tuple(file.digest for file in plan.scene.files)
        yield plan.scene


def test_models_and_lights_are_drawn_as_often_as_asked() -> None:
    pool = Pool(models=(CHAIR,), lights=(NOON,))
    every = list(plans(pool, models=1, lights=1))
    assert all(one.sky.file and one.sky.file.digest == NOON.digest for one in every)
    assert all(t.shape.kind == "model" for one in every for t in one.objects)
    assert len({one.sky.turn for one in every}) == len(every)
    some = list(plans(pool))
    used = [t.shape.kind == "model" for one in some for t in one.objects]
    assert 0 < sum(used) < len(used)


def test_scenes_without_files_of_ones_own_stay_what_they_were() -> None:
    """Nothing is drawn for what is not there, or not wanted."""
    none = list(plans(Pool()))
    assert list(plans(Pool(models=(CHAIR,), lights=(NOON,)), models=0, lights=0)) == none
    assert all(not one.files for one in none)


def test_a_model_is_called_by_its_name() -> None:
    shape = Shape(kind="model", file=SceneFile(digest="c", ending=".glb", name="Oak_chair-02"))
    told = scene_facts(scene(thing("object-1", "cube", (0, 0, 1), shape=shape)))
    assert told.prompt.startswith("An oak chair ")
    assert "oak chair" in told.short

"""Fur, blur, glass and smoke, really rendered: alphas that are neither 0 nor 1, and are true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.captions.scene_facts import scene_facts
from datasets_app.domain.media.measured import MEASURES
from datasets_app.domain.recipes.effect_removal import covered
from datasets_app.domain.scenes.description import Camera, Scene, SceneObject, Shape, Surface
from datasets_app.domain.scenes.labels import ASKED_OF_RENDERER, label_frames
from datasets_app.domain.scenes.params import EffectRemovalParams
from datasets_app.domain.scenes.renderer import renderer
from tests.datasets_app.domain.scenes.test_draw import scenes
from tests.datasets_app.domain.scenes.test_labels import Arrays, arrays
from tests.datasets_app.domain.scenes.test_renderer import BALL, scene, thing

rendering = pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())

STILL = Camera(
    start=(0, -6, 2.5),
    end=(0, -6, 2.5),
    look_start=(0, 0, 0.8),
    look_end=(0, 0, 0.8),
    focal=40,
)
SHUTTER = 0.8
FURRY = BALL.model_copy(update={"shape": BALL.shape.model_copy(update={"fur": 0.15, "seed": 3})})
PANE = thing(
    "object-2",
    "cube",
    (1.0, -0.5, 1.6),
    size=0.8,
    rests=False,
    velocity=(-7.0, 0, 0),
    surface=Surface(
        finish="white glass", color=(0.9, 0.9, 0.9), transmission=1.0, roughness=0.0, ior=1.4
    ),
)


def frame_of(folder: Path, things: tuple[SceneObject, ...], shutter: float, *asked: str) -> Arrays:
    """Return the first of two frames, before denoising."""
    camera = STILL.model_copy(update={"shutter": shutter})
    told: dict[str, Any] = {"things": things, "frames": 2, "samples": 64, "camera": camera}
    return arrays(folder, asked, denoise=False, **told)[0]


@pytest.fixture(scope="module")
def soft(tmp_path_factory: pytest.TempPathFactory) -> Arrays:
    """A ball with fur and a cube of glass that flies past the open shutter."""
    folder = tmp_path_factory.mktemp("soft") / "job"
    return frame_of(folder, (FURRY, PANE), SHUTTER, "objects", "light", "cover")


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Arrays:
    """The same without fur and with a shutter that opens for no time; the cube is of stone."""
    stone = PANE.model_copy(update={"surface": Surface(finish="grey stone", color=(0.4,) * 3)})
    asked = ("objects", *ASKED_OF_RENDERER["flow"])
    return frame_of(tmp_path_factory.mktemp("hard") / "job", (BALL, stone), 0, *asked)


def partly(alpha: np.ndarray) -> int:
    return int(((alpha > 0.05) & (alpha < 0.95)).sum())


@rendering
def test_soft_alphas_foregrounds_and_backgrounds_give_the_full_picture(soft: Arrays) -> None:
    """In linear light, before denoising, from the layers as they are stored."""
    stored = label_frames(("apart",), 2, soft.__getitem__)
    for number in range(2):
        alpha = stored[f"alpha_{number:02d}"][..., None] / 255
        fgr, bgr = (
            MEASURES["light"].decoded(stored[f"light_{name}_{number:02d}"])
            for name in ("fgr", "bgr")
        )
        again = alpha * fgr + (1 - alpha) * bgr
        assert np.abs(again - soft["light_full"]).max() <= 1 / 255
        untouched = alpha[..., 0] == 0
        assert untouched.mean() > 0.3
        behind = soft[f"behind_{number:02d}"]
        assert np.abs(behind - soft["light_full"])[untouched].max() <= 1 / 255


@rendering
def test_fur_is_finer_than_a_pixel(soft: Arrays, hard: Arrays) -> None:
    assert partly(soft["alpha_00"]) > 1.5 * partly(hard["alpha_00"])
    assert (soft["alpha_00"] > 0.02).sum() > 1.1 * (hard["alpha_00"] > 0.02).sum()


@rendering
def test_blur_is_as_long_as_the_way_of_the_object_while_the_shutter_is_open(
    soft: Arrays, hard: Arrays
) -> None:
    cube = hard["instances"] == 2
    way = SHUTTER * float(np.abs(hard["flow_forward"][cube][:, 0]).mean())
    assert way > 3

    def width(alpha: np.ndarray) -> int:
        columns = np.nonzero((alpha > 0).any(axis=0))[0]
        return int(columns.max() - columns.min() + 1)

    assert width(soft["alpha_01"]) - width(hard["alpha_01"]) == pytest.approx(way, abs=1.5)


@rendering
def test_glass_lets_through_what_is_behind_it(soft: Arrays, hard: Arrays) -> None:
    inside = hard["alpha_01"] == 1
    assert inside.sum() > 20
    assert 0.03 < np.median(soft["alpha_01"][inside]) < 0.6


@rendering
def test_what_is_removed_covers_all_that_it_touches(soft: Arrays) -> None:
    gone, kept = covered(soft["cover_gone"], soft["cover_kept"])
    differs = np.abs(soft["light_full"] - soft["light_plate"]).max(axis=2) > 0.03
    assert np.all(gone[differs] == 255)
    assert np.all(gone[soft["instances"] == 1] == 255)
    assert not (gone & kept).any()
    assert kept.any()


@rendering
def test_fur_and_blur_are_the_same_bytes_again(soft: Arrays, tmp_path: Path) -> None:
    """Whatever else is asked for."""
    again = frame_of(tmp_path / "again", (FURRY, PANE), SHUTTER)
    for layer in ("rgb_full", "rgb_removed", "instances"):
        assert np.array_equal(again[layer], soft[layer])


SMOKE = thing(
    "object-1",
    "cube",
    (-0.4, -0.3, 0.9),
    shape=Shape(kind="smoke", seed=7, bumps=2.0, depth=8.0),
    surface=Surface(finish="grey smoke", color=(0.7, 0.7, 0.7)),
    size=1.6,
    rests=False,
    velocity=(0.3, 0, 0.1),
    removed=True,
)
CUBE_BEHIND = thing("object-2", "cube", (-0.1, 0.6, 1.2), size=0.9)


@pytest.fixture(scope="module")
def smoky(tmp_path_factory: pytest.TempPathFactory) -> Arrays:
    """A cloud of smoke in front of a cube."""
    folder = tmp_path_factory.mktemp("smoke") / "job"
    return frame_of(folder, (SMOKE, CUBE_BEHIND), SHUTTER, "objects", "light", "cover")


@rendering
def test_smoke_has_a_soft_alpha_and_gives_the_full_picture(smoky: Arrays) -> None:
    alpha = smoky["alpha_00"]
    assert partly(alpha) > 60
    assert alpha[0].max() == 0
    stored = label_frames(("apart",), 2, smoky.__getitem__)
    for number in range(2):
        share = stored[f"alpha_{number:02d}"][..., None] / 255
        fgr, bgr = (
            MEASURES["light"].decoded(stored[f"light_{name}_{number:02d}"])
            for name in ("fgr", "bgr")
        )
        again = share * fgr + (1 - share) * bgr
        assert np.abs(again - smoky["light_full"]).max() <= 1 / 255
    outside = alpha == 0
    behind = smoky["behind_00"]
    assert np.abs(behind - smoky["light_full"])[outside].mean() < 2 / 255


@rendering
def test_a_thing_behind_smoke_keeps_its_own_outline(smoky: Arrays) -> None:
    """Smoke has no number; what is behind it is seen through it."""
    cube = smoky["instances"] == 2
    assert set(np.unique(smoky["instances"])) == {0, 2}
    assert np.median(smoky["alpha_01"][cube]) == 1
    assert ((smoky["alpha_00"] > 0.1) & cube).sum() > 20


@rendering
def test_smoke_shades_the_ground_and_leaves_nothing_behind(smoky: Arrays, tmp_path: Path) -> None:
    """Without it the picture is, bit for bit, that of a scene in which it never was."""
    alone = frame_of(tmp_path / "alone", (CUBE_BEHIND,), SHUTTER)
    assert np.array_equal(alone["rgb_full"], smoky["rgb_removed"])
    plate, clean = (smoky[name].mean(axis=2) for name in ("light_plate", "light_removed"))
    shaded = (plate < 0.9 * clean) & (smoky["alpha_00"] == 0)
    assert shaded.sum() > 20
    gone, _ = covered(smoky["cover_gone"], smoky["cover_kept"])
    assert np.all(gone[smoky["alpha_00"] > 0.1] == 255)


def test_a_chance_of_one_gives_fur_to_all_and_glass_to_none() -> None:
    furry = list(scenes(30, EffectRemovalParams(frames=9, fur=1).rule))
    things = [one for drawn in furry for one in drawn.objects]
    assert all(0.06 <= one.shape.fur <= 0.16 for one in things)
    assert all(one.surface.transmission == one.surface.metallic == 0 for one in things)
    assert len({one.shape.seed for one in things}) > 20
    assert all(drawn.soft for drawn in furry)


def test_smoke_takes_the_place_of_things() -> None:
    cloudy = list(scenes(10, EffectRemovalParams(frames=9, smoke=1).rule))
    assert all(one.shape.kind == "smoke" and not one.rests for s in cloudy for one in s.objects)
    some = list(scenes(20, EffectRemovalParams(frames=9, smoke=0.5).rule))
    share = np.mean([one.shape.kind == "smoke" for s in some for one in s.objects])
    assert 0.2 < share < 0.8


def test_a_shutter_changes_nothing_else_of_a_scene() -> None:
    open_for_long = list(scenes(10, EffectRemovalParams(frames=9, shutter=0.5).rule))

    def closed(one: Scene) -> Scene:
        camera = one.camera.model_copy(update={"shutter": 0.0})
        return one.model_copy(update={"camera": camera})

    assert all(one.soft for one in open_for_long)
    assert [closed(one) for one in open_for_long] == list(scenes(10))
    assert not any(one.soft for one in scenes(10))


def test_fur_is_spoken_of() -> None:
    red = Surface(finish="red furry", color=(0.7, 0.1, 0.1))
    kept = FURRY.model_copy(update={"removed": False, "surface": red})
    assert "furry red ball" in scene_facts(scene(kept)).short

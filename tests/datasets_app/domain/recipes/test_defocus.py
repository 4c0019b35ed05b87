"""Defocus: the subject sharp, the rest by its depth, the same at every size, one track or none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, PoolMask
from datasets_app.domain.recipes.defocus import Defocus, DefocusParams, DefocusPlan
from datasets_app.domain.synthesis.planner import plan_sample
from matteweb.errors import BadInput
from tests.scenes import FRAMES, SIZE, Scenes, two_scenes


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return two_scenes(tmp_path_factory.mktemp("scenes"))


def planned(scenes: Scenes, seed: int = 1, **params: Any) -> DefocusPlan:
    asked = DefocusParams(**{"max_frames": 6, "blur_min": 12, "blur_max": 12, **params})
    return plan_sample(Defocus(), asked, scenes.pool, root_seed=seed, index=0).plan


def made(plan: DefocusPlan, scenes: Scenes) -> list[Layers]:
    return list(Defocus().render(plan, scenes.sources, ignore_progress, never_stop))


def detail(picture: np.ndarray, where: np.ndarray) -> float:
    """Return how much fine structure there is."""
    fine = cv2.Laplacian(picture.astype(np.float32), cv2.CV_32F)
    return float(np.abs(fine)[where].mean())


def inside(alpha: np.ndarray, side: int = 5) -> np.ndarray:
    return np.asarray(cv2.erode(alpha, np.ones((side, side), np.uint8)) == 255)


def test_the_subject_in_focus_is_sharp_and_the_background_is_not(scenes: Scenes) -> None:
    sharp = made(planned(scenes, blur_min=0, blur_max=0), scenes)[0]
    seen = made(planned(scenes), scenes)[0]
    body = inside(sharp["alpha"])
    assert np.array_equal(seen["rgb_full"][body], sharp["rgb_full"][body])
    everywhere = np.ones_like(body)
    assert detail(seen["bgr"], everywhere) < 0.7 * detail(sharp["bgr"], everywhere)


def test_focus_on_the_background_blurs_subject_and_alpha_alike(scenes: Scenes) -> None:
    sharp = made(planned(scenes, blur_min=0, blur_max=0), scenes)[0]
    seen = made(planned(scenes, focus="background", ground=0), scenes)[0]
    assert np.array_equal(seen["bgr"], sharp["bgr"])
    body = inside(sharp["alpha"], 11)
    assert detail(seen["fgr"], body) < 0.6 * detail(sharp["fgr"], body)
    soft = [((one["alpha"] > 9) & (one["alpha"] < 246)).sum() for one in (sharp, seen)]
    assert soft[1] > 1.5 * soft[0]


def test_a_pull_goes_from_one_to_the_other(scenes: Scenes) -> None:
    plan = planned(scenes, focus="pull", max_frames=20, seed=4)
    frames = made(plan, scenes)
    everywhere = np.ones((SIZE.height, SIZE.width), bool)
    first, last = (detail(frames[at]["bgr"], everywhere) for at in (0, -1))
    nearer = plan.focus.start == 0
    assert (first < last) == nearer
    assert max(first, last) > 1.3 * min(first, last)


def test_blur_grows_with_the_frame(scenes: Scenes) -> None:
    """A blur of so many pixels is strong in a small frame and not to be seen in a large one."""
    small, large = planned(scenes), planned(scenes, short_side=96)
    seen = made(small, scenes)[0]["bgr"]

    def looks_the_same(plan: DefocusPlan) -> None:
        half = cv2.resize(made(plan, scenes)[0]["bgr"], (64, 48), interpolation=cv2.INTER_AREA)
        everywhere = np.ones(half.shape[:2], bool)
        assert detail(half, everywhere) == pytest.approx(detail(seen, everywhere), rel=0.2)

    looks_the_same(large)
    in_pixels = large.model_copy(update={"blur": small.blur * small.width / large.width})
    assert in_pixels.optics.blur == pytest.approx(small.optics.blur)
    with pytest.raises(AssertionError):
        looks_the_same(in_pixels)


@pytest.mark.parametrize("light", ["stored", "linear"])
@pytest.mark.parametrize("scene", ["composited", "as filmed"])
@pytest.mark.parametrize("aperture", ["disc", "gaussian"])
def test_every_way_of_blurring_recomposes(
    scenes: Scenes, light: str, scene: str, aperture: str
) -> None:
    plan = planned(scenes, light=light, scene=scene, aperture=aperture, focus="mixed")
    for layers in made(plan, scenes):
        assert plan.recomposition.deviation(layers) <= 1


def test_where_it_was_filmed_the_background_keeps_nothing_of_the_subject(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    clip = scenes.add("camel")
    plan = planned(scenes, scene="as filmed")
    picture = next(read_rgb(scenes.sources[clip.digest], start=plan.start))
    layers = made(plan, scenes)[0]
    body = inside(layers["alpha"], 9)
    assert body.any()
    assert np.abs(layers["bgr"][body].astype(int) - picture[body]).mean() > 20


def with_depth(scenes: Scenes, frames: int = FRAMES) -> Scenes:
    """Give every clip a depth track: a ramp from left to right, and a flicker of a few levels."""
    rng = np.random.default_rng(3)
    ramp = np.repeat(np.linspace(20, 200, SIZE.width)[None], SIZE.height, axis=0)
    path = scenes.folder / "depth.mkv"
    with GrayMasterWriter(path, SIZE, Fraction(16)) as out:
        for _ in range(frames):
            out.write(np.rint(ramp + rng.integers(-3, 4)).astype(np.uint8))
    scenes.sources["depth"] = path
    track = PoolMask(
        7,
        "depth",
        "depth",
        frames,
        SIZE.width,
        SIZE.height,
        True,
        lambda: np.zeros((1, 1, 1), np.uint8),
    )
    scenes.clips = [replace(clip, depth=track) for clip in scenes.clips]
    return scenes


def test_a_depth_track_decides_what_is_sharp(tmp_path: Path) -> None:
    scenes = with_depth(two_scenes(tmp_path))
    plan = planned(scenes, scene="as filmed", blur_min=20, blur_max=20, tolerance=0.05)
    assert plan.depth is not None
    layers = made(plan, scenes)[2]
    outside = cv2.dilate(layers["alpha"], np.ones((9, 9), np.uint8)) == 0
    edge = outside.copy()
    edge[:, 8:-8] = False
    assert np.ptp(layers["depth"].astype(int)) > 150
    near = outside & (np.abs(np.arange(SIZE.width) - 32) < 16)[None]
    assert detail(layers["bgr"], edge) < detail(layers["bgr"], near)


def test_a_track_that_flickers_does_not_make_the_picture_breathe(tmp_path: Path) -> None:
    scenes = with_depth(two_scenes(tmp_path))
    frames = made(planned(scenes, scene="as filmed", max_frames=20), scenes)
    depths = np.array([layers["depth"][24, 5] for layers in frames[2:-2]], float)
    assert depths.std() < 2.5


def test_layers_are_used_where_a_track_is_not_wanted(tmp_path: Path) -> None:
    scenes = with_depth(two_scenes(tmp_path))
    assert planned(scenes, scene="as filmed", depth="layers").depth is None


def test_a_track_that_is_too_short_is_named(tmp_path: Path) -> None:
    scenes = with_depth(two_scenes(tmp_path), frames=3)
    with pytest.raises(BadInput, match="depth gives"):
        made(planned(scenes, scene="as filmed", max_frames=20), scenes)


def test_a_frame_of_another_size_makes_the_same_scene(tmp_path: Path) -> None:
    scenes = Scenes(tmp_path)
    scenes.add("camel", size=FrameSize(66, 50))
    scenes.add("beach", size=FrameSize(48, 80), cover=None)
    layers = made(planned(scenes), scenes)[0]
    assert layers["rgb_full"].shape == (50, 66, 3)

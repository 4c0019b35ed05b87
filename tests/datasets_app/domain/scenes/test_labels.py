"""Labels of a scene, really rendered: what holds between them and the pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from datasets_app.domain.media.light import to_stored
from datasets_app.domain.media.measured import MEASURES
from datasets_app.domain.progress import never_stop
from datasets_app.domain.scenes.description import Sun, Surface, Wall
from datasets_app.domain.scenes.draw import focused
from datasets_app.domain.scenes.labels import (
    ASKED_OF_RENDERER,
    foreground_light,
    label_frames,
    label_layers,
    split_effect,
)
from datasets_app.domain.scenes.renderer import render_events, renderer
from tests.datasets_app.domain.scenes.test_renderer import BALL, CUBE, read, scene, thing

rendering = pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())

SIDE = 40
MATTE = Surface(
    finish="stone floor",
    color=(0.5, 0.45, 0.4),
    second=(0.2, 0.22, 0.25),
    pattern="clouds",
    scale=0.7,
    roughness=1.0,
    specular=0.0,
)


Arrays: TypeAlias = dict[str, npt.NDArray[Any]]


def arrays(
    folder: Path, asked: tuple[str, ...], *, denoise: bool, **described: Any
) -> list[Arrays]:
    """Return what the renderer wrote of every frame of the scene of ball and cube."""
    things = described.pop("things", (BALL, CUBE))
    told = scene(*things, width=SIDE, height=SIDE, **described)
    folder.mkdir()
    wanted = ("rgb_full", "rgb_removed", "instances", *asked)
    events = render_events(told, wanted, folder, never_stop, threads=2, denoise=denoise)
    return [read(folder, event["layers"]) for event in events if event["event"] == "frame"]


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Arrays:
    """One frame before denoising, with as many samples as a coverage has."""
    asked = (*ASKED_OF_RENDERER["apart"], *ASKED_OF_RENDERER["shadows"])
    (frame,) = arrays(tmp_path_factory.mktemp("a") / "job", asked, denoise=False, samples=64)
    return frame


@rendering
def test_alpha_foreground_and_background_give_the_full_picture(
    apart: Arrays,
) -> None:
    """In linear light, before denoiser and view transform, from the layers as they are stored."""
    stored = label_frames(("apart",), 2, apart.__getitem__)
    for number in range(2):
        alpha = stored[f"alpha_{number:02d}"][..., None] / 255
        assert (alpha == 1).any()
        assert ((alpha > 0) & (alpha < 1)).any()
        fgr, bgr = (
            MEASURES["light"].decoded(stored[f"light_{name}_{number:02d}"])
            for name in ("fgr", "bgr")
        )
        again = alpha * fgr + (1 - alpha) * bgr
        assert np.abs(again - apart["light_full"]).max() <= 1 / 255


@rendering
def test_the_foreground_is_the_object_alone_up_to_its_rim(apart: Arrays) -> None:
    """A red ball on a grey floor is red where it covers half a pixel, not pink."""
    alpha = apart["alpha_00"]
    own = foreground_light(apart["light_full"], alpha, apart["behind_00"])
    rim = (alpha > 0.3) & (alpha < 0.9)
    red, green, _ = np.median(own[rim], axis=0)
    mixed = np.median(apart["light_full"][rim], axis=0)
    assert red / green > 2.5
    assert red / green > 1.5 * mixed[0] / mixed[1]


@rendering
def test_behind_an_object_its_shadow_stays(apart: Arrays) -> None:
    outside = apart["alpha_00"] == 0
    assert np.array_equal(apart["behind_00"][outside], apart["light_full"][outside])
    shadowed = apart["behind_00"].mean(axis=2) < 0.6 * apart["light_removed"].mean(axis=2)
    assert (shadowed & outside).sum() > 10


@rendering
def test_shadow_and_reflection_turn_the_clean_scene_into_the_shadowed_one(
    apart: Arrays,
) -> None:
    shadow, reflection = split_effect(apart["light_removed"], apart["light_plate"])
    untouched = (apart["light_removed"] == apart["light_plate"]).all(axis=2)
    assert untouched.mean() > 0.3
    assert not shadow[untouched].any()
    assert not reflection[untouched].any()
    weights = np.array([0.2126, 0.7152, 0.0722])
    darkened = (apart["light_removed"] @ weights) * (1 - shadow / 255)
    darker = shadow > 0
    plate = apart["light_plate"] @ weights
    assert np.abs(darkened - plate)[darker].max() < 1 / 255
    assert (shadow > 100).sum() > 10


@rendering
def test_the_pair_is_the_same_whatever_else_is_asked_for(apart: Arrays, tmp_path: Path) -> None:
    (alone,) = arrays(tmp_path / "job", (), denoise=False, samples=64)
    for layer in ("rgb_full", "rgb_removed", "instances"):
        assert np.array_equal(alone[layer], apart[layer])


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> list[Arrays]:
    """Two frames without mirrors: a cube that turns in the air, a ball, a camera that goes by."""
    cube = thing("object-2", "cube", (1.0, 0.2, 1.6), rests=False, velocity=(-1.5, 0, 3.0))
    matte = [
        one.model_copy(update={"surface": MATTE.model_copy(update={"color": (0.6, 0.1, 0.1)})})
        for one in (BALL, cube)
    ]
    asked = (*ASKED_OF_RENDERER["flow"], "distance", "normals")
    return arrays(
        tmp_path_factory.mktemp("m") / "job",
        asked,
        denoise=True,
        things=tuple(matte),
        frames=2,
        samples=32,
        ground=MATTE,
        sun=Sun(elevation=40, azimuth=120, angle=1, strength=0, color=(1, 1, 1)),
    )


@rendering
def test_forward_flow_warps_the_next_frame_onto_this_one(
    moving: list[Arrays],
) -> None:
    now, then = moving
    forward, backward = now["flow_forward"], then["flow_backward"]
    warped, same = _warped(then, forward)
    returned = _sampled(np.nan_to_num(backward, nan=99), forward)
    both = same & (np.abs(returned + np.nan_to_num(forward)).max(axis=2) < 0.3)
    assert both.mean() > 0.4
    here = now["rgb_full"].astype(np.float32)
    wrong = np.abs(warped - here).mean(axis=2)[both].mean()
    unmoved = np.abs(then["rgb_full"].astype(np.float32) - here).mean(axis=2)[both].mean()
    assert wrong <= 2
    assert unmoved > 2 * wrong


def _warped(then: Arrays, forward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the next picture at where this one's points went, and where it shows them."""
    inside = np.isfinite(forward).all(axis=2)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    for place, step in ((columns, 0), (rows, 1)):
        at = place + np.nan_to_num(forward[..., step])
        inside &= (at >= 1) & (at <= SIDE - 2)
    # Pixels on an outline mix two surfaces, which no flow tells apart.
    inner = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return _sampled(then["rgb_full"].astype(np.float32), forward), inner


def _sampled(picture: np.ndarray, flow: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    at = [place + np.nan_to_num(flow[..., k]) for k, place in enumerate((columns, rows))]
    return np.asarray(cv2.remap(picture, at[0], at[1], cv2.INTER_LINEAR))


@rendering
def test_flow_ends_where_the_clip_does(moving: list[Arrays]) -> None:
    assert np.isnan(moving[0]["flow_backward"]).all()
    assert np.isnan(moving[1]["flow_forward"]).all()


@rendering
def test_distance_and_normals_are_those_of_the_ground(moving: list[Arrays]) -> None:
    """The camera's place and the row of a pixel say how far the ground is there."""
    ground = (moving[0]["instances"] == 0) & (moving[0]["distance"] > 0)
    assert np.allclose(moving[0]["normals"][ground], (0, 0, 1), atol=1e-4)
    assert ground[-1, 0]
    sight = np.array([0, 6.0, -2.0]) / np.hypot(6, 2)
    up = np.array([0, 2.0, 6.0]) / np.hypot(6, 2)
    down = ((SIDE - 0.5) - SIDE / 2) / (40 / 32 * SIDE)
    ray = sight - down * up
    assert moving[0]["distance"][-1, 0] == pytest.approx(2.5 / -ray[2], rel=1e-3)
    assert not moving[0]["distance"][0].any(), "the sky is nowhere"


def test_layers_of_labels_have_names_of_their_own() -> None:
    every = label_layers(tuple(ASKED_OF_RENDERER), 2)
    assert len(set(every)) == len(every)
    assert all(len(name) <= 20 for name in every)
    assert "light_bgr_01" in every
    assert label_layers((), 5) == ()


def test_a_shadow_is_a_share_of_light_and_a_reflection_is_added_light() -> None:
    removed = np.full((1, 3, 3), 0.4, np.float32)
    plate = removed * np.array([0.5, 1.0, 1.5], np.float32)[None, :, None]
    shadow, reflection = split_effect(removed, plate)
    assert shadow.tolist() == [[128, 0, 0]]
    assert reflection[0, :2].tolist() == [[0, 0, 0], [0, 0, 0]]
    assert np.array_equal(reflection[0, 2], to_stored(np.full((1, 1, 3), 0.2, np.float32))[0, 0])


@rendering
def test_a_lens_blurs_what_is_far_more_than_what_is_in_focus(tmp_path: Path) -> None:
    """A striped ball in front, in focus, and a striped wall far behind."""
    striped = MATTE.model_copy(
        update={"pattern": "checker", "scale": 5.0, "second": (0.9, 0.9, 0.9)}
    )
    near = BALL.model_copy(update={"surface": striped})
    fine = striped.model_copy(update={"scale": 24.0})
    wall = Wall(location=(0, 9), towards=(0, -6), width=30, height=14, surface=fine)
    sharp = scene(near, walls=(wall,))
    (frame,) = arrays(
        tmp_path / "job",
        ASKED_OF_RENDERER["defocus"],
        denoise=True,
        things=(near,),
        samples=32,
        walls=(wall,),
        camera=focused(sharp, 0.2).camera,
    )
    assert focused(sharp, 0.2).camera.focus == pytest.approx(6, abs=0.3)
    before = frame["rgb_full"].astype(np.float32).mean(axis=2)
    after = to_stored(np.clip(frame["defocus"], 0, 1)).astype(np.float32).mean(axis=2)
    rows, columns = np.nonzero(
        cv2.erode((frame["instances"] == 1).astype(np.uint8), np.ones((5, 5)))
    )
    ball = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    behind = slice(0, 8), slice(0, SIDE)
    steps = [
        [np.abs(np.diff(one[part])).mean() for one in (before, after)] for part in (ball, behind)
    ]
    kept = [blurred / exact for exact, blurred in steps]
    assert kept[0] > 2 * kept[1], kept
    assert kept[1] < 0.3, kept

"""The painted clips of the demo project."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.media.demo_clip import DemoFrame, demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize
from matteweb.errors import NotFound

SIZE = FrameSize(160, 96)
SLUGS = [scene.slug for scene in demo_scenes()]
every_scene = pytest.mark.parametrize("slug", SLUGS)


def _frames(slug: str, count: int = 6, seed: int = 1) -> list[DemoFrame]:
    return list(demo_clip(slug, size=SIZE, frames=count, seed=seed))


def test_there_are_several_scenes_with_names_and_captions() -> None:
    assert len(set(SLUGS)) == len(SLUGS) >= 4
    assert all(scene.label and scene.caption.endswith(".") for scene in demo_scenes())
    with pytest.raises(NotFound, match="no demo scene 'moon'"):
        demo_clip("moon")


@every_scene
def test_the_figure_is_large_enough_to_be_pasted_and_softly_edged(slug: str) -> None:
    for frame in _frames(slug):
        cover = frame.alpha.mean() / 255
        assert 0.1 < cover < 0.5
        assert ((frame.alpha > 0) & (frame.alpha < 255)).any()


@every_scene
def test_the_picture_is_the_backdrop_where_alpha_is_zero(slug: str) -> None:
    for frame in _frames(slug):
        assert frame.rgb.shape == (96, 160, 3)
        assert np.array_equal(frame.rgb[frame.alpha == 0], frame.backdrop[frame.alpha == 0])
        assert frame.backdrop.std() > 10


@every_scene
def test_the_same_seed_is_the_same_pixels_and_frames_move(slug: str) -> None:
    once, again, other = _frames(slug), _frames(slug), _frames(slug, seed=2)
    for one, two in zip(once, again, strict=True):
        assert np.array_equal(one.rgb, two.rgb)
        assert np.array_equal(one.alpha, two.alpha)
    assert not np.array_equal(once[0].rgb, other[0].rgb)
    assert not np.array_equal(once[0].rgb, once[1].rgb)
    assert not np.array_equal(once[0].alpha, once[1].alpha)


def test_one_frame_and_other_shapes_can_be_asked_for() -> None:
    assert len(_frames("boat", 1)) == 1
    tall = next(demo_clip("kite", size=FrameSize(60, 100), frames=2))
    assert tall.alpha.shape == (100, 60)

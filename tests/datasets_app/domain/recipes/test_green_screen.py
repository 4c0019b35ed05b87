"""Green screen: the source as it is, a soft alpha, each clip in turn, garbage cut away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, PoolMask
from datasets_app.domain.recipes.green_screen import (
    GreenScreen,
    GreenScreenParams,
    GreenScreenPlan,
)
from datasets_app.domain.synthesis.planner import plan_sample
from matteweb.errors import BadInput
from tests.scenes import SIZE, Scenes
from tests.studio import add_studio, studio_frame


@pytest.fixture
def scenes(tmp_path: Path) -> Scenes:
    made = Scenes(tmp_path)
    made.add("beach", cover=None)
    add_studio(made, 10)
    return made


def planned(scenes: Scenes, index: int = 0, **params: Any) -> GreenScreenPlan:
    asked = GreenScreenParams(**{"clips": "studio", **params})
    return plan_sample(GreenScreen(), asked, scenes.pool, root_seed=1, index=index).plan


def made(plan: GreenScreenPlan, scenes: Scenes) -> list[Layers]:
    return list(GreenScreen().render(plan, scenes.sources, ignore_progress, never_stop))


def has_all_its_pictures(wanted: Sequence[int], source: Sequence[RgbFrame]) -> None:
    assert list(wanted) == list(range(len(source)))


def test_there_is_one_soft_matte_for_every_frame_and_the_source_is_untouched(
    scenes: Scenes,
) -> None:
    """A lossy mask is not what was keyed."""
    frames = made(planned(scenes), scenes)
    source = list(read_rgb(scenes.sources["studio-clip"]))
    has_all_its_pictures(range(len(frames)), source)
    with pytest.raises(AssertionError):  # the counter of pictures ends one behind the last of them
        has_all_its_pictures(range(len(source) + 1), source)
    for number, (layers, picture) in enumerate(zip(frames, source, strict=True)):
        truth = studio_frame(SIZE, number)[1].astype(int)
        assert np.array_equal(layers["rgb_full"], picture)
        assert np.abs(layers["alpha"] - truth).mean() < 6
        assert ((layers["alpha"] > 20) & (layers["alpha"] < 235)).any()


def test_a_colour_that_was_picked_is_used(scenes: Scenes) -> None:
    plan = planned(scenes, screen="#32A03C")
    assert plan.screen == "#32a03c"
    assert made(plan, scenes)[0]["alpha"].max() == 255


def test_a_clip_without_a_screen_is_named(scenes: Scenes) -> None:
    with pytest.raises(BadInput, match="beach shows no green or blue screen"):
        made(planned(scenes, clips="beach"), scenes)


def test_every_clip_has_its_turn_before_any_is_keyed_again(scenes: Scenes) -> None:
    for name in ("b", "c"):
        scenes.add(f"studio {name}", cover=None)
    turns = [planned(scenes, index=index).clip.name for index in range(6)]
    assert len(set(turns[:3])) == 3
    assert turns[3:] == turns[:3]


def test_a_name_that_no_clip_has_is_said(scenes: Scenes) -> None:
    survey = GreenScreen().survey(GreenScreenParams(clips="nobody"), scenes.pool)
    assert (survey.possible, survey.reason) == (False, "no clip has that name")


def test_a_mask_called_garbage_cuts_away_what_it_marks(scenes: Scenes) -> None:
    path = scenes.folder / "garbage.mkv"
    marked = np.zeros((SIZE.height, SIZE.width), np.uint8)
    marked[:, :30] = 255
    with GrayMasterWriter(path, SIZE, Fraction(25)) as out:
        for _ in range(10):
            out.write(marked)
    scenes.sources["rubbish"] = path
    mask = PoolMask(
        5, "rubbish", "garbage", 10, SIZE.width, SIZE.height, False, lambda: marked[None]
    )
    scenes.clips = [
        replace(clip, garbage=mask) if clip.name == "studio" else clip for clip in scenes.clips
    ]
    plan = planned(scenes)
    assert plan.garbage is not None
    for layers in made(plan, scenes):
        assert layers["alpha"][:, :30].max() == 0
        assert layers["alpha"].max() == 255


def test_holding_steadies_the_matte(scenes: Scenes) -> None:
    held, free = (
        np.array([layers["alpha"][:6] for layers in made(planned(scenes, hold=hold), scenes)], int)
        for hold in (2, 0)
    )
    assert np.abs(np.diff(held, axis=0)).mean() <= np.abs(np.diff(free, axis=0)).mean()

"""The second picture of a frame, rendered only where it can differ: what it may differ by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.scenes.renderer import render_events, renderer, whole_picture
from datasets_app.domain.synthesis.planner import plan_sample
from tests.datasets_app.domain.scenes.test_renderer import CUBE, read, scene, thing

rendering = pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing())

SIDE = 128
SMALL = thing("object-1", "sphere", (-1.4, 0.0, 0.3), size=0.5, removed=True)


def frames(folder: Path, *, shortcut: bool) -> list[dict[str, Any]]:
    """Return pictures and box of each frame: a small ball at the left, a cube at the right."""
    folder.mkdir()
    described = scene(SMALL, CUBE, samples=8, width=SIDE, height=SIDE)
    layers = ("rgb_full", "rgb_removed", "instances")
    events = render_events(described, layers, folder, never_stop, threads=2, shortcut=shortcut)
    told = [event for event in events if event["event"] == "frame"]
    return [read(folder, event["layers"]) | {"box": event["box"]} for event in told]


@rendering
def test_what_is_copied_is_within_the_noise_of_what_would_have_been_rendered(
    tmp_path: Path,
) -> None:
    exact = frames(tmp_path / "off", shortcut=False)
    quick = frames(tmp_path / "on", shortcut=True)
    for off, on in zip(exact, quick, strict=True):
        assert off["box"] is None
        left, top, right, bottom = on["box"]
        assert 0 < (right - left) * (bottom - top) < 0.8 * SIDE * SIDE
        assert np.array_equal(on["rgb_full"], off["rgb_full"])
        removed = whole_picture(on["rgb_full"], on["rgb_removed"], on["box"])
        differs = np.abs(removed.astype(int) - off["rgb_removed"])
        assert differs.mean() <= 0.25
        differs[top:bottom, left:right] = 0
        assert differs.max() <= 4
        gone = on["instances"] == 1
        assert not gone[:top].any()
        assert gone[top:bottom, left:right].sum() == gone.sum()


@rendering
def test_a_sample_with_the_shortcut_has_every_layer_in_one_piece() -> None:
    """The layer of the effect is nothing outside of the box; labels of light are pieced too."""
    recipe = EffectRemoval()
    params = recipe.params(side=SIDE, frames=1, shadows=True, shortcut=True)
    drawn = plan_sample(recipe, params, Pool(), root_seed=4, index=0).plan
    assert drawn.shortcut
    small = scene(SMALL, CUBE, samples=2, width=SIDE, height=SIDE)
    plan = drawn.model_copy(update={"scene": small})
    (layers,) = recipe.render(plan, {}, ignore_progress, never_stop)
    assert set(layers) == {spec.name for spec in plan.sample_layers(recipe.layers)}
    same = (layers["rgb_full"] == layers["rgb_removed"]).all(axis=2)
    assert same.mean() > 0.2
    assert not layers["effect"][same].any()
    assert layers["shadow"][:2].max() <= 5, "noise of two renders that were denoised apart"


def test_a_picture_of_which_a_part_was_rendered_is_the_first_elsewhere() -> None:
    first, second = np.zeros((4, 5, 3), np.uint8), np.full((4, 5, 3), 9, np.uint8)
    whole = whole_picture(first, second, [1, 2, 4, 3])
    assert whole.sum() == 3 * 9 * 3
    assert (whole[2, 1:4] == 9).all()
    assert not first.any()
    assert whole_picture(first, second, None) is second

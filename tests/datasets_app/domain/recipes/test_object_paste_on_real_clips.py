"""ObjectPaste on footage, where it lies beside the project."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import GrayDeliveryWriter, RgbDeliveryWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Pool, PoolClip, PoolMask
from datasets_app.domain.recipes.object_paste import (
    ObjectPaste,
    ObjectPasteParams,
    ObjectPastePlan,
)
from datasets_app.domain.synthesis.planner import plan_sample
from tests import clips
from tests.scenes import planning

RECIPE = ObjectPaste()


def real_clip(folder: Path) -> PoolClip:
    """Return a clip of 640x384 with its masks, whose digests are their paths."""
    masks: list[PoolMask] = []
    for path in sorted(folder.glob("mask_*.mp4")):
        stack = planning([(mask > 127).astype(np.uint8) * 255 for mask in read_gray(path)])
        masks.append(
            PoolMask(
                id=len(masks),
                digest=str(path),
                name=path.stem,
                frames=len(stack),
                width=640,
                height=384,
                soft=False,
                load_small=lambda stack=stack: stack,  # type: ignore[misc]
            )
        )
    return PoolClip(
        id=1,
        digest=str(folder / "input_video.mp4"),
        group=folder.name,
        name=folder.name,
        frames=masks[0].frames,
        width=640,
        height=384,
        fps=Fraction(16),
        masks=tuple(masks),
        caption="",
    )


def plan_of(pool: Pool, *, index: int, **params: object) -> ObjectPastePlan:
    checked = ObjectPasteParams.model_validate(params)
    return plan_sample(RECIPE, checked, pool, root_seed=5, index=index).plan


@clips.needs_clips
def test_five_of_the_eight_real_masks_are_too_small_for_the_casper_limits() -> None:
    folders = sorted(path.parent for path in clips.ROOT.glob("*/input_video.mp4"))
    found = Pool(clips=tuple(real_clip(folder) for folder in folders))
    survey = RECIPE.survey(ObjectPasteParams(), found)
    assert sorted(mask.name for mask in survey.admitted) == [
        "animator-draw / mask_00",
        "davis_camel / mask_00",
        "davis_kite-walk / mask_01",
    ]
    figures = {mask.name: mask.figure for mask in survey.left_out}
    assert len(figures) == 5
    assert figures["davis_kite-walk / mask_00"] == pytest.approx(0.018, abs=0.0005)
    two = tuple(clip for clip in found.clips if clip.name in ("davis_camel", "davis_kite-walk"))
    first_masks = Pool(clips=tuple(replace(clip, masks=clip.masks[:1]) for clip in two))
    plans = [plan_of(first_masks, index=index) for index in range(20)]
    assert {plan.foreground.name for plan in plans} == {"davis_camel"}


@clips.needs_clips
@pytest.mark.parametrize("soft_edge", [0, 3])
def test_delivered_streams_differ_only_where_the_mask_removes(
    tmp_path: Path, soft_edge: int
) -> None:
    pair = ("davis_camel", "davis_kite-walk")
    pool = Pool(clips=tuple(real_clip(clips.ROOT / name) for name in pair))
    plan = plan_of(pool, index=0, soft_edge=soft_edge, max_frames=24)
    sources = {digest: Path(digest) for digest in plan.inputs}
    size = FrameSize(plan.width, plan.height)
    full, removed, mask = (tmp_path / f"{name}.mp4" for name in ("full", "removed", "mask"))
    with (
        RgbDeliveryWriter(full, size, Fraction(16)) as full_out,
        RgbDeliveryWriter(removed, size, Fraction(16)) as removed_out,
        GrayDeliveryWriter(mask, size, Fraction(16)) as mask_out,
    ):
        for layers in RECIPE.render(plan, sources, ignore_progress, never_stop):
            full_out.write(layers["rgb_full"])
            removed_out.write(layers["rgb_removed"])
            mask_out.write(layers["mask"])
    counts = np.zeros(256, np.int64)
    for one, other, keep in zip(read_rgb(full), read_rgb(removed), read_gray(mask), strict=True):
        counts += np.bincount(cv2.absdiff(one, other)[keep != 0].ravel(), minlength=256)
    assert (counts * np.arange(256)).sum() / counts.sum() <= 1
    assert counts[:7].sum() / counts.sum() >= 0.999

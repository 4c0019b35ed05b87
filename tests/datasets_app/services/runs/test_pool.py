"""What a run froze is opened again, also what the first release froze."""

from __future__ import annotations

import pytest

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.models import Asset
from datasets_app.services.runs.pool import pool_freeze, pool_open, sources_of_plan
from tests.rendered import Rendered

pytestmark = pytest.mark.django_db


def test_a_list_of_videos_is_still_opened_and_gives_the_same_plans(rendered: Rendered) -> None:
    now = pool_freeze(rendered.project)
    then = now["videos"]
    plans = []
    for frozen in (now, then):
        pool = pool_open(frozen)
        recipe = RECIPES["object_paste"]
        plan = plan_sample(recipe, recipe.params(), pool, root_seed=7, index=0).plan
        plans.append((plan, sources_of_plan(frozen, plan)))
    assert plans[0] == plans[1]
    assert {source["role"] for source in plans[0][1]} == {"foreground", "background"}


def test_ready_stills_are_backgrounds_and_others_are_not(rendered: Rendered) -> None:
    template = rendered.videos[0]
    for name, state in (("wall", "ready"), ("broken", "failed")):
        Asset.objects.create(
            project=rendered.project,
            name=name,
            kind=Asset.Kind.STILL,
            state=state,
            original_id=template.original_id,
            frames=1,
            width=96,
            height=64,
            fps_num=1,
            fps_den=1,
        )
    pool = pool_open(pool_freeze(rendered.project))
    assert [one.name for one in pool.backgrounds] == ["wall"]
    assert pool.backgrounds[0].fps is None
    assert len(pool.as_backgrounds()) == 1 + len(rendered.videos)


def test_masks_called_depth_and_garbage_are_no_subjects(rendered: Rendered) -> None:
    video = rendered.videos[0]
    before = next(clip for clip in pool_open(pool_freeze(rendered.project)).clips)
    for name in ("Depth", "garbage"):
        copied = video.masks.order_by("id")[0]
        copied.pk, copied.name = None, name
        copied.save()
    clips = pool_open(pool_freeze(rendered.project)).clips
    clip = next(one for one in clips if one.id == video.pk)
    assert len(clip.masks) == 1
    assert clip.masks[0].name not in {"Depth", "garbage"}
    assert clip.depth is not None
    assert clip.garbage is not None
    assert before.depth is None

"""What a plan leaves on its sample."""

from __future__ import annotations

from datasets_app.domain.captions import LENGTHS, Captions
from datasets_app.domain.captions.scene_facts import scene_facts
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.models import SynthesisRun
from datasets_app.services.runs.sample_plans import longer_captions, plan_fields

EMPTY = SynthesisRun(pool={"videos": [], "assets": []})


def test_a_rendered_scene_gives_its_sample_every_length() -> None:
    recipe = EffectRemoval()
    plan = plan_sample(recipe, recipe.params(), Pool(), root_seed=2, index=0).plan
    fields = plan_fields(EMPTY, plan)
    told = scene_facts(plan.scene)
    assert fields["caption"] == told.short
    assert list(fields["longer_captions"]) == [length for length in LENGTHS if length != "short"]
    assert fields["longer_captions"]["verbose"] == told.verbose


def test_only_what_is_said_is_kept() -> None:
    assert longer_captions(Captions(short="a cup", summary="cup")) == {"summary": "cup"}

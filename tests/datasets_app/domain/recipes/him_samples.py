"""Samples of HIM image as its tests want them."""

from __future__ import annotations

import numpy as np

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, Pool
from datasets_app.domain.recipes.him_image import HimImage, HimImageParams, HimImagePlan
from datasets_app.domain.synthesis.planner import plan_sample
from tests.subjects import Subjects

RECIPE = HimImage()


def plan_of(pool: Pool, *, index: int = 0, **params: object) -> HimImagePlan:
    checked = HimImageParams.model_validate(params)
    return plan_sample(RECIPE, checked, pool, root_seed=5, index=index).plan


def render(plan: HimImagePlan, made: Subjects) -> Layers:
    (layers,) = RECIPE.render(plan, made.sources, ignore_progress, never_stop)
    return layers


def alphas(layers: Layers) -> list[np.ndarray]:
    return [layers[name] for name in sorted(layers) if name.startswith("alpha_")]

"""The recipes: one file each, listed here."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from datasets_app.domain.recipes.base import Recipe
from datasets_app.domain.recipes.composite import Composite
from datasets_app.domain.recipes.defocus import Defocus
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.recipes.object_paste import ObjectPaste

RECIPES: Registry[Recipe] = Registry("recipe", [ObjectPaste(), Composite(), Defocus(), EffectRemoval()])

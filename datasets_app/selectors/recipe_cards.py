"""The recipes as the page offers them: each with its picture, where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.contrib.staticfiles import finders

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Recipe


@dataclass(frozen=True, slots=True)
class RecipeCard:
    """``picture`` is a path of a static file, "" without one."""

    recipe: Recipe
    picture: str


def recipe_cards() -> list[RecipeCard]:
    """Return one card per recipe, in the order of the list."""
    return [RecipeCard(recipe, recipe_picture(recipe.info.slug)) for recipe in RECIPES]


@lru_cache(maxsize=64)
def recipe_picture(slug: str) -> str:
    """Return the static path of a recipe's picture, "" when there is none."""
    path = f"img/recipes/{slug}.webp"
    return path if finders.find(path) else ""

"""The page that offers the recipes: each with a card, a form, a picture, a sentence, a try."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import cv2
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Recipe
from datasets_app.selectors.recipe_cards import recipe_cards
from matteweb.accounts.models import Role
from tests import factories
from tests.rendered import Rendered

pytestmark = pytest.mark.django_db

ENOUGH: dict[str, dict[str, Any]] = {
    "him_image": {"counts": "1:1"},
    "him_video": {"counts": "1:1", "frames": 9, "level": "easy"},
}
"""What makes a sample possible with two short videos, where the defaults ask for more."""

recipes = pytest.mark.parametrize("recipe", [pytest.param(r, id=r.info.slug) for r in RECIPES])


@recipes
def test_every_recipe_has_a_form_a_picture_a_sentence_and_a_try(
    recipe: Recipe, rendered: Rendered
) -> None:
    browser = Client()
    browser.force_login(factories.member(rendered.project, Role.LEAD))
    slug = recipe.info.slug
    page = reverse("synthesize", kwargs={"project": rendered.project.slug})
    shown = browser.get(page, {"recipe": slug} | ENOUGH.get(slug, {})).content.decode()
    for name, field in recipe.params.model_fields.items():
        assert f'name="{name}"' in shown
        assert escape(str(field.title)) in shown
    assert escape(recipe.needs) in shown
    assert shown.count(f"img/recipes/{slug}.webp") == 2  # on its card and above its form
    for one in RECIPES:
        assert f"?recipe={one.info.slug}" in shown
        assert escape(one.info.label) in shown
        assert escape(one.info.summary) in shown
    missing = recipe.unavailable()
    assert escape(missing) in shown
    assert ('data-action="synthesize.try"' in shown) == (not missing)


def test_every_recipe_has_a_picture_and_they_are_of_one_size() -> None:
    for card in recipe_cards():
        assert card.picture, f"{card.recipe.info.slug} has none: python -m scripts.recipe_pictures"
        file = Path(settings.BASE_DIR) / "frontend/static" / card.picture
        found = cv2.imread(str(file))
        assert found is not None
        assert found.shape == (288, 480, 3)
        assert file.stat().st_size < 60_000


def test_a_colour_that_a_clip_can_give_has_a_button_to_pick_it(rendered: Rendered) -> None:
    browser = Client()
    browser.force_login(factories.member(rendered.project, Role.VIEWER))
    page = reverse("synthesize", kwargs={"project": rendered.project.slug})
    keyed, other = (
        browser.get(page, {"recipe": slug}).content.decode() for slug in ("green_screen", "frames")
    )
    assert 'data-picks="f-screen"' in keyed
    assert (
        f'data-footage="{reverse("footage", kwargs={"project": rendered.project.slug})}"' in keyed
    )
    assert "data-picks" not in other

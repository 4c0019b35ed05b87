"""The page that offers the recipes: a card for each, with what it needs and gives."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from datasets_app.domain.recipes import RECIPES
from datasets_app.selectors.recipe_cards import recipe_cards
from tests import factories

pytestmark = pytest.mark.django_db

PICTURED = {"object_paste", "composite", "defocus", "moving_objects", "green_screen", "frames"}


def test_every_recipe_has_a_card_and_its_form_says_what_it_needs() -> None:
    owner = factories.user()
    project = factories.project(owner=owner)
    browser = Client()
    browser.force_login(owner)
    for recipe in (RECIPES["composite"], RECIPES["green_screen"]):
        page = reverse("synthesize", kwargs={"project": project.slug})
        shown = browser.get(page, {"recipe": recipe.info.slug}).content.decode()
        for one in RECIPES:
            assert f"?recipe={one.info.slug}" in shown
            assert one.info.label in shown
        assert recipe.needs in shown.replace("&#x27;", "'")
        assert "img/recipes/composite.webp" in shown


def test_the_pictures_are_there_and_of_one_size() -> None:
    cards = {card.recipe.info.slug: card.picture for card in recipe_cards()}
    assert {slug for slug, picture in cards.items() if picture} >= PICTURED
    for picture in filter(None, cards.values()):
        file = Path(settings.BASE_DIR) / "frontend/static" / picture
        found = cv2.imread(str(file))
        assert found is not None
        assert found.shape == (288, 480, 3)
        assert file.stat().st_size < 60_000

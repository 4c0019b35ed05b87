"""The recipes: one file each, listed here."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from datasets_app.domain.recipes.base import Recipe
from datasets_app.domain.recipes.composite import Composite
from datasets_app.domain.recipes.defocus import Defocus
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.recipes.frames import Frames
from datasets_app.domain.recipes.green_screen import GreenScreen
from datasets_app.domain.recipes.him_image import HimImage
from datasets_app.domain.recipes.him_video import HimVideo
from datasets_app.domain.recipes.moving_objects import MovingObjects
from datasets_app.domain.recipes.object_paste import ObjectPaste

RECIPES: Registry[Recipe] = Registry(
    "recipe",
    [
        ObjectPaste(),
        Composite(),
        Defocus(),
        HimImage(),
        HimVideo(),
        MovingObjects(),
        GreenScreen(),
        Frames(),
        EffectRemoval(),
    ],
)

"""Masks without a hand: the list."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from inference_app.domain.automatic.base import MaskMaker
from inference_app.domain.automatic.chroma import Chroma
from inference_app.domain.automatic.motion import Motion
from inference_app.domain.automatic.person_box import PersonBox

MAKERS: Registry[MaskMaker] = Registry("mask maker", [Chroma(), Motion(), PersonBox()])

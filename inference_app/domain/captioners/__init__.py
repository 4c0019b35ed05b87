"""The captioners: one file each, listed here."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from inference_app.domain.captioners.base import Captioner
from inference_app.domain.captioners.blip import BlipCaptioner
from inference_app.domain.captioners.openai_vision import OpenAiVision

CAPTIONERS: Registry[Captioner] = Registry("captioner", [OpenAiVision(), BlipCaptioner()])

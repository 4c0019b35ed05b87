"""Masks by hand: marks on frames become masks, masks travel through a clip."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from inference_app.domain.interactive.base import InteractiveEngine
from inference_app.domain.interactive.memory_network import MemoryNetworkEngine
from inference_app.domain.interactive.sam2 import Sam2Engine
from inference_app.domain.interactive.scribble import ScribbleEngine

ENGINES: Registry[InteractiveEngine] = Registry(
    "engine", [ScribbleEngine(), Sam2Engine(), MemoryNetworkEngine()]
)

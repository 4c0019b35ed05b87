"""Segmenters whose masks guide a matting network: the list."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from inference_app.domain.segmenters.base import Segmenter
from inference_app.domain.segmenters.boxed import Boxed
from inference_app.domain.segmenters.carried import Carried
from inference_app.domain.segmenters.moving import Moving

SEGMENTERS: Registry[Segmenter] = Registry("segmenter", [Boxed(), Carried(), Moving()])

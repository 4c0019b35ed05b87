"""The predictors: one file each, listed here."""

from __future__ import annotations

from datasets_app.domain.plugins import Registry
from inference_app.domain.predictors.base import Predictor

PREDICTORS: Registry[Predictor] = Registry("predictor", [])

"""Rows of the networks and of masks by hand."""

from __future__ import annotations

from inference_app.models.evaluation import EvaluatedSet, Evaluation
from inference_app.models.mask_session import (
    Interaction,
    InteractionKind,
    MaskObject,
    MaskSession,
    MaskVersion,
)
from inference_app.models.model_run import ModelRun, RunState
from inference_app.models.training import Training

__all__ = [
    "EvaluatedSet",
    "Evaluation",
    "Interaction",
    "InteractionKind",
    "MaskObject",
    "MaskSession",
    "MaskVersion",
    "ModelRun",
    "RunState",
    "Training",
]

"""Rows of the networks and of masks by hand."""

from __future__ import annotations

from inference_app.models.evaluation import EvaluatedSet, Evaluation
from inference_app.models.fusion_training import FusionTraining
from inference_app.models.hard_example import HardExample, HardState
from inference_app.models.mask_evaluation import MaskEvaluation, MeasuredClip
from inference_app.models.mask_export import MaskExport
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
    "FusionTraining",
    "HardExample",
    "HardState",
    "Interaction",
    "InteractionKind",
    "MaskEvaluation",
    "MaskExport",
    "MaskObject",
    "MaskSession",
    "MaskVersion",
    "MeasuredClip",
    "ModelRun",
    "RunState",
    "Training",
]

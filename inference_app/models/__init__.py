"""Rows of the networks and of masks by hand."""

from __future__ import annotations

from inference_app.models.mask_session import (
    Interaction,
    InteractionKind,
    MaskObject,
    MaskSession,
    MaskVersion,
)

__all__ = ["Interaction", "InteractionKind", "MaskObject", "MaskSession", "MaskVersion"]

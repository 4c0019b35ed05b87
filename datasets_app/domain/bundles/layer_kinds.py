"""What kind of picture a layer's delivered stream is, from its name alone."""

from __future__ import annotations

from datasets_app.domain.media.measured import layer_kind


def is_gray(layer: str) -> bool:
    """Whether a layer has one channel of 8 bits: a mask, an alpha, numbers. A measured one is shown
    in colours."""
    return layer_kind(layer) == "gray"

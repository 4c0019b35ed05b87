"""What kind of picture a layer is, from its name alone: a manifest names layers and no more."""

from __future__ import annotations

from typing import Final

_COLOUR: Final = ("rgb", "fgr", "bgr")


def is_gray(layer: str) -> bool:
    """Whether a layer has one channel: a mask, an alpha, numbers, depth. The coloured ones are
    ``rgb_...``, ``fgr`` and ``bgr``, alone or numbered."""
    return layer.split("_")[0] not in _COLOUR

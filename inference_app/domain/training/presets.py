"""Ways to train that are worth offering, from a first try to the large shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from matteweb.errors import BadInput


@dataclass(frozen=True, slots=True)
class Preset:
    """Values of a plan that differ from its defaults; whoever starts may change ``steps``."""

    slug: str
    label: str
    note: str
    values: dict[str, Any] = field(default_factory=dict)


_LIGHT: dict[str, Any] = {
    "steps": 4000,
    "rate": 1.3e-3,
    "main": {"batch": 5, "frames": 2, "side": 128},
    "last": {"batch": 3, "frames": 4, "side": 128, "steady": 4.0},
    "dtype": "bfloat16",
}

_FLOW_UNET: dict[str, Any] = {
    "network": "flow_unet",
    "steps": 8000,
    "rate": 2e-3,
    "main": {"batch": 6, "frames": 3, "side": 128},
    "last": {"batch": 4, "frames": 4, "side": 128, "steady": 4.0},
    "dtype": "bfloat16",
}

PRESETS = {
    preset.slug: preset
    for preset in (
        Preset("light", "Light", "0.66 M parameters, for a processor", _LIGHT),
        Preset("flow_unet", "Flow U-Net", "0.32 M parameters, a quarter of the time", _FLOW_UNET),
        Preset(
            "first_try",
            "First try",
            "the light shape for a few minutes, to see the curve fall",
            _LIGHT
            | {
                "steps": 300,
                "validate_every": 50,
                "save_every": 50,
                "sprites": 100,
                "textures": 100,
            },
        ),
        Preset(
            "heavy",
            "Heavy",
            "1.7 M parameters, for a graphics card",
            {
                "shape": "heavy",
                "steps": 40_000,
                "main": {"batch": 16, "frames": 3, "side": 192},
                "last": {"batch": 8, "frames": 8, "side": 256, "steady": 4.0},
                "dtype": "bfloat16",
            },
        ),
        Preset(
            "memory",
            "Little memory",
            "the light shape, a fifth as many pixels at a time",
            _LIGHT
            | {
                "main": {"batch": 2, "frames": 2, "side": 96},
                "last": {"batch": 1, "frames": 4, "side": 96, "steady": 4.0},
            },
        ),
    )
}


def preset_values(slug: str) -> dict[str, Any]:
    """Return the values of a preset. Raises BadInput for one that there is not."""
    if slug not in PRESETS:
        raise BadInput(f"there is no preset {slug!r}", hint=f"known: {', '.join(PRESETS)}")
    return dict(PRESETS[slug].values)

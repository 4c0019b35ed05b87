"""What the probe found, in words for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def fact_words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and value of what is worth showing, in a fixed order; what is ordinary, such as
    square pixels or upright frames, is left out.
    """
    found = [(label, say(facts)) for label, say in _LINES]
    return [(label, words) for label, words in found if words]


def _text(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda facts: str(facts.get(key) or "")


def _range(facts: Mapping[str, Any]) -> str:
    if "full_range" not in facts:
        return ""
    return "full, 0 to 255" if facts["full_range"] else "limited, 16 to 235"


def _matrix(facts: Mapping[str, Any]) -> str:
    matrix = str(facts.get("matrix") or "")
    return f"{matrix} (assumed)" if matrix and facts.get("matrix_assumed") else matrix


def _rotation(facts: Mapping[str, Any]) -> str:
    turned = f"{facts['rotation']}°" if facts.get("rotation") else ""
    return " ".join(filter(None, [turned, "mirrored" if facts.get("mirrored") else ""]))


def _rate_range(facts: Mapping[str, Any]) -> str:
    if not facts.get("vfr"):
        return ""
    slowest, fastest = (rate[0] / rate[1] for rate in facts["vfr"])
    return f"{slowest:.2f} to {fastest:.2f} fps"


def _pixel_aspect(facts: Mapping[str, Any]) -> str:
    over, under = facts.get("pixel_aspect") or (1, 1)
    return "" if over == under else f"{over}:{under}"


def _depth(facts: Mapping[str, Any]) -> str:
    depth = facts.get("bit_depth") or 8
    return "" if depth == 8 else f"{depth} bits"


def _yes(key: str, words: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda facts: words if facts.get(key) else ""


_LINES: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("Codec", _text("codec")),
    ("Pixels", _text("pixels")),
    ("Vertices", _text("vertices")),
    ("Textures", _text("pictures")),
    ("Pixel format", _text("pix_fmt")),
    ("Depth", _depth),
    ("Value range", _range),
    ("Colour matrix", _matrix),
    ("Rotation", _rotation),
    ("Varying rate", _rate_range),
    ("Pixel aspect", _pixel_aspect),
    ("Interlaced", _yes("interlaced", "yes")),
    ("Opacity", _yes("has_alpha", "in the file")),
    ("Sound", _yes("has_audio", "in the file, not used")),
    ("Pictures", _text("names")),
)

"""What ingest found out about a subject with alpha: few numbers, to choose and to place by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from datasets_app.domain.synthesis.geometry.placement import Box


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """``box``: what the subject ever covers, in source pixels. ``area``: mean of alpha over frames
    and pixels, 0..1. ``soft``: share of the covered pixels that are neither 0 nor 255.

    ``sharpness``: standard deviation of the second derivative inside the subject, 0..255 scale;
    below about 4 a full-size subject looks out of focus. ``suspects``: frames whose matte seems
    to belong to another picture; recipes leave them out.
    """

    box: Box
    area: float
    soft: float
    sharpness: float
    suspects: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain numbers and lists."""
        return {**asdict(self), "box": list(self.box), "suspects": list(self.suspects)}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> AssetFacts:
        """Read what ``as_json`` wrote."""
        return cls(
            box=Box(*raw["box"]),
            area=float(raw["area"]),
            soft=float(raw["soft"]),
            sharpness=float(raw["sharpness"]),
            suspects=tuple(raw["suspects"]),
        )

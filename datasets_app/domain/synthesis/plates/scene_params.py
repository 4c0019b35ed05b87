"""Parameters that every recipe of a subject before a background has, with their form."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic.config import JsonDict

from datasets_app.domain.recipes.base import RecipeParams
from datasets_app.domain.synthesis.geometry.window import WindowRule
from datasets_app.domain.synthesis.plates.scene_pool import SceneLimits, Subjects
from datasets_app.domain.synthesis.sources.sides import SplitChoice, split_field

LONGEST = 100_000
_HEX = re.compile(r"#[0-9a-fA-F]{6}")

_SUBJECT: JsonDict = {"group": "Subject"}
_BACKGROUND: JsonDict = {"group": "Background"}
_FRAMES: JsonDict = {"group": "Frames"}

BackgroundKind = Literal["footage", "colour", "gradient", "mixed"]


class SceneParams(RecipeParams):
    """Which subject, where it stands, what lies behind it, how many frames."""

    subjects: Subjects = Field(
        "all",
        title="Subjects",
        description="assets: foregrounds with alpha. clips: videos, cut out by their masks",
        json_schema_extra=_SUBJECT,
    )
    split: SplitChoice = split_field(_SUBJECT)
    scale_min: float = Field(1.0, gt=0, le=4, title="Smallest scale", json_schema_extra=_SUBJECT)
    scale_max: float = Field(
        1.0,
        gt=0,
        le=4,
        title="Largest scale",
        description="1 keeps the framing in which the subject was filmed",
        json_schema_extra=_SUBJECT,
    )
    shift: float = Field(
        0.0,
        ge=0,
        le=0.5,
        title="Shift",
        description="Largest share of width and height, each way",
        json_schema_extra=_SUBJECT,
    )
    soft_edge: int = Field(
        3,
        ge=0,
        le=32,
        title="Soft edge",
        description="Pixels over which the edge of a hard mask fades; a soft alpha keeps its own",
        json_schema_extra={"unit": "px", **_SUBJECT},
    )
    background: BackgroundKind = Field(
        "footage",
        title="Background",
        description="footage: a still or clip of another scene. mixed: any of them, by chance",
        json_schema_extra=_BACKGROUND,
    )
    colour: str = Field(
        "",
        title="Colour",
        description="Of a plain background, as #rrggbb; empty draws one for each sample",
        json_schema_extra=_BACKGROUND,
    )
    camera: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Camera motion",
        description="0 stands still; 1 pans and zooms as far as the background reaches",
        json_schema_extra=_BACKGROUND,
    )
    short_side: int = Field(
        0,
        ge=0,
        le=4320,
        title="Short side",
        description="Of the frame; 0 is the size in which the subject was filmed",
        json_schema_extra={"unit": "px", **_FRAMES},
    )
    min_frames: int = Field(
        1, ge=1, le=LONGEST, title="Frames, at least", json_schema_extra=_FRAMES
    )
    max_frames: int = Field(
        240, ge=1, le=LONGEST, title="Frames, at most", json_schema_extra=_FRAMES
    )
    every_nth: int = Field(1, ge=1, le=240, title="Every n-th frame", json_schema_extra=_FRAMES)
    still_frames: int = Field(
        1,
        ge=1,
        le=LONGEST,
        title="Frames of stills",
        description="Length of a sample whose subject and background are both stills",
        json_schema_extra=_FRAMES,
    )

    @field_validator("colour")
    @classmethod
    def _colour(cls, text: str) -> str:
        return colour_text(text)

    @model_validator(mode="after")
    def _ordered(self) -> SceneParams:
        for low, high in (("scale_min", "scale_max"), ("min_frames", "max_frames")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} must not exceed {high}")
        return self

    @property
    def limits(self) -> SceneLimits:
        """Which subjects may be drawn."""
        return SceneLimits(self.subjects, (self.min_frames - 1) * self.every_nth + 1)

    @property
    def rule(self) -> WindowRule:
        """Which frames make a sample."""
        return WindowRule(self.every_nth, self.max_frames, max_stride=1)


def colour_text(text: str) -> str:
    """Return "" or #rrggbb in lower case. Raises ValueError for anything else."""
    if text and not _HEX.fullmatch(text):
        raise ValueError(f"{text!r} is no colour like #30a060")
    return text.lower()


def rgb_of(text: str) -> tuple[int, int, int]:
    """Return red, green, blue of #rrggbb."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)

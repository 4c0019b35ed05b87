"""Parameters that every recipe with several people has, each field declared once."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from datasets_app.domain.synthesis.crowd.crowd import SplitChoice
from datasets_app.domain.synthesis.crowd.crowd_plan import Foregrounds
from datasets_app.domain.synthesis.crowd.guidance import parse_sources


def _known(text: str) -> str:
    parse_sources(text)
    return text


EnlargeField = Annotated[
    bool,
    Field(title="Enlarge", description="People may be shown larger than they were filmed"),
]
SplitField = Annotated[SplitChoice, Field(title="Split", description="Draw from one side only")]
ForegroundsField = Annotated[
    Foregrounds,
    Field(title="Foreground colour", description="Store it once, per person, or not"),
]
GuidanceField = Annotated[
    str,
    AfterValidator(_known),
    Field(
        title="Guidance masks",
        description="Coarse masks of each person, a set per word: binary, rough, holed",
    ),
]

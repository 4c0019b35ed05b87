"""Parameters that every recipe with several people has, each field declared once."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from datasets_app.domain.synthesis.crowd.crowd_plan import Foregrounds
from datasets_app.domain.synthesis.crowd.guidance import parse_sources


def _known(text: str) -> str:
    parse_sources(text)
    return text


PEOPLE: Final[JsonDict] = {"group": "People"}
PLACES: Final[JsonDict] = {"group": "Places"}
LAYERS: Final[JsonDict] = {"group": "Layers"}

EnlargeField = Annotated[
    bool,
    Field(
        title="Enlarge",
        description="People may be shown larger than they were filmed",
        json_schema_extra=PLACES,
    ),
]
ForegroundsField = Annotated[
    Foregrounds,
    Field(
        title="Foreground colour",
        description="Store it once, per person, or not",
        json_schema_extra=LAYERS,
    ),
]
GuidanceField = Annotated[
    str,
    AfterValidator(_known),
    Field(
        title="Guidance masks",
        description="Coarse masks of each person, a set per word: binary, rough, holed",
        json_schema_extra=LAYERS,
    ),
]

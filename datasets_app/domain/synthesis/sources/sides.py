"""One side of a split: what may be drawn from it, and the choice as a form offers it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field
from pydantic.config import JsonDict

SplitChoice: TypeAlias = Literal["any", "train", "test"]


def is_on_side(own: str, asked: SplitChoice) -> bool:
    """Whether a source of the split ``own`` may be drawn; "" is on either side."""
    return asked == "any" or own in ("", asked)


def split_field(group: JsonDict | None = None) -> Any:
    """Return the field of a recipe that mixes several sources, in a group of its form."""
    return Field(
        "any",
        title="Split",
        description="Draw from one side only, and from what is on neither",
        json_schema_extra=group,
    )

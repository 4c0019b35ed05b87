"""The two sides of a split: what may be drawn from one, and the choice as a form offers it.

Whatever a split is called that is not there to train on, it is held out.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field
from pydantic.config import JsonDict

SplitChoice: TypeAlias = Literal["any", "train", "test"]


def is_on_side(own: str, asked: SplitChoice) -> bool:
    """Whether a source of the split ``own`` may be drawn; "" is on either side. "test" asks for all
    that is held out."""
    return asked == "any" or own == "" or (own == "train") == (asked == "train")


def split_field(group: JsonDict | None = None) -> Any:
    """Return the field of a recipe that mixes several sources, in a group of its form."""
    return Field(
        "any",
        title="Split",
        description="Draw from one side only, and from what is on neither; test is all that is "
        "held out",
        json_schema_extra=group,
    )

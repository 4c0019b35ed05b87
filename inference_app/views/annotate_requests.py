"""What the page of masks by hand sends, read and refused before anything is done with it."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from inference_app.services.masks.mask_sessions import Mark
from matteweb.accounts.api_errors import pydantic_fields
from matteweb.accounts.request_numbers import is_too_large
from matteweb.errors import BadInput

_TOLD = 3


class MarkGiven(BaseModel):
    """One drag; see `Mark` for its units. ``again``: an earlier try got no answer."""

    model_config = ConfigDict(frozen=True)

    object: int
    frame: int
    kind: str
    positive: bool = True
    points: tuple[tuple[FiniteFloat, FiniteFloat], ...] = ()
    pressure: tuple[FiniteFloat, ...] = ()
    radius: FiniteFloat = 3
    soft: FiniteFloat = 0
    source_frame: int | None = None
    again: bool = False

    def mark(self) -> Mark:
        """Return what was drawn."""
        return Mark(**self.model_dump(exclude={"object", "again"}))


class ObjectGiven(BaseModel):
    """What is wished of an object."""

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    colour: int | None = None
    locked: bool | None = None
    remove: bool = False
    restore: bool = False


class CarryGiven(BaseModel):
    """From which frame masks are carried, and of which objects: without any, of all there."""

    model_config = ConfigDict(frozen=True)

    frame: int = 0
    objects: list[int] | None = None


Given = TypeVar("Given", bound=BaseModel)


def given(shape: type[Given], request: HttpRequest) -> Given:
    """Return the body of a request. Raises BadInput for what has another shape."""
    try:
        return shape.model_validate(_body(request))
    except ValidationError as error:
        wrong = [f"{name}: {text}" for name, text in pydantic_fields(error).items()]
        raise BadInput(
            f"the request cannot be read: {'; '.join(wrong[:_TOLD])}",
            hint=f"known: {', '.join(shape.model_fields)}",
        ) from None


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadInput("the request is no JSON") from error
    if not isinstance(found, dict):
        raise BadInput("the request is no JSON object")
    if is_too_large(found):
        raise BadInput("a number of the request is too large to be stored")
    return found

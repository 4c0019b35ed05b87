"""Plans of trainings from what a form, the API or a command says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from matteweb.errors import BadInput

Plan = TypeVar("Plan", bound=BaseModel)


def plan_from(model: type[Plan], values: Mapping[str, Any]) -> Plan:
    """Return the plan of plain values. Raises BadInput, naming the value at fault."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the plan"
        raise BadInput(f"{place}: {first['msg'].removeprefix('Value error, ')}") from error

"""Any recipe's parameters as a form: drawn from the JSON schema, read back for its validation.

A new recipe needs no page code: titles, limits, help and units come from its parameters' fields
(``Field(title=, description=, ge=, le=, json_schema_extra={"unit":, "group":, "picks": True})``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

Control = Literal["number", "range", "choice", "switch", "text"]
DEFAULT_GROUP = "Parameters"


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One control. ``least`` and ``most`` are None without a limit; ``step`` is "any" or "1".
    ``picks``: it is a colour that may be picked from a clip."""

    name: str
    label: str
    help: str
    unit: str
    control: Control
    value: Any
    least: float | None
    most: float | None
    step: str
    choices: tuple[str, ...]
    error: str
    picks: bool


@dataclass(frozen=True, slots=True)
class SchemaGroup:
    """Fields under one heading."""

    title: str
    fields: tuple[SchemaField, ...]


def schema_form(
    model: type[BaseModel], values: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> list[SchemaGroup]:
    """Return the controls of ``model`` in the order of its fields, filled with ``values``."""
    properties: dict[str, dict[str, Any]] = model.model_json_schema().get("properties", {})
    groups: dict[str, list[SchemaField]] = {}
    for name, schema in properties.items():
        field = _field(name, schema, values.get(name, schema.get("default")), errors or {})
        groups.setdefault(str(schema.get("group", DEFAULT_GROUP)), []).append(field)
    return [SchemaGroup(title, tuple(fields)) for title, fields in groups.items()]


def posted_values(model: type[BaseModel], posted: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form sent: text as typed, switches as bool, empty fields left out."""
    properties: dict[str, dict[str, Any]] = model.model_json_schema().get("properties", {})
    values: dict[str, Any] = {}
    for name, schema in properties.items():
        if schema.get("type") == "boolean":
            values[name] = name in posted
        elif posted.get(name, "").strip():
            values[name] = posted[name].strip()
    return values


def field_errors(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, str]:
    """Return one sentence per wrong field, under "" what concerns several."""
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        return {
            ".".join(map(str, one["loc"])): one["msg"].removeprefix("Value error, ")
            for one in error.errors()
        }
    return {}


def _field(
    name: str, schema: Mapping[str, Any], value: Any, errors: Mapping[str, str]
) -> SchemaField:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    whole = schema.get("type") == "integer"
    return SchemaField(
        name=name,
        label=str(schema.get("title", name)),
        help=str(schema.get("description", "")),
        unit=str(schema.get("unit", "")),
        control=_control(schema, least, most),
        value=value,
        least=least,
        most=most,
        step="1" if whole else "any",
        choices=tuple(map(str, schema.get("enum", ()))),
        error=errors.get(name, ""),
        picks=bool(schema.get("picks")),
    )


def _control(schema: Mapping[str, Any], least: float | None, most: float | None) -> Control:
    if "enum" in schema:
        return "choice"
    kind = schema.get("type")
    if kind == "boolean":
        return "switch"
    if kind == "number" and least is not None and most is not None:
        return "range"
    return "number" if kind in {"integer", "number"} else "text"

"""Every error of the API has one shape: ``{message, hint, code, extra: {fields}}``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pydantic
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from matteweb.errors import BadInput, MatteError, NotAllowed, NotFound

log = logging.getLogger(__name__)

TOKEN_HINT = "Send a personal token: Authorization: Bearer mw_…, or log in."  # noqa: S105


class ErrorSerializer(serializers.Serializer[Any]):
    """The body of every answer with a status of 400 and above."""

    message = serializers.CharField(help_text="what is wrong, and where")
    hint = serializers.CharField(help_text="what to do, may be empty", allow_blank=True)
    code = serializers.CharField(help_text="a stable name for programs, e.g. not_found")
    extra = serializers.DictField(help_text="for bad input: fields, one sentence per field")


def error_body(
    message: str, hint: str = "", code: str = "error", fields: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the one shape of an error; ``fields`` maps ``"a.b.0"`` to what is wrong there."""
    extra = {"fields": dict(fields)} if fields else {}
    return {"message": message, "hint": hint, "code": code, "extra": extra}


def error_response(error: MatteError) -> JsonResponse:
    """Return the answer to a MatteError for views outside REST framework."""
    return JsonResponse(error_body(error.message, error.hint, error.code), status=error.status)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of an API view into a response; None lets a fault of the program rise."""
    if isinstance(error, Http404):
        error = NotFound("There is nothing at this address.")
    elif isinstance(error, PermissionDenied):
        error = NotAllowed("You may not do this.")
    if isinstance(error, MatteError):
        if error.status >= 500:
            log.error("%s", error)
        return Response(error_body(error.message, error.hint, error.code), status=error.status)
    if isinstance(error, pydantic.ValidationError):
        return Response(_bad_fields(pydantic_fields(error)), status=BadInput.status)
    if isinstance(error, exceptions.ValidationError):
        return Response(_bad_fields(_flat(error.detail)), status=error.status_code)
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    return None


def pydantic_fields(error: pydantic.ValidationError) -> dict[str, str]:
    """Return one sentence per faulty field, keyed by its path."""
    return {
        ".".join(str(part) for part in fault["loc"]): fault["msg"]
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    }


def _bad_fields(fields: dict[str, str]) -> dict[str, Any]:
    shown = "; ".join(f"{name}: {text}" if name else text for name, text in fields.items())
    return error_body(shown or "The input is not valid.", "", BadInput.code, fields)


def _flat(detail: Any, path: str = "") -> dict[str, str]:
    """Flatten REST framework's nested lists and dicts of messages."""
    if isinstance(detail, Mapping):
        pairs = [(str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        pairs = [(str(index), value) for index, value in enumerate(detail) if value]
    elif isinstance(detail, list):
        return {path: " ".join(str(item) for item in detail)}
    else:
        return {path: str(detail)}
    flat: dict[str, str] = {}
    for key, value in pairs:
        name = "" if key == "non_field_errors" else key
        flat |= _flat(value, ".".join(part for part in (path, name) if part))
    return flat


def _from_framework(error: exceptions.APIException) -> Response:
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    hint = ""
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        hint = TOKEN_HINT
    response = Response(error_body(str(error.detail), hint, code), status=error.status_code)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response

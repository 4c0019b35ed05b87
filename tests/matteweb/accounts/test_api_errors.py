"""Whatever goes wrong in the API has one shape."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import exceptions, serializers

from matteweb import errors
from matteweb.accounts.api_errors import handle


class Params(pydantic.BaseModel, extra="forbid"):
    scale: float = pydantic.Field(gt=0)
    name: str


class Inner(serializers.Serializer[Any]):
    rows = serializers.ListField(child=serializers.IntegerField())


def body_of(error: Exception) -> tuple[int, dict[str, Any]]:
    answer = handle(error, {})
    assert answer is not None
    assert set(answer.data) == {"message", "hint", "code", "extra"}
    return answer.status_code, answer.data


@pytest.mark.parametrize(
    "kind",
    [
        errors.BadInput,
        errors.Unsupported,
        errors.NotFound,
        errors.NotAllowed,
        errors.Conflict,
        errors.NoSpace,
        errors.Corrupt,
    ],
)
def test_an_error_keeps_its_message_hint_code_and_status(kind: type[errors.MatteError]) -> None:
    status, body = body_of(kind("clip 12 has 300 frames", hint="re-import it"))
    assert status == kind.status
    assert body == {
        "message": "clip 12 has 300 frames",
        "hint": "re-import it",
        "code": kind.code,
        "extra": {},
    }


def test_pydantic_says_which_parameter_is_wrong() -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        Params.model_validate({"scale": -1, "other": 1})
    status, body = body_of(caught.value)
    assert (status, body["code"]) == (400, "bad_input")
    assert set(body["extra"]["fields"]) == {"scale", "name", "other"}


def test_a_serializer_says_which_field_is_wrong() -> None:
    checked = Inner(data={"rows": [1, "x"]})
    with pytest.raises(exceptions.ValidationError) as caught:
        checked.is_valid(raise_exception=True)
    status, body = body_of(caught.value)
    assert (status, body["code"]) == (400, "bad_input")
    assert set(body["extra"]["fields"]) == {"rows.1"}
    assert "rows.1" in body["message"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "not_allowed"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
    ],
)
def test_errors_of_the_frameworks_have_the_same_shape(
    error: Exception, status: int, code: str
) -> None:
    got, body = body_of(error)
    assert (got, body["code"]) == (status, code)
    assert body["message"]


def test_a_fault_of_the_program_is_not_dressed_up() -> None:
    assert handle(KeyError("x"), {}) is None


DETAILS = st.recursive(
    st.text(min_size=1, max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(detail=DETAILS)
def test_any_nesting_of_messages_becomes_one_sentence_per_field(detail: Any) -> None:
    status, body = body_of(exceptions.ValidationError(detail))
    assert status == 400
    assert isinstance(body["message"], str)
    assert body["message"]
    fields = body["extra"].get("fields", {})
    assert all(isinstance(name, str) and isinstance(text, str) for name, text in fields.items())

"""What every view of the API says in the same way."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from matteweb.accounts.api_errors import ErrorSerializer

ERROR = OpenApiResponse(ErrorSerializer)
REFUSALS = {401: ERROR, 403: ERROR, 404: ERROR}
CHANGE_REFUSALS = REFUSALS | {400: ERROR, 409: ERROR}
DONE = OpenApiResponse(description="done")


def accepted(shape: type[BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """Return the request's body as the serializer checked it; raises its validation error."""
    checked = shape(data=request.data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)

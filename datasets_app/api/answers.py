"""What every view of the API says in the same way."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse

from matteweb.accounts.api_errors import ErrorSerializer
from matteweb.accounts.web import accepted

__all__ = ["CHANGE_REFUSALS", "DONE", "REFUSALS", "accepted"]

ERROR = OpenApiResponse(ErrorSerializer)
REFUSALS = {401: ERROR, 403: ERROR, 404: ERROR}
CHANGE_REFUSALS = REFUSALS | {400: ERROR, 409: ERROR}
DONE = OpenApiResponse(description="done")

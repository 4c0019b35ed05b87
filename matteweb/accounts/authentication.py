"""``Authorization: Bearer mw_…`` for programs; browsers use their session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from matteweb.accounts.models import ApiToken, User
from matteweb.accounts.services import token_check

KEYWORDS = frozenset({"bearer", "token"})
CHALLENGE = 'Bearer realm="MatteWeb"'


def request_token(request: HttpRequest | Request) -> str | None:
    """Return the token text in the Authorization header, None when there is none.

    Other schemes (a proxy's Basic, say) are not ours and are left alone.
    """
    scheme, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return rest.strip() if scheme.lower() in KEYWORDS else None


class TokenAuthentication(BaseAuthentication):
    """Authenticate by a personal token; a bad token is refused, never ignored.

    A token in a header is never sent by a browser on its own, so no CSRF check is needed.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token's user, None without a token; raises AuthenticationFailed."""
        plain = request_token(request)
        if plain is None:
            return None
        token = token_check(plain)
        if token is None:
            raise AuthenticationFailed("This token is not known, has expired or was revoked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge; with it an anonymous request answers 401 instead of 403."""
        return CHALLENGE


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes a token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A personal token: mw_…"}

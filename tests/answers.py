"""What a test reads of a page that Django's test client fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.test.utils import ContextList


class PageAnswer(Protocol):
    """The client's own type of an answer exists in stubs only, so it cannot be named in a test."""

    @property
    def status_code(self) -> int: ...

    @property
    def content(self) -> bytes: ...

    @property
    def context(self) -> ContextList | Mapping[str, Any]: ...

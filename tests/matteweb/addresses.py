"""Every address that the program answers, as its resolver knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter

from tests.matteweb.permissions import FOREIGN_NAMESPACES


@dataclass(frozen=True)
class Address:
    """A named pattern of the resolver, with everything before it."""

    name: str
    route: str
    converters: Mapping[str, object]

    @property
    def parts(self) -> frozenset[str]:
        return frozenset(self.converters)

    @property
    def numbers(self) -> list[str]:
        return [name for name, kind in self.converters.items() if isinstance(kind, IntConverter)]

    @property
    def in_api(self) -> bool:
        return self.route.startswith("api/")


def addresses() -> list[Address]:
    """Return every address that the program answers, without other programs' own."""
    return list(_walk(get_resolver().url_patterns, "", {}))


def _walk(
    patterns: list[URLPattern | URLResolver], before: str, above: Mapping[str, object]
) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        known = {**above, **pattern.pattern.converters}
        if isinstance(pattern, URLPattern):
            yield Address(pattern.name or "", route, known)
        elif pattern.namespace not in FOREIGN_NAMESPACES:
            yield from _walk(pattern.url_patterns, route, known)

"""The one registration mechanism: an explicit list per kind of plug-in.

Listing costs nothing: a plug-in imports what is heavy only when it works.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from matteweb.errors import BadInput

_SLUG = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """Identity of a plug-in. ``version`` rises when the same params and seed give other pixels."""

    slug: str
    label: str
    summary: str
    version: int

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(f"slug {self.slug!r} must be lower case with underscores")


class Plugin(Protocol):
    """What every kind of plug-in has in common."""

    @property
    def info(self) -> PluginInfo: ...

    def unavailable(self) -> str:
        """Return why it cannot run here, or "" when it can."""
        ...


P = TypeVar("P", bound=Plugin)


class Registry(Generic[P]):
    """An explicit list, looked up by slug; hyphens are read as underscores."""

    def __init__(self, kind: str, plugins: Iterable[P]) -> None:
        self.kind = kind
        self._plugins: dict[str, P] = {}
        for plugin in plugins:
            if plugin.info.slug in self._plugins:
                raise ValueError(f"two {kind} plug-ins are called {plugin.info.slug!r}")
            self._plugins[plugin.info.slug] = plugin

    def __iter__(self) -> Iterator[P]:
        return iter(self._plugins.values())

    def __getitem__(self, slug: str) -> P:
        """Return the plug-in. Raises BadInput, naming what there is."""
        plugin = self._plugins.get(slug.replace("-", "_"))
        if plugin is None:
            known = ", ".join(sorted(self._plugins)) or "none"
            raise BadInput(f"there is no {self.kind} {slug!r}", hint=f"known: {known}")
        return plugin

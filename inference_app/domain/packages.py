"""Packages that only some ways need, and that an installation may lack."""

from __future__ import annotations

from importlib.util import find_spec


def lacking(package: str) -> str:
    """Return the words that say so when ``package`` is not installed, else ""."""
    return "" if find_spec(package) else f"the package {package} is not installed"

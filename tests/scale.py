"""The one parameter between `make test` and `make soak`: the same tests, at another size."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

SOAK = os.environ.get("MATTEWEB_TEST_SCALE", "") == "soak"


def scale(small: T, soak: T) -> T:
    """Return ``small`` in an ordinary test run and ``soak`` in a soak run."""
    return soak if SOAK else small

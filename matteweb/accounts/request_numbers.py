"""Whole numbers as a request names them: rows, sizes, counts.

A form sends what it offered, but anybody can send anything: thirty digits, which no column of the
database holds, or digits of another script, of which Python reads some and refuses others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from matteweb.errors import BadInput

LARGEST: Final = 2**63 - 1
"""The largest number that a column of the database holds."""

_MOST: Final = 10**18 - 1
_WHOLE: Final = re.compile("[0-9]{1,18}")


def whole_number(text: str) -> int | None:
    """Return a number from 0 up that a column holds, or None for what is none."""
    return int(text) if _WHOLE.fullmatch(text) else None


def required_number(text: str, what: str, most: int = _MOST) -> int:
    """Return a number from 0 to ``most``. Raises BadInput, which calls it ``what``, for others."""
    number = whole_number(text.strip())
    if number is None or number > most:
        raise BadInput(f"{what} is {text[:40]!r}", hint=f"give a whole number from 0 to {most}")
    return number


def row_number(text: str) -> int:
    """Return the number of a row, or 0, which no row has, for what is no number."""
    return whole_number(text) or 0


def row_numbers(texts: Iterable[str]) -> list[int]:
    """Return each number of a row once, in their order, without what is no number."""
    return list(dict.fromkeys(number for text in texts if (number := row_number(text))))


def is_too_large(value: Any) -> bool:
    """Whether plain values hold, however deep, a whole number that no column holds."""
    # A list of what is still to be looked at: JSON may be nested deeper than functions may.
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            left += one.values()
        elif isinstance(one, (list, tuple)):
            left += one
        elif isinstance(one, int) and not -LARGEST <= one <= LARGEST:
            return True
    return False

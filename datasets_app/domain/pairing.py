"""Which file belongs to which, by their names alone: camel.mp4, camel_mask.mp4, camel_0.png.

People name what belongs together alike, with a suffix after "_" on one side, on both, or on none.
A guess that could be wrong is not made: what fits several names equally well stays unpaired.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

_ROLE = re.compile(
    r"_(?:\d+|video|videos|rgb|input|full|src|source|mask|masks|alpha|pha|matte|seg|gt|label)$"
)


def match_name(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate to which ``name`` belongs, or None.

    In this order: the same name; the longest candidate that ``name`` extends by "_" and more; the
    only candidate that extends ``name`` so; the only one that is the same but for suffixes that
    tell a role or a number. Names are compared without case, in NFC.
    """
    known = list(candidates)
    if name in known:
        return name
    own = _folded(name)
    return (
        _only(known, lambda other: other == own)
        or max((c for c in known if own.startswith(f"{_folded(c)}_")), key=len, default=None)
        or _only(known, lambda other: other.startswith(f"{own}_"))
        or _only(known, lambda other: _stem(other) == _stem(own))
    )


def _only(candidates: Iterable[str], fits: Callable[[str], bool]) -> str | None:
    found = [candidate for candidate in candidates if fits(_folded(candidate))]
    return found[0] if len(found) == 1 else None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _stem(name: str) -> str:
    while (shorter := _ROLE.sub("", name)) != name and shorter:
        name = shorter
    return name

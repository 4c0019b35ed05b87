"""How many and how much of something, as an outlook says it."""

from __future__ import annotations

from fractions import Fraction


def counted(number: int, noun: str) -> str:
    """Return "1 sample", "2,000 samples"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percentage(share: Fraction) -> float:
    """Return a part of one as a percentage, to two places."""
    return round(float(share * 100), 2)

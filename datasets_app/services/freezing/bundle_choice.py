"""Everything that a person decides about a bundle before it is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Final

from datasets_app.selectors.bundles import SampleFilter

_LONGEST_NUMBER: Final = 40


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """Everything that decides what a bundle will be. Shares and splits are percentages;
    ``most_rows`` bounds what target shares may repeat, 0 for no bound. ``keep_splits``: samples
    with a split of their own keep it where the others are drawn; without ``splits`` they always
    do."""

    samples: SampleFilter = field(default_factory=SampleFilter)
    shares: Mapping[str, Fraction] = field(default_factory=dict)
    repeats: Mapping[str, int] = field(default_factory=dict)
    most_rows: int = 0
    splits: Mapping[str, Fraction] = field(default_factory=dict)
    split_seed: int = 0
    keep_splits: bool = False
    licence_reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the form that is stored on the bundle; fractions as text."""
        return {
            "samples": asdict(self.samples),
            "shares": {name: str(share) for name, share in self.shares.items()},
            "repeats": dict(self.repeats),
            "most_rows": self.most_rows,
            "splits": {name: str(share) for name, share in self.splits.items()},
            "split_seed": self.split_seed,
            "keep_splits": self.keep_splits,
            "licence_reason": self.licence_reason,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> BundleChoice:
        """Rebuild what `as_json` gave; the empty settings of a new draft are the empty choice."""
        chosen = plain.get("samples", {})
        return cls(
            samples=SampleFilter(
                runs=tuple(chosen.get("runs", ())),
                categories=tuple(chosen.get("categories", ())),
                least_frames=chosen.get("least_frames", 0),
                ids=tuple(chosen.get("ids", ())),
            ),
            shares={name: Fraction(text) for name, text in plain.get("shares", {}).items()},
            repeats=dict(plain.get("repeats", {})),
            most_rows=plain.get("most_rows", 0),
            splits={name: Fraction(text) for name, text in plain.get("splits", {}).items()},
            split_seed=plain.get("split_seed", 0),
            keep_splits=plain.get("keep_splits", False),
            licence_reason=plain.get("licence_reason", ""),
        )


def exact_number(text: str) -> Fraction:
    """Return what a person typed, like 48, 2.5 or 1/3. Raises ValueError for anything else.

    Exponents are none of these: a few characters of them are a number that fills the memory.
    """
    plain = text.strip()
    if len(plain) > _LONGEST_NUMBER or "e" in plain.lower():
        raise ValueError(f"{plain[:40]!r} is no plain number")
    try:
        return Fraction(plain)
    except ZeroDivisionError as error:
        raise ValueError(f"{plain!r} divides by zero") from error

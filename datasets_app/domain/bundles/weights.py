"""How often a single sample counts, before its category is repeated.

The Casper merge lists the shots of its Omnimatte and Tripod data that show water twice as often as
the others: there the effects are hard to learn and the shots are few.
"""

from __future__ import annotations

from typing import Final

from matteweb.errors import BadInput

MOST_WEIGHT: Final = 64
WATER_WEIGHT: Final = 2
WATER: Final = frozenset(
    {
        "flamingo",
        "kite-surf",
        "pexels-bike-puddle",
        "pexels-bike-puddle2",
        "pexels-boat-bridge",
        "pexels-boat-ocean",
        "pexels-skate-puddle",
        "pexels-speedboat",
        "pexels-suv-rain",
        "pexels-towing-boat",
    }
)
"""Names of those shots in the published data, in whatever category they are."""


def named_weight(name: str) -> int:
    """Return the weight that the Casper merge gives a sample of this name."""
    return WATER_WEIGHT if name.strip().lower() in WATER else 1


def require_weight(weight: int) -> None:
    """Raise BadInput for a weight that no sample may have."""
    if not 1 <= weight <= MOST_WEIGHT:
        raise BadInput(
            f"a sample cannot weigh {weight}",
            hint=f"give 1 to {MOST_WEIGHT}; to leave it out, take back its verdict",
        )

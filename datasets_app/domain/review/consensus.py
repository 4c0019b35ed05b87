"""What the verdicts on one sample add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """Where a sample stands; ``disputed`` is pending with enough verdicts that differ."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Vote:
    """A verdict that decides (no skip) and was not taken back."""

    reviewer: int
    accepts: bool
    ruling: bool = False


def standing_of(votes: Sequence[Vote], *, needed: int) -> Standing:
    """Return where ``votes``, oldest first, leave a sample of which ``needed`` reviewers judge.

    1. The newest ruling is in force, whatever was said before or after it.
    2. Where one verdict is enough, the newest is in force, whoever gave it.
    3. Otherwise each reviewer counts once, with their newest: fewer than ``needed`` leave it
       pending, of one mind they decide, and if not it is disputed.
    """
    if not votes:
        return Standing.PENDING
    rulings = [vote for vote in votes if vote.ruling]
    if rulings or needed == 1:
        return _said((rulings or votes)[-1].accepts)
    newest = {vote.reviewer: vote.accepts for vote in votes}
    if len(newest) < needed:
        return Standing.PENDING
    minds = set(newest.values())
    return _said(minds.pop()) if len(minds) == 1 else Standing.DISPUTED


def _said(accepts: bool) -> Standing:
    return Standing.ACCEPTED if accepts else Standing.REJECTED

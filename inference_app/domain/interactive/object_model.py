"""What is known of one object: where its colours lie, near it and in the whole frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from inference_app.domain.interactive.features import drawn, place
from inference_app.domain.interactive.forest import Forest, Lesson, learned
from inference_app.domain.interactive.matching import Matching, matcher_of
from inference_app.domain.interactive.planes import BoolMask, Field, SoftMask, dilated, shrunk

TREES: Final = 30
FINE_BELOW: Final = 0.03
_SURELY_IN, _SURELY_OUT = 0.85, 0.15
_MOST: Final = 4000
_MOST_FAR: Final = 2000
_COARSE: Final = 4
# Of what was found on the way: trees per lesson, lessons kept, weight against the references.
_YOUNG_TREES: Final = 10
_YOUNG_KEPT: Final = 4
_YOUNG_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A frame whose mask a person made or accepted. ``features``: by stride, see `appearance`.

    ``keys``: what squares are matched by, of the object's stride; None without matching.
    """

    frame: int
    mask: SoftMask
    features: dict[int, Field]
    keys: Field | None = None


def stride_for(masks: Sequence[SoftMask]) -> int:
    """Return 2 for an object that fills less than 3 % of the frame, else 4."""
    return 2 if max(float(mask.mean()) for mask in masks) < FINE_BELOW else _COARSE


class ObjectModel:
    """Two forests: one that knows where in the object a square lies, one that looks anywhere.

    With ``matching``, the first one's answer is mixed with that of the most similar squares.
    """

    def __init__(
        self,
        references: Sequence[Reference],
        number: int,
        stride: int,
        matching: Matching | None = None,
    ) -> None:
        self.stride, self._matching = stride, matching
        self.area = max(float(reference.mask.sum()) for reference in references)
        self._rng = np.random.default_rng(number)
        self._near = learned(self._lessons(references, near=True), TREES, seed=0)
        self._looks = self._lessons(references, near=False)
        self._young: list[Forest] = []
        self._matcher = None
        if matching is not None:
            keyed = (
                self._lesson(r.mask, r.keys, near=True) for r in references if r.keys is not None
            )
            kept = [lesson for lesson in keyed if lesson is not None]
            self._matcher = matcher_of(kept, matching, self._rng)

    @cached_property
    def _anywhere(self) -> Forest | None:
        """Grown when an object is first looked for: most are never lost."""
        return learned(self._looks, TREES, seed=0)

    @property
    def known(self) -> bool:
        """Whether there was anything to learn from."""
        return self._near is not None

    def near(
        self, features: Field, places: Field, where: BoolMask, keys: Field | None = None
    ) -> SoftMask:
        """Return the certainty at the squares ``where`` is true, 0 elsewhere; ``keys``: what they
        are matched by."""
        sure = np.zeros(where.shape, np.float32)
        if self._near is None or not where.any():
            return sure
        samples = np.concatenate([features[where], places[where]], axis=1)
        answer = self._near(samples)
        if self._young:
            young = np.mean([forest(samples) for forest in self._young], axis=0)
            answer = (1 - _YOUNG_WEIGHT) * answer + _YOUNG_WEIGHT * young
        if self._matcher is not None and self._matching is not None and keys is not None:
            alike = self._matcher(np.concatenate([keys[where], places[where]], axis=1))
            answer = (1 - self._matching.share) * answer + self._matching.share * alike
        sure[where] = answer
        return sure

    def anywhere(self, features: Field) -> SoftMask | None:
        """Return the certainty of every square by looks alone; ``features`` of stride 4."""
        if self._anywhere is None:
            return None
        height, width = features.shape[:2]
        flat = self._anywhere(features.reshape(height * width, -1))
        return flat.reshape(height, width)

    def learn(self, frame: int, mask: SoftMask, trust: SoftMask, features: Field) -> None:
        """Add what was found in ``frame``, as far as it is trusted; the oldest is forgotten."""
        lesson = self._lesson(mask, features, near=True, trust=trust)
        if lesson is None or lesson.labels.sum() < 20:
            return
        forest = learned([lesson], _YOUNG_TREES, seed=frame)
        if forest is not None:
            self._young = [*self._young, forest][-_YOUNG_KEPT:]

    def _lessons(self, references: Sequence[Reference], *, near: bool) -> list[Lesson]:
        stride = self.stride if near else _COARSE
        made = (self._lesson(r.mask, r.features[stride], near=near) for r in references)
        return [lesson for lesson in made if lesson is not None]

    def _lesson(
        self, mask: SoftMask, features: Field, *, near: bool, trust: SoftMask | None = None
    ) -> Lesson | None:
        stride = self.stride if near else _COARSE
        coverage = shrunk(mask, stride)
        places = place(coverage)
        if places is None:
            return None
        inside, outside = coverage > _SURELY_IN, coverage < _SURELY_OUT
        if trust is not None:
            inside &= shrunk(trust, stride) > 0.5
        side = np.sqrt((coverage > 0.5).sum())
        around = dilated(coverage > 0.2, max(32 / stride, side))
        if inside.sum() < 4:
            inside = coverage >= min(0.5, float(coverage.max()))
        far = _MOST if not near else _MOST_FAR if trust is None else _MOST_FAR // 4
        chosen = [
            drawn(np.flatnonzero(inside), _MOST, self._rng),
            drawn(np.flatnonzero(outside & around), _MOST if near else _MOST // 2, self._rng),
            drawn(np.flatnonzero(outside & ~around), far, self._rng),
        ]
        planes = np.concatenate([features, places], axis=2) if near else features
        samples = planes.reshape(-1, planes.shape[2])[np.concatenate(chosen)]
        labels = np.zeros(len(samples), np.float32)
        labels[: len(chosen[0])] = 1
        return Lesson(samples, labels)

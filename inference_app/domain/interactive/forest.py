"""Trees that tell an object from what is around it, learned while the clip is being worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn import config_context
from sklearn.tree import ExtraTreeClassifier

from inference_app.domain.interactive.planes import Floats

LEAF: Final = 5
FEATURES_PER_SPLIT: Final = 5
_SEEDS_APART: Final = 1009


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Samples (N, C) float32 and what each is: 1 the object, 0 not."""

    samples: Floats
    labels: Floats


class Forest:
    """Extremely randomised trees, balanced between the two classes.

    Source: Geurts, Ernst and Wehenkel, Extremely randomized trees.
    """

    def __init__(self, trees: list[Any]) -> None:
        self._trees = trees

    def __call__(self, samples: Floats) -> Floats:
        """Return how sure each of (N, C) ``samples`` is the object, (N,) float32 in 0..1."""
        samples = np.ascontiguousarray(samples, np.float32)
        sure = np.zeros(len(samples))
        for tree in self._trees:
            votes = tree.predict(samples).reshape(len(samples), -1)
            sure += votes[:, 1] / votes.sum(axis=1)
        return (sure / len(self._trees)).astype(np.float32)


def learned(lessons: list[Lesson], trees: int, seed: int, leaf: int = LEAF) -> Forest | None:
    """Return a forest, the same for the same lessons and seed; None without both classes."""
    if not lessons:
        return None
    samples = np.concatenate([lesson.samples for lesson in lessons], dtype=np.float32)
    labels = np.concatenate([lesson.labels for lesson in lessons], dtype=np.float64)
    if not len(labels) or labels.min() == labels.max():
        return None
    share = float(labels.mean())
    weights = np.where(labels > 0.5, 0.5 / share, 0.5 / (1 - share))
    grown = []
    # Tree by tree, since the forest's own class spends more on checks than on growing.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for number in range(trees):
            tree = ExtraTreeClassifier(
                min_samples_leaf=leaf,
                max_features=FEATURES_PER_SPLIT,
                random_state=_SEEDS_APART * seed + number,
            )
            tree.fit(samples, labels, sample_weight=weights, check_input=False)
            grown.append(tree.tree_)
    return Forest(grown)

"""Trees that tell an object from what is around it, learned while the clip is being worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from inference_app.domain.interactive.planes import Floats

LEAF: Final = 5
FEATURES_PER_SPLIT: Final = 5


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
    samples = np.concatenate([lesson.samples for lesson in lessons])
    labels = np.concatenate([lesson.labels for lesson in lessons])
    if not len(labels) or labels.min() == labels.max():
        return None
    model = ExtraTreesClassifier(
        trees,
        min_samples_leaf=leaf,
        max_features=FEATURES_PER_SPLIT,
        class_weight="balanced",
        random_state=seed,
        n_jobs=1,
    ).fit(samples, labels)
    # The trees themselves: the wrapper's checks cost more than the answer.
    return Forest([estimator.tree_ for estimator in model.estimators_])

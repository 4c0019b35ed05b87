"""Trees that tell an object from what is around it, learned while the clip is being worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.tree._criterion import Gini
from sklearn.tree._splitter import RandomSplitter
from sklearn.tree._tree import DepthFirstTreeBuilder, Tree

from inference_app.domain.interactive.planes import Floats

LEAF: Final = 5
FEATURES_PER_SPLIT: Final = 5
_SEEDS_APART: Final = 1009
_NO_LIMIT: Final = np.iinfo(np.int32).max


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
    targets = np.ascontiguousarray(labels.reshape(-1, 1))
    return Forest(
        [
            _grown(samples, targets, weights, _SEEDS_APART * seed + number, leaf)
            for number in range(trees)
        ]
    )


def _grown(samples: Floats, targets: Any, weights: Any, seed: int, leaf: int) -> Any:
    """Return one tree, the same that ``ExtraTreeClassifier`` grows.

    The class spends three times as long on checks of its input as on growing, tree for tree.
    """
    classes = np.array([2], np.intp)
    splitter = RandomSplitter(
        Gini(1, classes), FEATURES_PER_SPLIT, leaf, 0.0, np.random.RandomState(seed), None
    )
    builder = DepthFirstTreeBuilder(splitter, 2 * leaf, leaf, 0.0, _NO_LIMIT, 0.0)
    tree = Tree(samples.shape[1], classes, 1)
    builder.build(tree, samples, targets, weights, None)
    return tree

"""Trees that tell an object from what is around it, learned while the clip is being worked on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
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

    def __init__(self, trees: list[Any], hands: int = 1) -> None:
        """``hands``: so many threads answer."""
        self._trees = [(tree, _sureness(tree)) for tree in trees]
        self._hands = hands

    def __call__(self, samples: Floats) -> Floats:
        """Return how sure each of (N, C) ``samples`` is the object, (N,) float32 in 0..1."""
        samples = np.ascontiguousarray(samples, np.float32)
        if self._hands == 1:
            return self._answer(samples)
        with ThreadPoolExecutor(self._hands) as pool:
            parts = pool.map(self._answer, np.array_split(samples, self._hands))
            return np.concatenate(list(parts))

    def _answer(self, samples: Floats) -> Floats:
        sure = np.zeros(len(samples))
        for tree, shares in self._trees:
            sure += shares[tree.apply(samples)]
        return (sure / len(self._trees)).astype(np.float32)


def _sureness(tree: Any) -> npt.NDArray[np.float64]:
    """Return by number of a node how much of what is there is the object."""
    votes = tree.value.reshape(tree.node_count, -1)
    shares: npt.NDArray[np.float64] = votes[:, 1] / votes.sum(axis=1)
    return shares


def learned(
    lessons: list[Lesson], trees: int, seed: int, leaf: int = LEAF, hands: int = 1
) -> Forest | None:
    """Return a forest, the same for the same lessons and seed; None without both classes.

    ``hands``: so many threads grow the trees and answer; they hold no lock of Python while they do.
    """
    if not lessons:
        return None
    samples = np.concatenate([lesson.samples for lesson in lessons], dtype=np.float32)
    labels = np.concatenate([lesson.labels for lesson in lessons], dtype=np.float64)
    if not len(labels) or labels.min() == labels.max():
        return None
    share = float(labels.mean())
    weights = np.where(labels > 0.5, 0.5 / share, 0.5 / (1 - share))
    targets = np.ascontiguousarray(labels.reshape(-1, 1))

    def grown(number: int) -> Any:
        return _grown(samples, targets, weights, _SEEDS_APART * seed + number, leaf)

    if hands == 1:
        return Forest([grown(number) for number in range(trees)])
    with ThreadPoolExecutor(hands) as pool:
        return Forest(list(pool.map(grown, range(trees))), hands)


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

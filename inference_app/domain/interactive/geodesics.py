"""Ways through a picture along which little changes."""

from __future__ import annotations

from typing import Final, cast

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from inference_app.domain.interactive.planes import BoolMask, Field, SoftMask, enlarged

_SQUARES: Final = 4_000
_STEP_COST: Final = 1.5


def geodesic(lab: Field, seeds: BoolMask) -> SoftMask:
    """Return the length of the shortest way from ``seeds``, where a step across an edge is long."""
    height, width = seeds.shape
    stride = max(1, int(np.sqrt(height * width / _SQUARES)))
    small = (max(1, width // stride), max(1, height // stride))
    colours = cv2.resize(cv2.blur(lab, (3, 3)), small, interpolation=cv2.INTER_AREA)
    begun = cv2.resize(seeds.astype(np.uint8) * 255, small, interpolation=cv2.INTER_AREA) > 0
    ways = _ways(colours.reshape(small[1], small[0], -1), begun)
    return enlarged(ways, (height, width))


def _ways(colours: Field, begun: BoolMask) -> SoftMask:
    height, width = begun.shape
    count = height * width
    number = np.arange(count).reshape(height, width)
    flat = colours.reshape(count, -1)
    starts, ends, costs = [], [], []
    for down, across, length in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.414), (1, -1, 1.414)):
        one = number[: height - down, max(0, -across) : width - max(0, across)].ravel()
        two = number[down:, max(0, across) : width + min(0, across)].ravel()
        starts.append(one)
        ends.append(two)
        costs.append(np.linalg.norm(flat[one] - flat[two], axis=1) + _STEP_COST * length)
    seeds = np.flatnonzero(begun)
    starts.append(np.full(len(seeds), count))
    ends.append(seeds)
    costs.append(np.full(len(seeds), 1e-6))
    graph = coo_matrix(
        (np.concatenate(costs), (np.concatenate(starts), np.concatenate(ends))),
        shape=(count + 1, count + 1),
    ).tocsr()
    ways = dijkstra(graph, directed=False, indices=count)[:count]
    return cast(SoftMask, ways.reshape(height, width).astype(np.float32))

"""A robot that draws where a mask is wrong, as in the interactive DAVIS challenge.

S. Caelles et al., "The 2018 DAVIS Challenge on Video Object Segmentation", section on interactive
segmentation. Everything that is arbitrary is drawn from the generator that is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.special import gammaln

Labels = npt.NDArray[np.uint8]
"""(H, W) uint8, 0 background, 1..K the objects."""

_OPENING: Final = 0.2
_RADIUS_MOST: Final = 16.0
_SHRINKS: Final = 0.9
_LEAST_PIXELS: Final = 4
_CURVE_POINTS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line through ``points``, (N, 2) in 0..1 of width and height, for the object ``label``.

    ``length``: in pixels.
    """

    label: int
    points: npt.NDArray[np.float64]
    length: float


def strokes(truth: Labels, found: Labels, labels: int, rng: np.random.Generator) -> list[Stroke]:
    """Return one stroke per connected part of what is missing, for each of 0..``labels``.

    What is wrongly taken for an object is stroked with the label that should be there.
    """
    drawn = []
    for label in range(labels + 1):
        missing = _opened(((truth == label) & (found != label)).astype(np.uint8))
        if missing is not None:
            drawn += [_stroke(label, path, missing.shape) for path in _paths(missing, rng)]
    return drawn


def longest(drawn: list[Stroke]) -> Stroke | None:
    """Return the longest stroke, the first of equals; None when there is none."""
    return max(drawn, key=lambda stroke: stroke.length, default=None)


def _opened(error: Labels) -> Labels | None:
    """Remove what is thinner than a disk that grows with the error; None when nothing is left."""
    area = int(error.sum())
    if area == 0:
        return None
    radius = min(_RADIUS_MOST, _OPENING * float(np.sqrt(area)) / 2)
    if radius <= 1:
        return error
    while radius > 1:
        # Pixels beyond the frame count neither as error nor as none.
        opened = cv2.dilate(cv2.erode(error, _disk(radius)), _disk(radius))
        if opened.any():
            return np.asarray(opened, np.uint8)
        radius *= _SHRINKS
    return None


def _disk(radius: float) -> Labels:
    reach = int(radius)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(rows * rows + columns * columns <= radius * radius, np.uint8)


def _paths(missing: Labels, rng: np.random.Generator) -> list[tuple[npt.NDArray[Any], float]]:
    """Return the longest path, (N, 2) x and y, and its length for each part of the skeleton."""
    rows, columns = np.nonzero(medial_axis(missing, rng))
    # Of every cycle the tree lacks its longest edge.
    tree = minimum_spanning_tree(_graph(rows, columns, missing.shape))
    count, parts = connected_components(tree, directed=False)
    found = []
    for part in range(count):
        nodes = np.flatnonzero(parts == part)
        if len(nodes) < _LEAST_PIXELS:
            continue
        path, length = _longest_path(tree, nodes)
        found.append((np.stack([columns[path], rows[path]], axis=1), length))
    return found


def _graph(rows: npt.NDArray[Any], columns: npt.NDArray[Any], shape: tuple[int, ...]) -> csr_matrix:
    """Return the distances between neighbouring pixels, eight neighbours each."""
    number = np.full((shape[0] + 2, shape[1] + 2), -1)
    number[rows + 1, columns + 1] = np.arange(len(rows))
    starts, ends, lengths = [], [], []
    for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
        other = number[rows + 1 + down, columns + 1 + across]
        here = np.flatnonzero(other >= 0)
        starts.append(here)
        ends.append(other[here])
        lengths.append(np.full(len(here), np.hypot(down, across)))
    edges = np.concatenate(starts), np.concatenate(ends)
    return coo_matrix((np.concatenate(lengths), edges), (len(rows), len(rows))).tocsr()


def _longest_path(tree: csr_matrix, nodes: npt.NDArray[Any]) -> tuple[list[int], float]:
    away = dijkstra(tree, directed=False, indices=nodes[0])
    start = int(nodes[np.argmax(away[nodes])])
    away, before = dijkstra(tree, directed=False, indices=start, return_predecessors=True)
    path = [int(nodes[np.argmax(away[nodes])])]
    length = float(away[path[0]])
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return path, length


def _stroke(label: int, path: tuple[npt.NDArray[Any], float], shape: tuple[int, ...]) -> Stroke:
    points, length = path
    curve = bezier(points.astype(np.float64)) if len(points) <= _CURVE_POINTS else points
    return Stroke(label, curve / np.array([shape[1], shape[0]], np.float64), length)


def bezier(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return 1000 points of the Bézier curve that all ``points`` control."""
    degree = len(points) - 1
    number = np.arange(degree + 1)
    way = np.linspace(0, 1, _CURVE_POINTS)[:, None]
    choose = gammaln(degree + 1) - gammaln(number + 1) - gammaln(degree - number + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0 to the power 0 is 1.
        done = np.where(number > 0, number * np.log(way), 0)
        left = np.where(number < degree, (degree - number) * np.log1p(-way), 0)
    weights: npt.NDArray[np.float64] = np.exp(choose + done + left)
    return weights @ points


def medial_axis(mask: Labels, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return the skeleton of ``mask``: pixels are taken from the rim inwards while none is needed.

    A pixel is needed when its neighbours would no longer hang together without it, or when it ends
    a line. Among equals the generator decides.
    """
    padded = np.pad(mask.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    rows, columns = np.nonzero(padded)
    crowd = cv2.blur(padded.astype(np.float32), (3, 3))[rows, columns]
    ties = rng.permutation(len(rows))
    order = np.lexsort((ties, crowd, np.round(depth[rows, columns], 3)))
    width = padded.shape[1]
    cells = bytearray(padded.tobytes())
    around = [-width - 1, -width, -width + 1, 1, width + 1, width, width - 1, -1]
    for at in (rows * width + columns)[order].tolist():
        code = 0
        for bit, step in enumerate(around):
            code |= cells[at + step] << bit
        if not _NEEDED[code]:
            cells[at] = 0
    return np.frombuffer(bytes(cells), np.uint8).reshape(padded.shape)[1:-1, 1:-1] > 0


def _needed() -> list[bool]:
    """For each of the 256 neighbourhoods, clockwise from the upper left."""
    table = []
    for code in range(256):
        ring = [(code >> bit) & 1 for bit in range(8)]
        # Yokoi's connectivity number for eight neighbours: 1 for a pixel that can go.
        empty = [1 - value for value in (ring[3], ring[2], ring[1], ring[0], *ring[:3:-1])]
        bridges = sum(empty[i] - empty[i] * empty[i + 1] * empty[(i + 2) % 8] for i in (0, 2, 4, 6))
        table.append(bridges != 1 or sum(ring) <= 1)
    return table


_NEEDED: Final = _needed()

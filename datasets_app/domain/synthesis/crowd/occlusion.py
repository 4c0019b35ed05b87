"""Who hides how much of whom, told from small alphas before anything is decoded.

Later instances lie on top. ``hidden`` is true occlusion: the share of a subject's own area in the
frame that all later ones together hide. The published tools compare with what was still visible,
pair by pair, which lets three newcomers hide two thirds under a limit of 30 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.synthesis.crowd.instance import Affine
from datasets_app.domain.synthesis.geometry.placement import Box

Shares = NDArray[np.float64]
"""(K,) float64, 0..1: one figure per instance, the lowest first."""

Cover = NDArray[np.float32]
"""(h, w) float32, 0..1: an alpha on the planning grid."""

_SHRINK: Final = 8
_LEAST_SIDE: Final = 96
_NOTHING: Final = 1e-7


def planning_grid(canvas: FrameSize) -> FrameSize:
    """Return the size at which overlaps on ``canvas`` are measured: an eighth, at least 96 px."""
    longest = max(canvas.width, canvas.height)
    return canvas.fitted(max(math.ceil(longest / _SHRINK), min(longest, _LEAST_SIDE)))


def laid_small(
    small: GrayFrame, source: FrameSize, lands: Affine, canvas: FrameSize, grid: FrameSize
) -> Cover:
    """Return the (h, w) small alpha of a whole source frame as it lies on the planning grid."""
    across, down = grid.width / canvas.width, grid.height / canvas.height
    on_grid = Affine(
        lands.across * across, lands.down * down, lands.left * across, lands.top * down
    )
    cell_x, cell_y = source.width / small.shape[1], source.height / small.shape[0]
    matrix = on_grid.matrix(1.0, (0, 0), Box(0, 0, grid.width, grid.height))
    matrix[0] = [on_grid.across * cell_x, 0, on_grid.left + (on_grid.across * cell_x - 1) / 2]
    matrix[1] = [0, on_grid.down * cell_y, on_grid.top + (on_grid.down * cell_y - 1) / 2]
    laid = cv2.warpAffine(small, matrix, (grid.width, grid.height), flags=cv2.INTER_LINEAR)
    cover: Cover = laid.astype(np.float32) * np.float32(1 / 255)
    return cover


def hidden_shares(covers: Sequence[Cover]) -> Shares:
    """Return how much of each is hidden by all later ones; what covers nothing is hidden."""
    shares = np.ones(len(covers))
    free = np.ones_like(covers[0])
    for number in range(len(covers) - 1, -1, -1):
        own = float(covers[number].sum())
        if own > _NOTHING:
            shares[number] = 1 - float((covers[number] * free).sum()) / own
        free *= 1 - covers[number]
    return shares


def pairwise_hidden(covers: Sequence[Cover]) -> float:
    """Return the largest share that one newcomer hides of what was still visible of another: the
    figure of the published tools."""
    visible: list[Cover] = []
    worst = 0.0
    for newcomer in covers:
        for number, other in enumerate(visible):
            before = float(other.sum())
            visible[number] = other * (1 - newcomer)
            worst = max(worst, 1 - float(visible[number].sum()) / (before + _NOTHING))
        visible.append(newcomer)
    return worst

"""What can be wrong with a subject's matte, told from its index: named, never fatal to a run."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from datasets_app.domain.assets.asset_index import AssetIndex
from datasets_app.domain.findings import Finding

_STRANGE: Final = 0.35
_ALIKE: Final = 0.6
_NAMED: Final = 5


def suspect_frames(index: AssetIndex) -> tuple[int, ...]:
    """Return the frames whose matte fits neither neighbour while these fit each other.

    Such a matte usually belongs to another picture. Frames are compared by soft IoU (sum of
    minima over sum of maxima) at an eighth of the size; the first and last frame have no two
    neighbours and are never named.
    """
    small = index.small
    if len(small) < 3:
        return ()
    near = np.array([_alike(one, other) for one, other in pairwise(small)])
    over = np.array([_alike(one, other) for one, other in zip(small, small[2:], strict=False)])
    strange = (near[:-1] < _STRANGE) & (near[1:] < _STRANGE) & (over > _ALIKE)
    return tuple(int(frame) + 1 for frame in np.flatnonzero(strange))


def empty_frames(index: AssetIndex) -> tuple[int, ...]:
    """Return the frames in which there is no subject."""
    return tuple(int(frame) for frame in np.flatnonzero(index.boxes[:, 2] == 0))


def matte_findings(index: AssetIndex) -> list[Finding]:
    """Return what is wrong with the matte of some frames; a matte that is empty throughout is for
    the caller, since such an asset cannot be used at all."""
    found = []
    if suspects := suspect_frames(index):
        found.append(
            Finding(
                "matte_of_another_picture",
                "warning",
                f"the matte of {_frames(suspects)} fits neither the frame before nor the one after",
                "no sample uses these frames; bring in a corrected matte to have them used",
            )
        )
    if (gone := empty_frames(index)) and len(gone) < len(index.boxes):
        found.append(
            Finding(
                "matte_empty_in_frames",
                "note",
                f"there is no subject in {_frames(gone)}",
                "right if the subject leaves the picture",
            )
        )
    return found


def _alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    most = int(np.maximum(one, other).sum(dtype=np.int64))
    return int(np.minimum(one, other).sum(dtype=np.int64)) / most if most else 1.0


def _frames(numbers: tuple[int, ...]) -> str:
    named = ", ".join(map(str, numbers[:_NAMED]))
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"frame{'s' if len(numbers) > 1 else ''} {named}{more}"

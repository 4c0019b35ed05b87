"""The small side file of a subject: box and area of every frame, and its alpha at an eighth.

Planners read it instead of the matte. Same matte, same bytes.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

import cv2
import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from datasets_app.domain.assets.subject_box import subject_box, united
from datasets_app.domain.media.frames import FrameSize, GrayFrame, GrayStack, frame_size
from datasets_app.domain.synthesis.geometry.placement import Box
from matteweb.errors import Corrupt

SHRINK: Final = 8
_LEAST_SIDE: Final = 96
# The earliest date a ZIP can hold, so that equal indexes are equal bytes.
_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)


def small_size(size: FrameSize) -> FrameSize:
    """Return an eighth of ``size``, rounded up; small pictures keep up to 96 px per side."""
    longest = max(size.width, size.height)
    target = max(math.ceil(longest / SHRINK), min(longest, _LEAST_SIDE))
    return size.fitted(target)


def small_picture(alpha: GrayFrame) -> GrayFrame:
    """Return (H, W) ``alpha`` area-averaged to its small size."""
    size = small_size(frame_size(alpha))
    small = cv2.resize(alpha, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return cast(GrayFrame, small)


@dataclass(frozen=True, slots=True, eq=False)
class AssetIndex:
    """``boxes``: (N, 4) int32, left top right bottom of each frame, all 0 where it is empty.
    ``areas``: (N,) float64, mean alpha of each frame, 0..1. ``small``: (N, h, w) uint8."""

    boxes: NDArray[np.int32]
    areas: NDArray[np.float64]
    small: GrayStack

    @property
    def box(self) -> Box:
        """What the subject ever covers; empty when it never does."""
        whole = Box(0, 0, 0, 0)
        for one in self.boxes:
            whole = united(whole, Box(*map(int, one)))
        return whole


class AssetIndexer:
    """Collects the index frame by frame; holds a small picture per frame, nothing larger."""

    def __init__(self) -> None:
        self._boxes: list[Box] = []
        self._areas: list[float] = []
        self._small: list[GrayFrame] = []
        self._soft = self._covered = 0

    def add(self, alpha: GrayFrame) -> None:
        """See the next matte, (H, W) uint8."""
        box = subject_box(alpha)
        self._boxes.append(box)
        self._areas.append(float(alpha.mean(dtype=np.float64)) / 255)
        self._small.append(small_picture(alpha))
        part = alpha[box.slices]
        covered = int(np.count_nonzero(part))
        self._covered += covered
        self._soft += covered - int(np.count_nonzero(part == 255))

    @property
    def soft_share(self) -> float:
        """Share of the covered pixels that are not fully opaque, 0..1."""
        return self._soft / self._covered if self._covered else 0.0

    def index(self) -> AssetIndex:
        """Return what was collected. At least one matte must have been seen."""
        return AssetIndex(
            np.array(self._boxes, np.int32), np.array(self._areas), np.stack(self._small)
        )


def write_index(index: AssetIndex) -> bytes:
    """Return the index as an npz."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in ("boxes", "areas", "small"):
            info = zipfile.ZipInfo(f"{name}.npy", _NO_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as member:
                array: NDArray[Any] = getattr(index, name)
                npy.write_array(member, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
    return out.getvalue()


def read_index(path: Path) -> AssetIndex:
    """Read what `write_index` wrote. Raises Corrupt for anything else."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return AssetIndex(stored["boxes"], stored["areas"], stored["small"])
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise Corrupt(f"{path.name} is no asset index", hint="read the asset again") from error

"""What an evaluation keeps of single frames: their figures, and pictures of the worst."""

from __future__ import annotations

import heapq
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.quality.alpha_errors import unit
from inference_app.domain.evaluation.matting import Values, Watch
from inference_app.domain.training.painted import MattingClip
from inference_app.domain.training.sheets import row_of

FIGURES = ("mad", "mad_band", "mse", "grad")
"""Figures that say something of a single frame."""

RANKED_BY = "mad_band"
KEPT = 24
_LONGEST = 480
_EARLIEST = (1980, 1, 1, 0, 0, 0)
FRAMES = "frames.json"


@dataclass(order=True, slots=True)
class WorstFrame:
    """One frame of one method; sorted by its figure."""

    value: float
    clip: int
    frame: int
    method: str
    picture: npt.NDArray[np.uint8] = field(compare=False)


class FrameFindings:
    """Collects figures per clip and method, and the ``KEPT`` worst frames of all but the mask.

    Memory: a few numbers per frame, and the pictures that are kept.
    """

    def __init__(self, measured: set[str]) -> None:
        self._ranked = measured
        self._clips: list[dict[str, dict[str, list[float | None]]]] = []
        self._worst: list[WorstFrame] = []

    def watch(self, seen: MattingClip) -> Watch:
        """Return what is told of the frames of the next clip."""
        self._clips.append({})

        def told(clip: int, method: str, frame: int, alpha: GrayFrame, values: Values) -> None:
            rows = self._clips[clip].setdefault(method, {name: [] for name in FIGURES})
            for name in FIGURES:
                rows[name].append(values[name])
            self._keep(seen, clip, method, frame, alpha, values[RANKED_BY])

        return told

    def worst(self) -> list[WorstFrame]:
        """Return the worst frames, the worst first."""
        return sorted(self._worst, reverse=True)

    def write(self, path: Path) -> None:
        """Write ``frames.json``, ``worst/00.png`` and on into a ZIP; the same bytes each time."""
        worst = self.worst()
        told = {
            "clips": self._clips,
            "worst": [
                {"clip": one.clip, "frame": one.frame, "method": one.method, "value": one.value}
                for one in worst
            ],
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(zipfile.ZipInfo(FRAMES, _EARLIEST), json.dumps(told))
            for number, one in enumerate(worst):
                _, data = cv2.imencode(".png", one.picture[..., ::-1])
                member = zipfile.ZipInfo(worst_member(number), _EARLIEST)
                archive.writestr(member, data.tobytes())

    def _keep(
        self,
        clip: MattingClip,
        number: int,
        method: str,
        frame: int,
        alpha: GrayFrame,
        value: float | None,
    ) -> None:
        if value is None or method not in self._ranked:
            return
        if len(self._worst) == KEPT and value <= self._worst[0].value:
            return
        row = row_of(clip.rgb[frame], clip.mask[frame], unit(alpha), clip.alpha[frame])
        one = WorstFrame(value, number, frame, method, _small(row))
        if len(self._worst) < KEPT:
            heapq.heappush(self._worst, one)
        else:
            heapq.heapreplace(self._worst, one)


def worst_member(number: int) -> str:
    """Return the name of a picture in the ZIP."""
    return f"worst/{number:02d}.png"


def read_member(path: Path, name: str) -> bytes:
    """Return one file of the ZIP. Raises KeyError for one that it does not have."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return archive.read(name)


def lines_of(values: list[float | None], width: int, height: int, top: float) -> Iterator[str]:
    """Yield figures per frame as points of a line, the highest value ``top`` at the upper edge."""
    last = max(1, len(values) - 1)
    for number, value in enumerate(values):
        if value is not None:
            yield f"{width * number / last:.1f},{height - height * value / (top or 1):.1f}"


def _small(row: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = row.shape[:2]
    factor = min(1.0, 4 * _LONGEST / width)
    if factor == 1.0:
        return row
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(row, size, interpolation=cv2.INTER_AREA), np.uint8)

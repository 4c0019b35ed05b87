"""One way in for a subject: its streams for the player, its index and its cut-out.

Two passes, one frame in memory: the matte alone decides the box, then the colour is cut out by it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from datasets_app.domain.assets.asset_index import AssetIndex, AssetIndexer, write_index
from datasets_app.domain.assets.cutout_writer import CutoutWriter
from datasets_app.domain.assets.faults import matte_findings, suspect_frames
from datasets_app.domain.assets.subject_box import NOISE
from datasets_app.domain.assets.subject_reading import (
    SubjectFiles,
    rate_of,
    subject_colours,
    subject_mattes,
)
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.footage import Surveyed
from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.compositing.foreground_colour import foreground_colour
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.sources.asset_facts import AssetFacts
from matteweb.errors import BadInput, Cancelled

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SubjectStreams:
    """Everything that is stored of a subject; ``index`` and ``cutout`` are its side files."""

    colour: StreamFiles
    alpha: StreamFiles
    index: bytes
    cutout: Path
    facts: AssetFacts
    findings: tuple[Finding, ...]


def stream_subject(
    files: SubjectFiles,
    found: Surveyed,
    folder: Path,
    *,
    limits: Limits,
    progress: Progress,
    should_stop: ShouldStop,
) -> SubjectStreams:
    """Decode matte and colour and write all that is stored; progress counts both passes.

    Raises BadInput when the matte is empty throughout or a file gives other frames than it was
    surveyed with, Cancelled when asked to stop.
    """
    way = _Way(files, found, folder, limits, progress, should_stop)
    alpha, indexer = way.mattes()
    index = indexer.index()
    if index.box.empty:
        raise BadInput(
            f"the matte of {files.colour_name} is empty in every frame",
            hint="bring in the matte that belongs to it",
        )
    cutout = folder / "cutout.bin"
    colour, sharpness = way.colours(cutout, index)
    return SubjectStreams(
        colour=colour,
        alpha=alpha,
        index=write_index(index),
        cutout=cutout,
        facts=AssetFacts(
            box=index.box,
            area=float(index.areas.mean()),
            soft=indexer.soft_share,
            sharpness=sharpness,
            suspects=suspect_frames(index),
        ),
        findings=tuple(matte_findings(index)),
    )


@dataclass(frozen=True, slots=True)
class _Way:
    files: SubjectFiles
    found: Surveyed
    folder: Path
    limits: Limits
    progress: Progress
    should_stop: ShouldStop

    @property
    def fps(self) -> Fraction:
        return rate_of(self.found)

    def mattes(self) -> tuple[StreamFiles, AssetIndexer]:
        writer = StreamWriter(
            self.folder,
            "alpha",
            kind="gray",
            size=self.found.size,
            fps=self.fps,
            expected=self.found.frames,
            master=True,
            pictures=True,
        )
        indexer = AssetIndexer()
        with writer, closing(subject_mattes(self.files, self.limits)) as every:
            for matte in self._watched(every, 0):
                writer.write(matte)
                indexer.add(matte)
        return writer.files(), indexer

    def colours(self, cutout: Path, index: AssetIndex) -> tuple[StreamFiles, float]:
        """Write the colour stream and the cut-out; return how sharp the subject is, at its best."""
        writer = StreamWriter(
            self.folder,
            "rgb",
            kind="rgb",
            size=self.found.size,
            fps=self.fps,
            expected=self.found.frames,
            master=self.files.kind == "sequence",
            pictures=True,
        )
        box, sharpness = index.box, 0.0
        pairs = zip(
            subject_colours(self.files, self.limits),
            subject_mattes(self.files, self.limits),
            strict=True,
        )
        with writer, CutoutWriter(cutout, box, self.fps) as cut:
            for colour, matte in self._watched(pairs, self.found.frames):
                writer.write(colour)
                pure, kept = _pure(colour, matte, box)
                cut.write(pure, kept)
                sharpness = max(sharpness, _sharpness(colour[box.slices], matte[box.slices]))
        return writer.files(), sharpness

    def _watched(self, frames: Iterator[T] | Generator[T, None, None], done: int) -> Iterator[T]:
        total = 2 * self.found.frames
        for number, frame in enumerate(frames, 1):
            if self.should_stop():
                raise Cancelled(f"stopped at frame {number} of {self.found.frames}")
            yield frame
            self.progress(done + number, total)


def _pure(colour: RgbFrame, matte: GrayFrame, box: Box) -> tuple[RgbFrame, GrayFrame]:
    """Return the frame with pure foreground colour within ``box``, and the matte without noise."""
    kept: GrayFrame = cv2.threshold(matte, NOISE, 0, cv2.THRESH_TOZERO)[1]
    pure = np.zeros_like(colour)
    part = box.slices
    pure[part] = foreground_colour(
        np.ascontiguousarray(colour[part]), np.ascontiguousarray(kept[part])
    )
    return pure, kept


def _sharpness(colour: RgbFrame, matte: GrayFrame) -> float:
    """Return the standard deviation of the Laplacian of the luma inside the opaque part."""
    inside = cv2.erode((matte == 255).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not inside.any():
        return 0.0
    luma = cv2.cvtColor(np.ascontiguousarray(colour), cv2.COLOR_RGB2GRAY)
    edges = cv2.Laplacian(luma, cv2.CV_16S)
    return float(edges[inside].std())

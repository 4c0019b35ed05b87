"""Which pictures are cut from annotated videos, into which class and split; then the cutting.

A split never divides a track: neighbouring frames are all but the same picture. Where whole frames
are taken, it never divides a video.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from datasets_app.domain.annotation.relabel import GOOD, Labelled, Relabelling, labelled_frames
from datasets_app.domain.annotation.tracks import Box, Shape, Tracks
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame, frame_size
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.synthesis.seeds import sample_seed
from matteweb.errors import BadInput, Cancelled

Take: TypeAlias = Literal["crops", "whole", "both"]
Edges: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are the first ones outside."""

ANOMALY = "anomaly"
TRAIN, TEST = "train", "test"


class CutParams(BaseModel):
    """How pictures are cut from annotated videos."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    take: Take = Field("crops", title="Pictures", description="Objects, whole frames, or both")
    every: int = Field(1, ge=1, le=10_000, title="Every", description="Take every n-th frame")
    margin: float = Field(
        0.0, ge=-0.45, le=2, title="Margin", description="Added on each side, as a share of the box"
    )
    square: bool = Field(False, title="Square", description="Widen the shorter side of a crop")
    least_side: int = Field(8, ge=1, le=4096, title="Least side", description="Pixels of a crop")
    one_anomaly: bool = Field(
        False, title="One class of anomalies", description="All classes but good become one"
    )
    test_share: float = Field(
        0.2, ge=0, le=0.9, title="Test share", description="Of the good tracks, kept for testing"
    )
    seed: int = Field(0, ge=0, lt=2**32, title="Seed", description="Draws the tracks to test on")

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> CutParams:
        """Read what a page, a request or a command holds. Raises BadInput naming each field."""
        try:
            return cls.model_validate(dict(plain))
        except ValidationError as error:
            said = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            raise BadInput(
                f"pictures cannot be cut like this: {'; '.join(said)}",
                hint=f"fields: {', '.join(cls.model_fields)}",
            ) from None


@dataclass(frozen=True, slots=True)
class Cut:
    """One picture to be cut. ``track`` is None for a whole frame; ``faults`` are drawn into its
    mask."""

    video: str
    frame: int
    track: int | None
    label: str
    split: str
    edges: Edges | None
    faults: tuple[Shape, ...]

    @property
    def name(self) -> str:
        """A file name that says where it is from."""
        part = "" if self.track is None else f"-t{self.track:03d}"
        return f"{PurePosixPath(self.video).name}-f{self.frame:06d}{part}.png"


@dataclass(frozen=True, slots=True)
class Annotated:
    """A video's tracks with the mapping that holds for them. ``size``: of its frames."""

    video: str
    tracks: Tracks
    rule: Relabelling
    frames: int
    size: FrameSize


def plan_cuts(videos: Sequence[Annotated], params: CutParams) -> list[Cut]:
    """Return what to cut, by video and frame. The same input gives the same list.

    Tracks (videos, where whole frames are taken) that are faulty anywhere go to the test side, as
    do ``test_share`` of the others; only good pictures are left to train on.
    """
    found: list[Cut] = []
    for one in videos:
        by_frame: dict[int, list[Labelled]] = {}
        for item in labelled_frames(one.tracks, one.rule):
            if item.shape.frame % params.every == 0 and item.shape.frame < one.frames:
                by_frame.setdefault(item.shape.frame, []).append(item)
        for frame in sorted(by_frame):
            found += _cuts_of_frame(one, frame, by_frame[frame], params)
    return _split(found, params)


def render_cuts(
    frames: Generator[RgbFrame, None, None], cuts: Sequence[Cut], should_stop: ShouldStop
) -> Iterator[tuple[Cut, RgbFrame, GrayFrame | None]]:
    """Yield each cut of one video with its picture, and with the mask of its faults, if any.

    ``frames`` is read once, up to the last frame needed, and closed. Raises Cancelled, and
    BadInput when the video is shorter than its annotations.
    """
    wanted: dict[int, list[Cut]] = {}
    for cut in cuts:
        wanted.setdefault(cut.frame, []).append(cut)
    last = max(wanted, default=-1)
    with closing(frames):
        for number, frame in enumerate(frames):
            if should_stop():
                raise Cancelled("cutting was stopped")
            for cut in wanted.pop(number, ()):
                yield cut, *_cut_out(frame, cut)
            if number >= last:
                break
    if wanted:
        raise BadInput(
            f"the video has no frame {min(wanted)}", hint="is it the one that was annotated?"
        )


def fault_mask(size: FrameSize, faults: Sequence[Shape]) -> GrayFrame:
    """Return {0, 255}: where the shapes lie in a frame of this size."""
    mask = np.zeros((size.height, size.width), np.uint8)
    for shape in faults:
        if shape.kind == "polygon":
            corners = np.round(np.array(shape.points)).astype(np.int32)
            cv2.fillPoly(mask, [corners], 255)
        elif shape.kind == "box":
            left, top, right, bottom = _whole_pixels(shape.box, size)
            mask[top:bottom, left:right] = 255
        else:
            _stamp(mask, shape)
    return mask


def _cuts_of_frame(
    one: Annotated, frame: int, items: list[Labelled], params: CutParams
) -> Iterator[Cut]:
    if params.take in ("crops", "both"):
        for item in items:
            edges = _edges(item.shape.box, one.size, params)
            if edges is not None:
                label = _class(item.label, params)
                yield Cut(one.video, frame, item.track, label, "", edges, item.faults)
    if params.take in ("whole", "both"):
        faulty = [item for item in items if item.label != GOOD]
        label = _class(faulty[0].label, params) if faulty else GOOD
        faults = tuple(dict.fromkeys(area for item in items for area in item.faults))
        yield Cut(one.video, frame, None, label, "", None, faults)


def _class(label: str, params: CutParams) -> str:
    return ANOMALY if params.one_anomaly and label != GOOD else label


def _edges(box: Box, size: FrameSize, params: CutParams) -> Edges | None:
    """Return the crop around a box, or None when too little of it is in the frame."""
    width, height = box.right - box.left, box.bottom - box.top
    across, down = params.margin * width, params.margin * height
    if params.square:
        longer = max(width + 2 * across, height + 2 * down)
        across, down = (longer - width) / 2, (longer - height) / 2
    grown = Box(box.left - across, box.top - down, box.right + across, box.bottom + down)
    left, top, right, bottom = _whole_pixels(grown, size)
    if right - left < params.least_side or bottom - top < params.least_side:
        return None
    return left, top, right, bottom


def _whole_pixels(box: Box, size: FrameSize) -> Edges:
    return (
        min(max(0, round(box.left)), size.width),
        min(max(0, round(box.top)), size.height),
        min(max(0, round(box.right)), size.width),
        min(max(0, round(box.bottom)), size.height),
    )


def _split(cuts: list[Cut], params: CutParams) -> list[Cut]:
    def unit(cut: Cut) -> tuple[str, int]:
        whole = params.take != "crops" or cut.track is None
        return cut.video, -1 if whole or cut.track is None else cut.track

    faulty = {unit(cut) for cut in cuts if cut.label != GOOD}
    good = {unit(cut) for cut in cuts} - faulty
    drawn = sorted(good, key=lambda one: sample_seed(params.seed, f"{one[0]}/{one[1]}"))
    tested = set(drawn[: round(params.test_share * len(drawn))]) | faulty
    return [_placed(cut, TEST if unit(cut) in tested else TRAIN) for cut in cuts]


def _placed(cut: Cut, split: str) -> Cut:
    return Cut(cut.video, cut.frame, cut.track, cut.label, split, cut.edges, cut.faults)


def _cut_out(frame: RgbFrame, cut: Cut) -> tuple[RgbFrame, GrayFrame | None]:
    size = frame_size(frame)
    left, top, right, bottom = cut.edges or (0, 0, size.width, size.height)
    inside = (slice(top, bottom), slice(left, right))
    mask = fault_mask(size, cut.faults)[inside] if cut.faults else None
    return np.ascontiguousarray(frame[inside]), mask


def _stamp(mask: GrayFrame, shape: Shape) -> None:
    box = shape.box
    left, top = round(box.left), round(box.top)
    width, height = round(box.right - box.left), round(box.bottom - box.top)
    values = np.zeros(len(shape.runs), np.uint8)
    values[1::2] = 255
    drawn = np.repeat(values, shape.runs).reshape(height, width)
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(mask.shape[1], left + width), min(mask.shape[0], top + height)
    if x1 > x0 and y1 > y0:
        part = drawn[y0 - top : y1 - top, x0 - left : x1 - left]
        mask[y0:y1, x0:x1] |= part


def label_counts(cuts: Sequence[Cut]) -> Mapping[tuple[str, str], int]:
    """Return (split, label) -> pictures."""
    found: dict[tuple[str, str], int] = {}
    for cut in cuts:
        found[cut.split, cut.label] = found.get((cut.split, cut.label), 0) + 1
    return dict(sorted(found.items()))

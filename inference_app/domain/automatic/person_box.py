"""Masks of people: a detector draws a box around each, SAM 2 cuts out what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import cv2
import numpy as np
from pydantic import Field

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.automatic.base import ClipFile, MakerParams
from inference_app.domain.automatic.full_size import at_full_size
from inference_app.domain.automatic.people import (
    Seen,
    followed,
    numbers,
    overlap,
    repaired,
    union,
)
from inference_app.domain.device import device_named
from inference_app.domain.interactive.pictures import LONGEST_SIDE, ClipPictures
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.sam2 import SAM2, loaded_sam2, points_of
from inference_app.domain.model_folders import ModelFolder
from matteweb.errors import BadInput, Cancelled

if TYPE_CHECKING:
    from inference_app.domain.networks.detector import Detector
    from inference_app.domain.networks.sam2 import Sam2, Sam2Track

DETECTOR: Final = ModelFolder(
    "person-detector",
    "RT-DETR or D-FINE",
    "Apache-2.0",
    "https://huggingface.co/PekingU/rtdetr_r50vd or https://huggingface.co/ustc-community",
)
# Two boxes that share more than this are one person.
_TWICE: Final = 0.7


class PersonBoxParams(MakerParams):
    """Who is looked for, and where."""

    frames: Literal["first", "all"] = Field(
        "first", title="Detect on", description="First: whoever is on the first frame that shows "
        "anybody, then followed. All: every frame anew, also whoever comes later"
    )  # fmt: skip
    sure: float = Field(
        0.5, ge=0.05, le=0.95, title="Sureness", description="What still counts as a person"
    )
    most: int = Field(10, ge=1, le=32, title="People", description="At most so many")
    steady: bool = Field(True, title="Repair flicker")


class PersonBox:
    """Detector and segmenter one after the other; their weights are the person's own."""

    info = PluginInfo("person_box", "People", "A box around each person, cut out by SAM 2", 1)
    params: type[MakerParams] = PersonBoxParams

    def unavailable(self) -> str:
        """Return which files belong where, or the missing package."""
        return ". ".join(dict.fromkeys(lack for one in (DETECTOR, SAM2) if (lack := one.lacks())))

    def provenance(self) -> dict[str, str]:
        """Return the sha256 of the weights of both networks."""
        return {one.name: one.digest() for one in (DETECTOR, SAM2)}

    def make(
        self, clip: ClipFile, params: PersonBoxParams, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[GrayFrame]:
        """Yield one mask of everybody per frame. Raises BadInput when nobody is found."""
        people = _people(clip, params, should_stop)
        for done, (picture, seen) in enumerate(zip(clip.each(), people, strict=True), 1):
            progress(done, clip.frames)
            yield at_full_size(picture, union(seen.people, seen.picture.shape[:2]))

    def numbered(
        self, clip: ClipFile, params: PersonBoxParams, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[GrayFrame]:
        """Yield the number of each person per frame, 0 = nobody. Raises as `make`."""
        size = (clip.size.width, clip.size.height)
        for done, seen in enumerate(_people(clip, params, should_stop), 1):
            progress(done, clip.frames)
            small = numbers(seen.people, seen.picture.shape[:2])
            yield np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _people(clip: ClipFile, params: PersonBoxParams, should_stop: ShouldStop) -> Iterator[Seen]:
    DETECTOR.require()
    detector, network = _detector(str(DETECTOR.path), DETECTOR.changed()), loaded_sam2()
    pictures = clip.small(LONGEST_SIDE)
    if params.frames == "first":
        found = _from_first(pictures, detector, network, params, should_stop)
    else:
        found = followed(_each(pictures, detector, network, params, should_stop), params.most)
    if params.steady:
        found = repaired(found)
    anybody = False
    for seen in found:
        anybody = anybody or bool(seen.people)
        yield seen
    if not anybody:
        raise BadInput(f"nobody was found in {clip.name}", hint="lower the sureness")


def _from_first(
    pictures: ClipPictures,
    detector: Detector,
    network: Sam2,
    params: PersonBoxParams,
    should_stop: ShouldStop,
) -> Iterator[Seen]:
    """Yield nobody until a frame shows somebody, then those who are on that frame."""
    tracks: list[Sam2Track] = []
    for number in range(pictures.frames):
        if should_stop():
            raise Cancelled("looking for people was stopped")
        picture = pictures[number]
        if tracks:
            shown = [track.at(number, reverse=False) for track in tracks]
            people = {
                person: mask
                for person, (mask, there) in enumerate(shown, 1)
                if there > 0.5 and (mask > 0.5).any()
            }
            yield Seen(picture, people)
            continue
        masks = _cut_out(picture, detector, network, params)
        for mask in masks:
            tracks.append(tracks[0].beside() if tracks else network.track(pictures))
            tracks[-1].refer(number, mask)
        yield Seen(picture, dict(enumerate(masks, 1)))


def _each(
    pictures: ClipPictures,
    detector: Detector,
    network: Sam2,
    params: PersonBoxParams,
    should_stop: ShouldStop,
) -> Iterator[tuple[RgbFrame, list[SoftMask]]]:
    for number in range(pictures.frames):
        if should_stop():
            raise Cancelled("looking for people was stopped")
        yield pictures[number], _cut_out(pictures[number], detector, network, params)


def _cut_out(
    picture: RgbFrame, detector: Detector, network: Sam2, params: PersonBoxParams
) -> list[SoftMask]:
    """Return a mask for everybody on one picture, the surest first."""
    kept: list[SoftMask] = []
    for found in detector.people(picture, params.sure, params.most):
        mask = network.mask(picture, points_of([found.box]))
        if (mask > 0.5).any() and all(overlap(mask, other) < _TWICE for other in kept):
            kept.append(mask)
    return kept


@lru_cache(maxsize=1)
def _detector(folder: str, changed: tuple[int, ...]) -> Detector:
    from inference_app.domain.networks.detector import Detector

    return Detector(DETECTOR.path, device_named("auto"))

"""From the values of a file to a mask: which side is the object, and what stays soft.

What a file holds is measured over all its frames first (`survey_mask`), then a reading is chosen,
by rule or by a person who looked at the preview (`choose_reading`), then it is read (`read_mask`).
In a mask 255 is the object, whatever the file's own sense.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.picture_file import Channel, is_picture
from datasets_app.domain.media.picture_sequence import Gap, PictureSequence
from datasets_app.domain.media.probe import probe
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import BadInput, Cancelled

Kind: TypeAlias = Literal["hard", "alpha", "index"]
Polarity: TypeAlias = Literal["white", "black"]
Histogram: TypeAlias = npt.NDArray[np.int64]
"""(256,) int64: how many pixels of all frames have each value."""

DEFAULT_THRESHOLD: Final = 127
TRIMASK_THRESHOLD: Final = 191
"""Readers of a trimask take up to 63 for 0, 64 to 191 for 128, and 192 upwards for 255."""

SOFT_FROM, SOFT_TO = 16, 239
SOFT_SHARE: Final = 0.02
"""Soft alpha is kept as it is when more than this share of its pixels lies in 16..239."""

_TRIMASK_MIDDLE: Final = slice(112, 145)
_TRIMASK_SHARE: Final = 0.9
_MOST_OBJECTS: Final = 32


@dataclass(frozen=True, slots=True)
class MaskSurvey:
    """What a file holds. ``histogram`` counts the values of ``channel`` over all frames.

    ``soft_share`` is the share of values in 16..239; ``trimask``: they are the middle of
    {0, 128, 255}. ``numbered``: the values are object numbers, not brightness.
    """

    frames: int
    size: FrameSize
    channel: Channel
    histogram: tuple[int, ...]
    soft_share: float
    trimask: bool
    numbered: bool
    gaps: tuple[Gap, ...]

    @property
    def objects(self) -> tuple[int, ...]:
        """The object numbers that occur, without 0; empty unless ``numbered``."""
        if not self.numbered:
            return ()
        return tuple(value for value, count in enumerate(self.histogram) if value and count)

    def coverage(self, reading: MaskReading) -> float:
        """Return the mean share of the frame that is object under ``reading``, 0..1."""
        counts = np.array(self.histogram, np.int64)
        table = reading.table().astype(np.int64)
        if reading.kind == "index":
            table = np.where(table > 0, 255, 0)
        return int((counts * table).sum()) / (255 * int(counts.sum()))


@dataclass(frozen=True, slots=True)
class MaskReading:
    """How a file is read. ``hard``: 255 where its value, inverted first when black is the object,
    is above ``threshold``, else 0. ``alpha``: the value, inverted likewise. ``index``: the object
    number as stored, 0 = none.
    """

    kind: Kind
    polarity: Polarity
    threshold: int
    soft_share: float
    channel: Channel = "luma"
    objects: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain values, for the row and for the page."""
        return {**asdict(self), "objects": list(self.objects)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> MaskReading:
        """Rebuild what `as_json` gave."""
        return cls(**{**plain, "objects": tuple(plain["objects"])})

    def table(self) -> GrayFrame:
        """Return what each of the 256 stored values becomes, as (256,) uint8."""
        values = np.arange(256, dtype=np.uint8)
        if self.kind == "index":
            return values
        if self.polarity == "black":
            values = 255 - values
        if self.kind == "hard":
            values = np.where(values > self.threshold, 255, 0).astype(np.uint8)
        return values

    def apply(self, stored: GrayFrame) -> GrayFrame:
        """Return the mask of one stored frame."""
        return cast(GrayFrame, cv2.LUT(stored, self.table()))


def survey_mask(
    path: Path,
    limits: Limits,
    *,
    name: str = "",
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> MaskSurvey:
    """Measure a video, a folder or ZIP of numbered pictures, or one picture, streaming.

    A video is decoded in a limited subprocess first. Raises what `probe` and `PictureSequence`
    raise, and Cancelled when asked to stop.
    """
    if is_video(path):
        facts = probe(path, limits, name=name, should_stop=should_stop)
        size = FrameSize(facts.width, facts.height)
        counts = _count(read_gray(path), facts.frames, progress, should_stop)
        return _survey(facts.frames, size, "luma", counts, numbered=False)
    with PictureSequence(path, limits=limits, name=name) as pictures:
        channel: Channel = "number" if pictures.is_numbered else "luma"
        if pictures.has_alpha and not pictures.is_numbered:
            opacity = _count(
                pictures.read_gray("alpha"), len(pictures), ignore_progress, should_stop
            )
            # An opacity that is full throughout says nothing: the picture itself is the mask.
            channel = "luma" if opacity[255] == opacity.sum() else "alpha"
        counts = _count(pictures.read_gray(channel), len(pictures), progress, should_stop)
        # Pictures are exact, so gray that never leaves 0..32 numbers objects; {0, 1} is common.
        highest = int(np.flatnonzero(counts).max(initial=0))
        numbered = pictures.is_numbered or 0 < highest <= _MOST_OBJECTS
        survey = _survey(len(pictures), pictures.size, channel, counts, numbered=numbered)
        return replace(survey, gaps=pictures.gaps)


def choose_reading(
    survey: MaskSurvey,
    *,
    kind: Kind | None = None,
    polarity: Polarity | None = None,
    threshold: int | None = None,
) -> MaskReading:
    """Return the reading by rule, or as a person chose; a chosen threshold makes the mask hard.

    The rule: numbers stay numbers; white is the object, except in a trimask, where 0 is the
    object that goes; soft alpha stays soft; everything else is cut above 127 (a trimask above
    191, so that neither its middle nor its far side is taken for the object).
    Raises BadInput for a threshold outside of 0..254.
    """
    if threshold is not None and not 0 <= threshold <= 254:
        raise BadInput(f"{threshold} is no threshold", hint="0 to 254, by default 127")
    kind = kind or ("hard" if threshold is not None else _kind_by_rule(survey))
    side: Polarity = "black" if survey.trimask and kind == "hard" else "white"
    cut = DEFAULT_THRESHOLD
    if survey.numbered and polarity != "black":
        cut = 0
    elif survey.trimask:
        cut = TRIMASK_THRESHOLD
    return MaskReading(
        kind=kind,
        polarity=polarity or side,
        threshold=cut if threshold is None else threshold,
        soft_share=survey.soft_share,
        channel=survey.channel,
        objects=survey.objects if kind == "index" else (),
    )


def _kind_by_rule(survey: MaskSurvey) -> Kind:
    if survey.numbered:
        # One object needs no number.
        return "index" if len(survey.objects) > 1 else "hard"
    soft = survey.soft_share > SOFT_SHARE and not survey.trimask
    return "alpha" if soft else "hard"


def read_mask(
    path: Path, reading: MaskReading, *, limits: Limits | None = None
) -> Generator[GrayFrame, None, None]:
    """Yield the mask of every frame as `GrayFrame`, in order. Raises as the survey does."""
    table = reading.table()
    with closing(read_stored(path, reading.channel, limits=limits)) as frames:
        for stored in frames:
            yield cast(GrayFrame, cv2.LUT(stored, table))


def read_stored(
    path: Path, channel: Channel, *, limits: Limits | None = None
) -> Generator[GrayFrame, None, None]:
    """Yield the values of every frame as the file has them. Raises as the survey does."""
    if is_video(path):
        yield from read_gray(path)
        return
    with PictureSequence(path, limits=limits) as pictures:
        yield from pictures.read_gray(channel)


def object_mask(numbers: GrayFrame, number: int) -> GrayFrame:
    """Return the hard mask, {0, 255}, of one object out of a frame of object numbers."""
    return np.where(numbers == number, 255, 0).astype(np.uint8)


def is_video(path: Path) -> bool:
    """Whether a mask file is to be decoded as video: it is neither folder, nor ZIP, nor picture."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(4)
    return head not in (b"PK\x03\x04", b"PK\x05\x06") and not is_picture(path)


def _count(
    frames: Generator[GrayFrame, None, None],
    total: int,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> Histogram:
    counts = np.zeros(256, np.int64)
    try:
        for done, frame in enumerate(frames, 1):
            if should_stop():
                raise Cancelled(f"stopped at frame {done} of {total}")
            # OpenCV's histogram counts in float32, which stops at 2^24 pixels.
            counts += np.bincount(frame.ravel(), minlength=256)
            progress(done, total)
    finally:
        frames.close()
    return counts


def _survey(
    frames: int, size: FrameSize, channel: Channel, counts: Histogram, *, numbered: bool
) -> MaskSurvey:
    total = int(counts.sum())
    soft = int(counts[SOFT_FROM : SOFT_TO + 1].sum())
    middle = int(counts[_TRIMASK_MIDDLE].sum())
    share = soft / total
    return MaskSurvey(
        frames=frames,
        size=size,
        channel=channel,
        histogram=tuple(int(count) for count in counts),
        soft_share=share,
        trimask=not numbered and share > SOFT_SHARE and middle > _TRIMASK_SHARE * soft,
        numbered=numbered,
        gaps=(),
    )

"""The frames behind an entry of a tree: measured, digested, decoded, whatever holds them."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from natsort import natsorted, ns

from datasets_app.domain.captions import VIDEO_SUFFIXES
from datasets_app.domain.media.checksum import digest_file
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.picture_file import (
    Channel,
    read_picture_gray,
    read_picture_header,
    read_picture_rgb,
)
from datasets_app.domain.media.picture_sequence import PictureSequence
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.media.probe import probe
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.progress import ShouldStop, never_stop
from datasets_app.domain.trees.entries import Footage, Pictures
from matteweb.errors import BadInput, Cancelled

_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Measure:
    """``fps`` is None for pictures, which carry no rate."""

    frames: int
    size: FrameSize
    fps: Fraction | None


def is_footage(path: Path) -> bool:
    """Whether a path is meant as a clip: a video, a ZIP, or a folder with pictures in it."""
    if path.is_dir():
        return any(is_picture_name(entry.name) for entry in path.iterdir())
    return path.suffix.lower() in VIDEO_SUFFIXES | {".zip"}


def footage_stem(path: Path) -> str:
    """Return the name of a clip: that of its file without the suffix, or of its folder."""
    return path.name if path.is_dir() else path.stem


def picture_paths(footage: Footage) -> tuple[Path, ...]:
    """Return the files of footage that is pictures in the open, in order; () for a video or ZIP."""
    if isinstance(footage, Pictures):
        return footage.files
    if footage.is_dir():
        found = [entry for entry in footage.iterdir() if is_picture_name(entry.name)]
        return tuple(natsorted(found, key=lambda entry: entry.name, alg=ns.IGNORECASE))
    return (footage,) if is_picture_name(footage.name) else ()


def footage_files(footage: Footage) -> tuple[Path, ...]:
    """Return every file that the footage is."""
    return picture_paths(footage) or ((footage,) if isinstance(footage, Path) else ())


def footage_digest(footage: Footage) -> str:
    """Return one sha256 over the bytes of the footage, wherever it lies and whatever the case of
    its endings."""
    total = hashlib.sha256()
    for file in footage_files(footage):
        total.update(f"{file.name.lower()} {digest_file(file).sha256}\n".encode())
    return total.hexdigest()


def measure_footage(
    footage: Footage, limits: Limits, should_stop: ShouldStop = never_stop, *, name: str = ""
) -> Measure:
    """Return frames, size and rate, by decoding under ``limits`` or from the pictures' headers.

    Raises BadInput, Unsupported, Cancelled.
    """
    name = name or footage.name
    if isinstance(footage, Pictures):
        return _measured(footage, limits)
    if footage.is_dir() or footage.suffix.lower() == ".zip" or is_picture_name(footage.name):
        with PictureSequence(footage, limits=limits, name=name) as sequence:
            return Measure(len(sequence), sequence.size, None)
    facts = probe(footage, limits, name=name, should_stop=should_stop)
    return Measure(facts.frames, FrameSize(facts.width, facts.height), facts.fps)


def decode_footage(
    footage: Footage, limits: Limits, should_stop: ShouldStop = never_stop, *, name: str = ""
) -> Measure:
    """Return what `measure_footage` does after decoding every frame, pictures too: a file that
    breaks off in its middle has a good header. Raises as it does."""
    measure = measure_footage(footage, limits, should_stop, name=name)
    for file in picture_paths(footage):
        if should_stop():
            raise Cancelled("the check was stopped")
        read_picture_rgb(file, file.name, limits.max_side)
    return measure


def rgb_frames(footage: Footage) -> Generator[RgbFrame, None, None]:
    """Yield the frames in colour, one in memory at a time. Raises BadInput for damage."""
    if isinstance(footage, Pictures):
        for file in footage.files:
            yield read_picture_rgb(file, file.name, _LIMITS.max_side)
    elif footage.is_dir() or footage.suffix.lower() == ".zip":
        with PictureSequence(footage) as sequence, closing(sequence.read_rgb()) as frames:
            yield from frames
    else:
        yield from read_rgb(footage)


def gray_frames(
    footage: Footage, channel: Channel | None = None
) -> Generator[GrayFrame, None, None]:
    """Yield one channel: ``channel``, or object numbers where every picture has a palette of
    colours, else brightness. Raises BadInput for damage."""
    if isinstance(footage, Pictures):
        for file in footage.files:
            yield _gray(file, channel)
    elif footage.is_dir() or footage.suffix.lower() == ".zip":
        with PictureSequence(footage) as sequence:
            usual: Channel = "number" if sequence.is_numbered else "luma"
            with closing(sequence.read_gray(channel or usual)) as frames:
                yield from frames
    elif is_picture_name(footage.name):
        yield _gray(footage, channel)
    else:
        yield from read_gray(footage)


def _gray(file: Path, channel: Channel | None) -> GrayFrame:
    if channel is None:
        header = read_picture_header(file, file.name, _LIMITS.max_side)
        channel = "number" if header.palette else "luma"
    return read_picture_gray(file, file.name, _LIMITS.max_side, channel)


def _measured(pictures: Pictures, limits: Limits) -> Measure:
    first: FrameSize | None = None
    for file in pictures.files:
        size = read_picture_header(file, file.name, limits.max_side).size
        if first is not None and size != first:
            raise BadInput(
                f"{file.name} is {size}, {pictures.name} is {first}",
                hint="bring all frames of a clip to one size",
            )
        first = size
    if first is None:
        raise BadInput("a stream has no pictures", hint="copy them again")
    return Measure(len(pictures.files), first, None)

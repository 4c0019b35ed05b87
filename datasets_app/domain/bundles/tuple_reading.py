"""A ready tuple from outside, measured and written as the streams of a sample."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from datasets_app.domain.bundles.manifest import TUPLE_LAYERS
from datasets_app.domain.bundles.tuple_streams import layer_frames, picture_files
from datasets_app.domain.media.checksum import digest_file
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.picture_sequence import PictureSequence
from datasets_app.domain.media.probe import probe
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.compositing.trimask import snap
from matteweb.errors import BadInput, Cancelled

RATE_OF_PICTURES: Final = Fraction(16)
"""Pictures carry no rate; this is the one of the videos that the Casper training data hold."""


@dataclass(frozen=True, slots=True)
class TupleSurvey:
    """What all three layers share. ``fps`` is None for layers that are pictures."""

    frames: int
    size: FrameSize
    fps: Fraction | None


@dataclass(frozen=True, slots=True)
class TupleFiles:
    """A stream per layer. ``snapped`` counts the mask's pixels that were not 0, 128 or 255."""

    streams: dict[str, StreamFiles]
    snapped: int


def tuple_digest(layers: Mapping[str, Path]) -> str:
    """Return one sha256 over the bytes of all layers: the same tuple has the same, wherever."""
    total = hashlib.sha256()
    for layer in sorted(layers):
        path = layers[layer]
        for file in picture_files(path) if path.is_dir() else [path]:
            # Without its ending's case a copy on another file system is still the same.
            total.update(f"{layer}/{file.name.lower()} {digest_file(file).sha256}\n".encode())
    return total.hexdigest()


def survey_tuple(
    layers: Mapping[str, Path], *, where: str, limits: Limits, should_stop: ShouldStop
) -> TupleSurvey:
    """Decode or, for pictures, read the headers of all layers, under ``limits``.

    Raises BadInput when a layer is missing or unlike the others, what `probe` and
    `PictureSequence` raise, and Cancelled.
    """
    missing = [layer for layer in TUPLE_LAYERS if layer not in layers]
    if missing:
        raise BadInput(f"{where} has no {missing[0]}", hint="render or copy the tuple again")
    found = {
        layer: _measured(layers[layer], f"{where}/{layers[layer].name}", limits, should_stop)
        for layer in TUPLE_LAYERS
    }
    full = found["rgb_full"]
    for layer, one in found.items():
        if one.frames != full.frames:
            raise BadInput(
                f"{where}: {layer} has {one.frames} frames, rgb_full has {full.frames}",
                hint="cut all three layers at the same frames",
            )
        if one.size != full.size:
            raise BadInput(
                f"{where}: {layer} is {one.size}, rgb_full is {full.size}",
                hint="write all three layers at one size",
            )
    return full


def stream_tuple(
    layers: Mapping[str, Path],
    survey: TupleSurvey,
    folder: Path,
    *,
    progress: Progress,
    should_stop: ShouldStop,
) -> TupleFiles:
    """Write master, delivery, index and pictures of each layer into ``folder``.

    The mask's values, which a lossy codec may have moved, become exactly 0, 128 and 255. Progress
    counts the frames of all layers. Memory: a few frames. Raises BadInput and Cancelled.
    """
    streams: dict[str, StreamFiles] = {}
    snapped = done = 0
    for layer in TUPLE_LAYERS:
        gray = layer == "mask"
        writer = StreamWriter(
            folder,
            layer,
            kind="gray" if gray else "rgb",
            size=survey.size,
            fps=survey.fps or RATE_OF_PICTURES,
            expected=survey.frames,
            master=True,
            pictures=True,
        )
        with writer, closing(layer_frames(layers[layer], gray=gray)) as frames:
            for frame in frames:
                if should_stop():
                    raise Cancelled(f"stopped at frame {done} of {3 * survey.frames}")
                exact: AnyFrame = snap(frame) if gray else frame
                snapped += int(np.count_nonzero(exact != frame)) if gray else 0
                writer.write(exact)
                done += 1
                progress(done, 3 * survey.frames)
        streams[layer] = writer.files()
    return TupleFiles(streams, snapped)


def _measured(path: Path, where: str, limits: Limits, should_stop: ShouldStop) -> TupleSurvey:
    if path.is_dir():
        with PictureSequence(path, limits=limits, name=where) as pictures:
            return TupleSurvey(len(pictures), pictures.size, None)
    facts = probe(path, limits, name=where, should_stop=should_stop)
    return TupleSurvey(facts.frames, FrameSize(facts.width, facts.height), facts.fps)

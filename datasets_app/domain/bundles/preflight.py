"""What must hold before a tuple may be trained on, and what a person should look at first.

The trainer notices none of this by itself: it swallows the exception of a bad tuple and silently
draws another one, or trains on what is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from datasets_app.domain.bundles.layer_kinds import is_gray
from datasets_app.domain.bundles.manifest import TUPLE_LAYERS
from datasets_app.domain.bundles.tuple_facts import TupleFacts, measure_tuple
from datasets_app.domain.bundles.tuple_streams import layer_frames
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.media.frames import FrameSize, frame_size
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.synthesis.compositing.trimask import BACKGROUND, KEEP, REMOVE
from matteweb.errors import BadInput, Cancelled

FEWEST_FRAMES = 17
"""Below this no trainer window of 4k+1 frames with a temporal context can be cut."""

WINDOW_FRAMES = 81
"""Frames of the trainer's window (81 for Wan, 85 for CogVideoX); shorter clips shorten a batch."""

BATCH = 8
"""Largest batch of the released training scripts."""

_LEVELS = (REMOVE, BACKGROUND, KEEP)
_BLUR = 16
_BLURRED_SHARE = 0.05
_OUTSIDE_MEAN = 10.0


def check_tuple(
    layers: Mapping[str, Path | None],
    caption: str,
    *,
    where: str = "",
    exact_mask: bool = True,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> tuple[TupleFacts | None, list[Finding]]:
    """Measure a tuple's three streams and return the facts with everything that is wrong.

    ``layers``: a video file or a folder of PNG per layer, None where it is missing. The facts are
    None when a stream is missing or cannot be read. ``exact_mask``: the mask holds the values 0,
    128 and 255 only; else they may be blurred by a codec. Raises Cancelled.
    """
    found = caption_findings(caption, where=where)
    present = {layer: path for layer, path in layers.items() if path is not None and path.exists()}
    for layer in TUPLE_LAYERS:
        if layer not in present:
            hint = "a tuple has rgb_full, mask and rgb_removed"
            found.append(Finding("missing_stream", "error", f"{layer} is missing", hint, where))
    if len(present) < len(TUPLE_LAYERS):
        return None, found
    facts: TupleFacts | None = None
    with Collecting(found, "unreadable", where):
        facts = measure_tuple(present, progress=progress, should_stop=should_stop)
        found += tuple_findings(facts, where=where, exact_mask=exact_mask)
    return facts, found


def check_sample(
    layers: Mapping[str, Path | None],
    caption: str,
    *,
    where: str = "",
    should_stop: ShouldStop = never_stop,
) -> tuple[int, list[Finding]]:
    """Return the frames of a sample, 0 when it cannot be read, and what is wrong with it: a tuple
    as `check_tuple` says, anything else when its layers differ in length or size. Raises
    Cancelled."""
    if set(TUPLE_LAYERS) <= set(layers) or not set(layers) - set(TUPLE_LAYERS):
        tuple_only = {layer: path for layer, path in layers.items() if layer in TUPLE_LAYERS}
        facts, found = check_tuple(tuple_only, caption, where=where, should_stop=should_stop)
        return (facts.streams["mask"].frames if facts else 0), found
    return _check_layers(layers, where, should_stop)


def _check_layers(
    layers: Mapping[str, Path | None], where: str, should_stop: ShouldStop
) -> tuple[int, list[Finding]]:
    found: list[Finding] = []
    counts: dict[str, int] = {}
    sizes: dict[str, FrameSize] = {}
    for layer, path in sorted(layers.items()):
        if path is None or not path.exists():
            hint = "render it again"
            found.append(Finding("missing_stream", "error", f"{layer} is missing", hint, where))
            continue
        with Collecting(found, "unreadable", where):
            counts[layer], sizes[layer] = _walked(path, is_gray(layer), should_stop)
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{layer} {count}" for layer, count in counts.items())
        message = f"frame counts differ: {told}"
        found.append(Finding("frame_counts", "error", message, "render it again", where))
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{layer} {size}" for layer, size in sizes.items())
        found.append(Finding("sizes", "error", f"sizes differ: {told}", "render it again", where))
    return min(counts.values(), default=0), found


def _walked(path: Path, gray: bool, should_stop: ShouldStop) -> tuple[int, FrameSize]:
    """Read every frame; return their number and size."""
    frames, size = 0, FrameSize(1, 1)
    with closing(layer_frames(path, gray=gray)) as stream:
        for frame in stream:
            if should_stop():
                raise Cancelled("the check was stopped")
            frames, size = frames + 1, frame_size(frame)
    if not frames:
        raise BadInput(f"{path.name} has no frames")
    return frames, size


def caption_findings(caption: str, *, where: str = "") -> list[Finding]:
    """Return an error when there is no caption to train with."""
    if caption.strip():
        return []
    hint = "caption the video that it shows, or the one behind: its samples without one get it"
    return [Finding("caption_empty", "error", "there is no caption", hint, where)]


def tuple_findings(facts: TupleFacts, *, where: str = "", exact_mask: bool = True) -> list[Finding]:
    """Return everything that the facts of a tuple say against training on it."""
    rules = (_shape, _length, _black, _content)
    found = [finding for rule in rules for finding in rule(facts, where)]
    return found + list(_mask_values(facts, where, exact=exact_mask))


class Row(Protocol):
    """What the trainer's batches depend on; every sample of a manifest has it."""

    @property
    def split(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def repeats(self) -> int: ...


def aspect_findings(samples: Iterable[Row], *, batch: int = BATCH) -> list[Finding]:
    """Return a warning per aspect ratio that has too few training rows to fill one batch.

    The trainer makes batches of one aspect ratio and never uses an incomplete one.
    """
    rows: dict[Fraction, int] = defaultdict(int)
    for sample in samples:
        if sample.split == "train":
            rows[Fraction(sample.width, sample.height)] += sample.repeats
    return [
        Finding(
            "aspect_rare",
            "warning",
            f"{count} row{'' if count == 1 else 's'} of aspect ratio "
            f"{ratio.numerator}:{ratio.denominator} cannot fill a batch of {batch}",
            "repeat them more often, or leave them out",
        )
        for ratio, count in sorted(rows.items())
        if count < batch
    ]


def _shape(facts: TupleFacts, where: str) -> Iterator[Finding]:
    frames = {layer: stream.frames for layer, stream in facts.streams.items()}
    if len(set(frames.values())) > 1:
        told = ", ".join(f"{layer} {count}" for layer, count in frames.items())
        yield Finding(
            "frame_counts", "error", f"frame counts differ: {told}", "export it again", where
        )
    sizes = {layer: f"{s.width}x{s.height}" for layer, s in facts.streams.items() if s.frames}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{layer} {size}" for layer, size in sizes.items())
        yield Finding("sizes", "error", f"sizes differ: {told}", "export it again", where)
    for layer, stream in facts.streams.items():
        if stream.width % 2 or stream.height % 2:
            message = f"{layer} has an odd size, {stream.width}x{stream.height}"
            hint = "cut one column or row from all three layers"
            yield Finding("odd_size", "error", message, hint, where)


def _length(facts: TupleFacts, where: str) -> Iterator[Finding]:
    frames = min(stream.frames for stream in facts.streams.values())
    if frames < FEWEST_FRAMES:
        message = f"{frames} frames, a trainer needs at least {FEWEST_FRAMES}"
        yield Finding("too_short", "error", message, "use a longer clip", where)
    elif frames < WINDOW_FRAMES:
        message = f"{frames} frames are fewer than a training window of {WINDOW_FRAMES}"
        hint = "the whole batch is cut to the shortest clip in it"
        yield Finding("short", "warning", message, hint, where)


def _black(facts: TupleFacts, where: str) -> Iterator[Finding]:
    for layer, stream in facts.streams.items():
        if not stream.black:
            continue
        if stream.black == stream.frames:
            yield Finding(
                "black", "error", f"{layer} is black throughout", "render it again", where
            )
        else:
            message = f"{layer} has {stream.black} black frames, the first is {stream.first_black}"
            yield Finding("black_frames", "warning", message, "is it a fade?", where)


def _content(facts: TupleFacts, where: str) -> Iterator[Finding]:
    if facts.streams["mask"].frames and not facts.removed_frames:
        hint = "0 in the mask is what goes; is the polarity turned round?"
        yield Finding("nothing_removed", "error", "the mask removes nothing", hint, where)
    if facts.compared_frames and not facts.changed_frames:
        message = "rgb_full and rgb_removed are the same"
        yield Finding("nothing_changed", "error", message, "render it again", where)
    if facts.outside_mean() > _OUTSIDE_MEAN:
        message = (
            f"rgb_full and rgb_removed differ by {facts.outside_mean():.1f}/255 on average outside "
            "of what is removed"
        )
        hint = "are the streams of the same clip, and in step?"
        yield Finding("outside_differs", "warning", message, hint, where)


def _mask_values(facts: TupleFacts, where: str, *, exact: bool) -> Iterator[Finding]:
    values = facts.mask_values
    present = np.flatnonzero(values)
    others = [int(value) for value in present if value not in _LEVELS]
    if not others:
        return
    if exact:
        shown = ", ".join(map(str, others[:5])) + (", ..." if len(others) > 5 else "")
        message = f"the mask has {len(others)} values other than 0, 128 and 255: {shown}"
        hint = "write masks without loss (H.264 qp 0, FFV1 or PNG)"
        yield Finding("mask_values", "error", message, hint, where)
        return
    near = np.zeros(256, bool)
    for level in _LEVELS:
        near[max(0, level - _BLUR) : level + _BLUR + 1] = True
    share = float(values[~near].sum() / values.sum())
    if share > _BLURRED_SHARE:
        message = f"{share:.0%} of the mask lies far from 0, 128 and 255"
        hint = "this is a soft or a damaged mask, not a trimask"
        yield Finding("mask_blurred", "error", message, hint, where)
    else:
        message = f"the mask was stored with loss ({len(others)} other values)"
        hint = "values up to 63 are read as 0, 64 to 191 as 128, from 192 as 255"
        yield Finding("mask_lossy", "note", message, hint, where)

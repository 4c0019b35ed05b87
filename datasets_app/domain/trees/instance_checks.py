"""What instance alphas and guidance masks must be once they are decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.findings import Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame, frame_size
from datasets_app.domain.media.picture_file import read_picture_header
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.checking import place
from datasets_app.domain.trees.entries import Footage, ReadyTuple
from datasets_app.domain.trees.footage import gray_frames, picture_paths, rgb_frames
from datasets_app.domain.trees.instance_trees import BACKGROUND
from datasets_app.domain.trees.samples import picture_of
from matteweb.errors import BadInput, Cancelled

TRAINING_SIDE: Final = 512
"""Pictures whose shorter side is below this are enlarged before training crops are cut."""

_NOISE: Final = 5
_NOISE_SHARE: Final = 0.01
_TINY_SHARE: Final = 0.001
_COMPOSITE_MEAN: Final = 4.0


@dataclass(slots=True)
class _Seen:
    """What passed by of one instance: its largest area and where, and pixels of faint noise and
    the frame with most of them."""

    solid: int = 0
    solid_at: int = 0
    any: int = 0
    noise: int = 0
    worst: int = 0
    noise_at: int = 0
    pixels: int = 0


@dataclass(slots=True)
class _Pixels:
    """How many pixels were wrong, and the first frame with such."""

    first: int
    count: int = 0


@dataclass(slots=True)
class _Totals:
    excess: float = 0.0
    excess_at: int = 0
    difference: float = 0.0
    compared: int = 0
    frames: int = 0
    clashes: dict[str, _Pixels] = field(default_factory=dict)
    values: dict[str, _Pixels] = field(default_factory=dict)


def instance_findings(
    one: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
) -> Iterator[Finding]:
    """Yield what is wrong with a sample's alphas and masks, each with its file below ``folder``.
    Raises BadInput when a file cannot be read or differs in size, Cancelled. Memory: one frame of
    each stream."""
    yield from _modes(one, folder, limits, should_stop)
    seen = [_Seen() for _ in one.instances]
    totals = _Totals()
    size = _walk(one, seen, totals, should_stop)
    for footage, instance in zip(one.instances, seen, strict=True):
        yield from _instance(instance, footage, folder)
    # Each alpha is rounded for itself.
    if totals.excess > len(one.instances):
        where = _file(one.instances[0], totals.excess_at, folder)
        message = (
            f"the alphas beside {where} add up to {1 + totals.excess / 255:.2f} on frame "
            f"{totals.excess_at}"
        )
        hint = "an alpha is what is visible: what covers an instance takes from it"
        yield Finding("alphas_overlap", "error", message, hint, where)
    yield from _guides(one, totals, folder)
    shown = _file(picture_of(one), 0, folder)
    if totals.compared and totals.difference / totals.compared > _COMPOSITE_MEAN:
        mean = totals.difference / totals.compared
        message = f"{shown} differs by {mean:.1f}/255 from its foregrounds over its background"
        hint = "the picture, the alphas or the kept layers are of different samples"
        yield Finding("composite_differs", "warning", message, hint, shown)
    if min(size.width, size.height) < TRAINING_SIDE:
        message = f"{shown} is {size}: it is enlarged before crops of {TRAINING_SIDE} are cut"
        yield Finding("enlarged", "note", message, "use larger pictures", shown)


def _guides(one: ReadyTuple, totals: _Totals, folder: Path) -> Iterator[Finding]:
    for source in one.guidance:
        masks = [mask for mask in source.masks if mask is not None]
        if clash := totals.clashes.get(source.source):
            where = _file(masks[0], clash.first, folder)
            message = f"masks of {source.source} overlap on {clash.count} pixels, first at {where}"
            hint = "a pixel guides one instance: keep the one whose alpha is highest"
            yield Finding("guidance_overlap", "error", message, hint, where)
        if odd := totals.values.get(source.source):
            where = _file(masks[0], odd.first, folder)
            message = (
                f"masks of {source.source} have {odd.count} values other than 0 and 255, first "
                f"at {where}"
            )
            yield Finding("guidance_values", "error", message, "cut them above 127", where)


def _file(footage: Footage, frame: int, folder: Path) -> str:
    """Return where the file of a frame lies below ``folder``."""
    files = picture_paths(footage)
    path = files[min(frame, len(files) - 1)] if files else footage
    if isinstance(path, Path) and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return place(path)


def _modes(
    one: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
) -> Iterator[Finding]:
    streams: list[Footage] = [*one.instances]
    streams += [mask for source in one.guidance for mask in source.masks if mask is not None]
    for footage in streams:
        for number, file in enumerate(picture_paths(footage)):
            if should_stop():
                raise Cancelled("the check was stopped")
            header = read_picture_header(file, file.name, limits.max_side)
            if header.mode not in ("L", "1"):
                where = _file(footage, number, folder)
                message = f"{where} is {header.mode}, not 8-bit gray"
                hint = "save alphas and masks with one channel of 8 bits"
                yield Finding("alpha_mode", "warning", message, hint, where)
                break


def _walk(
    one: ReadyTuple, seen: list[_Seen], totals: _Totals, should_stop: ShouldStop
) -> FrameSize:
    with ExitStack() as stack:
        streams = _Streams.of(one, stack)
        size: FrameSize | None = None
        for number, frame in enumerate(streams.shown):
            if should_stop():
                raise Cancelled("the check was stopped")
            size = _same_size(one, frame_size(frame), size, number)
            found = [_fitting(stream, size, footage, number) for stream, footage in streams.alphas]
            _take(found, seen, totals, number)
            for source, guides in zip(one.guidance, streams.guides, strict=True):
                if source.frames is None or number in source.frames:
                    masks = [_fitting(stream, size, mask, number) for stream, mask in guides]
                    _take_guides(source.source, masks, totals, number)
            if streams.behind is not None and len(streams.colours) == len(found):
                colours = [next(each) for each in streams.colours]
                _compare(frame, found, colours, next(streams.behind), totals)
        for stream, footage in streams.alphas:
            if next(stream, None) is not None:
                raise BadInput(f"{place(footage)} has more frames than {one.where}")
    if size is None:
        raise BadInput(f"{one.where} has no frames")
    return size


def _same_size(one: ReadyTuple, size: FrameSize, first: FrameSize | None, number: int) -> FrameSize:
    """Return the size of a frame, which is that of the first. Raises BadInput."""
    if first is not None and size != first:
        files = picture_paths(picture_of(one))
        what = place(files[number]) if number < len(files) else f"frame {number} of {one.where}"
        raise BadInput(
            f"{what} is {size}, the first frame is {first}",
            hint="bring all frames of a clip to one size",
        )
    return size


@dataclass(slots=True)
class _Streams:
    """A sample's streams, each read one frame at a time and closed with the stack."""

    shown: Iterator[RgbFrame]
    alphas: list[tuple[Iterator[GrayFrame], Footage]]
    guides: list[list[tuple[Iterator[GrayFrame], Footage]]]
    behind: Iterator[RgbFrame] | None
    colours: list[Iterator[RgbFrame]]

    @classmethod
    def of(cls, one: ReadyTuple, stack: ExitStack) -> _Streams:
        def gray(footage: Footage) -> tuple[Iterator[GrayFrame], Footage]:
            return stack.enter_context(closing(gray_frames(footage, "luma"))), footage

        def rgb(footage: Footage) -> Iterator[RgbFrame]:
            return stack.enter_context(closing(rgb_frames(footage)))

        background = one.layers.get(BACKGROUND)
        return cls(
            rgb(picture_of(one)),
            [gray(footage) for footage in one.instances],
            [[gray(mask) for mask in each.masks if mask is not None] for each in one.guidance],
            rgb(background) if background is not None else None,
            [rgb(footage) for footage in one.foregrounds],
        )


def _fitting(
    stream: Iterator[GrayFrame], size: FrameSize, footage: Footage, number: int
) -> GrayFrame:
    frame = next(stream, None)
    if frame is None:
        raise BadInput(
            f"{place(footage)} ends at frame {number}", hint="write one per frame, empty or not"
        )
    if frame_size(frame) != size:
        raise BadInput(
            f"{place(footage)} is {frame_size(frame)} at frame {number}, the picture is {size}",
            hint="write alphas and masks at the picture's size",
        )
    return frame


def _take(alphas: Sequence[GrayFrame], seen: list[_Seen], totals: _Totals, number: int) -> None:
    total: npt.NDArray[np.int32] | None = None
    for alpha, instance in zip(alphas, seen, strict=True):
        solid = int(np.count_nonzero(alpha > 127))
        if solid > instance.solid:
            instance.solid, instance.solid_at = solid, number
        instance.any += int(np.count_nonzero(alpha))
        noise = int(np.count_nonzero((alpha > 0) & (alpha < _NOISE)))
        instance.noise += noise
        if noise > instance.worst:
            instance.worst, instance.noise_at = noise, number
        instance.pixels = alpha.size
        total = alpha.astype(np.int32) if total is None else total + alpha
    if total is not None and (excess := int(total.max()) - 255) > totals.excess:
        totals.excess, totals.excess_at = excess, number
    totals.frames += 1


def _take_guides(source: str, masks: Sequence[GrayFrame], totals: _Totals, number: int) -> None:
    covered: npt.NDArray[np.uint8] | None = None
    for mask in masks:
        others = int(np.count_nonzero((mask != 0) & (mask != 255)))
        if others:
            totals.values.setdefault(source, _Pixels(number)).count += others
        part = (mask > 127).astype(np.uint8)
        covered = part if covered is None else covered + part
    if covered is not None and (clashes := int(np.count_nonzero(covered > 1))):
        totals.clashes.setdefault(source, _Pixels(number)).count += clashes


def _compare(
    shown: RgbFrame,
    alphas: Sequence[GrayFrame],
    colours: Sequence[RgbFrame],
    behind: RgbFrame,
    totals: _Totals,
) -> None:
    if any(frame.shape != shown.shape for frame in (*colours, behind)):
        raise BadInput("foregrounds or background have another size than the picture")
    left = np.ones(shown.shape[:2], np.float32)
    made = np.zeros(shown.shape, np.float32)
    for alpha, colour in zip(alphas, colours, strict=True):
        part = alpha.astype(np.float32) / 255
        made += part[..., None] * colour
        left -= part
    made += np.clip(left, 0, 1)[..., None] * behind
    totals.difference += float(np.abs(made - shown).sum())
    totals.compared += shown.size


def _instance(seen: _Seen, footage: Footage, folder: Path) -> Iterator[Finding]:
    where = _file(footage, seen.solid_at, folder)
    if not seen.any:
        message = f"the instance of {where} is empty throughout"
        hint = "leave the instance out, or bring in its alpha again"
        yield Finding("instance_empty", "error", message, hint, where)
    elif seen.solid <= _TINY_SHARE * seen.pixels:
        share = seen.solid / max(1, seen.pixels)
        message = f"the instance of {where} covers {share:.2%} of the picture at most"
        hint = "leave it out, or enlarge it: training drops it"
        yield Finding("instance_tiny", "warning", message, hint, where)
    if seen.noise > _NOISE_SHARE * max(1, seen.any) and seen.any:
        where = _file(footage, seen.noise_at, folder)
        message = f"the instance of {where} has {seen.noise} pixels of alpha below {_NOISE}"
        hint = "training sets them to 0, evaluation does not: clean them"
        yield Finding("alpha_noise", "warning", message, hint, where)

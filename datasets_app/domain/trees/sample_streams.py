"""A finished sample of any kind from a tree, written as the streams of a sample of the studio."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets_app.domain.bundles.layer_kinds import is_gray
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import AnyFrame
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Footage, Guidance, Pictures, ReadyTuple
from datasets_app.domain.trees.footage import (
    Measure,
    footage_digest,
    gray_frames,
    measure_footage,
    rgb_frames,
)
from datasets_app.domain.trees.frame_numbers import PLANNED, numbers_of_names
from datasets_app.domain.trees.samples import PICTURE, instance_layer
from datasets_app.domain.trees.writing import frame_names, write_picture
from matteweb.errors import BadInput, Cancelled

FOREGROUND: Final = "fgr_"
GUIDE: Final = "mask_"
PARTIAL: Final = "guidance_frames"
"""In the plan of a sample: source of guidance -> the frames that have its masks; the others of its
layers are empty."""

RATE_OF_PICTURES: Final = Fraction(24)
"""Pictures carry no rate; mattes are made for films."""


def guide_layer(source: int, instance: int) -> str:
    """Return the layer of a guidance mask: which source, and of which instance."""
    return f"{GUIDE}{source:02d}_{instance:02d}"


def sample_layers(one: ReadyTuple) -> dict[str, Footage]:
    """Return every stream of the sample by the name of its layer. Those of `covered_frames` have
    some frames only."""
    found: dict[str, Footage] = dict(one.layers)
    for number, alpha in enumerate(one.instances):
        found[instance_layer(number)] = alpha
    for number, colour in enumerate(one.foregrounds):
        found[f"{FOREGROUND}{number:02d}"] = colour
    for source, guide in enumerate(one.guidance):
        for number, mask in enumerate(guide.masks):
            if mask is not None:
                found[guide_layer(source, number)] = mask
    return found


def covered_frames(one: ReadyTuple) -> dict[str, tuple[int, ...]]:
    """Return layer -> the frames that it has, for guidance of some frames."""
    return {
        guide_layer(source, number): guide.frames
        for source, guide in enumerate(one.guidance)
        if guide.frames is not None
        for number in range(len(guide.masks))
    }


def imported_plan(one: ReadyTuple) -> dict[str, Any]:
    """Return what a sample of a tree has to keep of it besides its layers: sources of guidance in
    the order of their layers, which of their frames are no masks, what its frames were called."""
    plan: dict[str, Any] = {}
    if one.guidance:
        plan["guidance"] = [guide.source for guide in one.guidance]
    partial = {g.source: list(g.frames) for g in one.guidance if g.frames is not None}
    if partial:
        plan[PARTIAL] = partial
    shown = one.layers.get(PICTURE)
    numbers = numbers_of_names(frame_names(shown) or ()) if shown is not None else None
    return plan | ({PLANNED: numbers.as_json()} if numbers else {})


def picked_frames(
    footage: Path, frames: Sequence[int], folder: Path, should_stop: ShouldStop
) -> Pictures:
    """Write the chosen frames of a gray stream as PNG into the new ``folder``; they grow. Raises
    BadInput when it has fewer, Cancelled."""
    folder.mkdir(parents=True)
    wanted, files = set(frames), []
    with closing(gray_frames(footage)) as every:
        for number, frame in enumerate(every):
            if should_stop():
                raise Cancelled(f"stopped in {footage.name}")
            if number in wanted:
                files.append(folder / f"{number:06d}.png")
                write_picture(frame, files[-1], "gray")
            if len(files) == len(wanted):
                break
    if len(files) != len(wanted):
        raise BadInput(f"{footage.name} has fewer frames than its masks", hint="import it again")
    return Pictures(tuple(files))


def sample_of_layers(
    layers: Mapping[str, Path], *, category: str, name: str, split: str, sources: list[str]
) -> ReadyTuple:
    """Return the sample again from its named layers; ``sources`` names those of guidance."""
    instances = _numbered(layers, "alpha_")
    # A sample with one alpha for everything has one mask per source.
    count = len(instances) or 1
    guidance = tuple(
        Guidance(source, tuple(layers.get(guide_layer(place, k)) for k in range(count)))
        for place, source in enumerate(sources)
    )
    plain = {
        layer: path
        for layer, path in layers.items()
        if not (layer.startswith(("alpha_", FOREGROUND, GUIDE)) and layer[-1:].isdigit())
    }
    return ReadyTuple(
        category,
        name,
        plain,
        split=split,
        instances=instances,
        foregrounds=_numbered(layers, FOREGROUND),
        guidance=guidance,
    )


def sample_digest(one: ReadyTuple) -> str:
    """Return one sha256 over the bytes of all layers that have every frame: the sample is the same
    with or without masks of some frames."""
    whole = tuple(guide for guide in one.guidance if guide.frames is None)
    layers = sample_layers(replace(one, guidance=whole))
    total = hashlib.sha256()
    for layer in sorted(layers):
        total.update(f"{layer} {footage_digest(layers[layer])}\n".encode())
    return total.hexdigest()


def survey_layers(
    layers: Mapping[str, Footage],
    covered: Mapping[str, Sequence[int]],
    *,
    where: str,
    limits: Limits,
    should_stop: ShouldStop,
) -> tuple[Measure, set[str]]:
    """Return what all layers share, and which of those ``covered``, which have the frames that it
    says, do not lie over the picture: a sample can do without. Raises BadInput, naming another one
    that is unlike, Cancelled."""
    if PICTURE not in layers:
        raise BadInput(f"{where} has no {PICTURE}", hint="copy the picture too")
    shown = measure_footage(layers[PICTURE], limits, should_stop)
    misfits: set[str] = set()
    for layer in [layer for layer in layers if layer != PICTURE]:
        own = measure_footage(layers[layer], limits, should_stop)
        frames = len(covered[layer]) if layer in covered else shown.frames
        if (own.frames, own.size) == (frames, shown.size):
            continue
        if layer not in covered:
            raise BadInput(
                f"{where}: {layer} has {own.frames} frames of {own.size}, {PICTURE} has "
                f"{frames} of {shown.size}",
                hint="write all layers alike",
            )
        misfits.add(layer)
    return shown, misfits


def stream_layers(
    layers: Mapping[str, Footage],
    covered: Mapping[str, Sequence[int]],
    shared: Measure,
    folder: Path,
    should_stop: ShouldStop,
) -> dict[str, StreamFiles]:
    """Write master, delivery, index and pictures of each layer into ``folder``; what a layer of
    ``covered`` does not have is empty.

    Memory: a few frames. Raises BadInput, Cancelled.
    """
    streams: dict[str, StreamFiles] = {}
    for layer, footage in layers.items():
        gray = is_gray(layer)
        writer = StreamWriter(
            folder,
            layer,
            kind="gray" if gray else "rgb",
            size=shared.size,
            fps=shared.fps or RATE_OF_PICTURES,
            expected=shared.frames,
            master=True,
            pictures=layer == PICTURE,
        )
        frames: Generator[AnyFrame, None, None]
        frames = gray_frames(footage) if gray else rgb_frames(footage)
        if layer in covered:
            frames = _spread(frames, covered[layer], shared)
        with writer, closing(frames):
            for frame in frames:
                if should_stop():
                    raise Cancelled(f"stopped in {layer}")
                writer.write(frame)
        streams[layer] = writer.files()
    return streams


def _spread(
    masks: Generator[AnyFrame, None, None], covered: Sequence[int], shared: Measure
) -> Generator[AnyFrame, None, None]:
    """Yield a mask per frame of the sample, empty where none is ``covered``."""
    empty = np.zeros((shared.size.height, shared.size.width), np.uint8)
    wanted = set(covered)
    with closing(masks):
        for number in range(shared.frames):
            yield next(masks) if number in wanted else empty


def _numbered(layers: Mapping[str, Path], start: str) -> tuple[Path, ...]:
    names = [layer for layer in layers if layer.startswith(start) and layer[-1:].isdigit()]
    return tuple(layers[layer] for layer in sorted(names))

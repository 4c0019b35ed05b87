"""A finished sample of any kind from a tree, written as the streams of a sample of the studio."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Final

from datasets_app.domain.bundles.layer_kinds import is_gray
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import AnyFrame
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Footage, Guidance, ReadyTuple
from datasets_app.domain.trees.footage import (
    Measure,
    footage_digest,
    gray_frames,
    measure_footage,
    rgb_frames,
)
from datasets_app.domain.trees.samples import PICTURE, instance_layer
from matteweb.errors import BadInput, Cancelled

FOREGROUND: Final = "fgr_"
GUIDE: Final = "mask_"
RATE_OF_PICTURES: Final = Fraction(24)
"""Pictures carry no rate; mattes are made for films."""


def guide_layer(source: int, instance: int) -> str:
    """Return the layer of a guidance mask: which source, and of which instance."""
    return f"{GUIDE}{source:02d}_{instance:02d}"


def sample_layers(one: ReadyTuple) -> dict[str, Footage]:
    """Return every stream of the sample by the name of its layer. Guidance that covers only some
    frames is no stream, and left out."""
    found: dict[str, Footage] = dict(one.layers)
    for number, alpha in enumerate(one.instances):
        found[instance_layer(number)] = alpha
    for number, colour in enumerate(one.foregrounds):
        found[f"{FOREGROUND}{number:02d}"] = colour
    for source, guide in enumerate(whole_guidance(one)):
        for number, mask in enumerate(guide.masks):
            if mask is not None:
                found[guide_layer(source, number)] = mask
    return found


def whole_guidance(one: ReadyTuple) -> list[Guidance]:
    """Return the sources of guidance that cover every frame, in the order of their layers."""
    return [guide for guide in one.guidance if guide.frames is None]


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


def layers_digest(layers: Mapping[str, Footage]) -> str:
    """Return one sha256 over the bytes of all layers."""
    total = hashlib.sha256()
    for layer in sorted(layers):
        total.update(f"{layer} {footage_digest(layers[layer])}\n".encode())
    return total.hexdigest()


def survey_layers(
    layers: Mapping[str, Footage], *, where: str, limits: Limits, should_stop: ShouldStop
) -> Measure:
    """Return what all layers share. Raises BadInput, naming the one that is unlike, Cancelled."""
    if PICTURE not in layers:
        raise BadInput(f"{where} has no {PICTURE}", hint="copy the picture too")
    shown = measure_footage(layers[PICTURE], limits, should_stop)
    for layer, footage in layers.items():
        own = measure_footage(footage, limits, should_stop)
        if (own.frames, own.size) != (shown.frames, shown.size):
            raise BadInput(
                f"{where}: {layer} has {own.frames} frames of {own.size}, {PICTURE} has "
                f"{shown.frames} of {shown.size}",
                hint="write all layers alike",
            )
    return shown


def stream_layers(
    layers: Mapping[str, Footage], shared: Measure, folder: Path, should_stop: ShouldStop
) -> dict[str, StreamFiles]:
    """Write master, delivery, index and pictures of each layer into ``folder``.

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
        frames: Iterator[AnyFrame]
        with writer, closing(gray_frames(footage) if gray else rgb_frames(footage)) as frames:
            for frame in frames:
                if should_stop():
                    raise Cancelled(f"stopped in {layer}")
                writer.write(frame)
        streams[layer] = writer.files()
    return streams


def _numbered(layers: Mapping[str, Path], start: str) -> tuple[Path, ...]:
    names = [layer for layer in layers if layer.startswith(start) and layer[-1:].isdigit()]
    return tuple(layers[layer] for layer in sorted(names))

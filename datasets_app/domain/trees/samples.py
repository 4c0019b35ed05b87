"""A finished sample as other trees want it: as a clip with a mask, or as its three tuple layers."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from datasets_app.domain.bundles.manifest import TUPLE_LAYERS
from datasets_app.domain.media.frames import GrayFrame
from datasets_app.domain.media.mask_reading import DEFAULT_THRESHOLD
from datasets_app.domain.synthesis.compositing.trimask import REMOVE, snap
from datasets_app.domain.trees.entries import Footage, ReadyTuple, SourceClip, SourceMask
from datasets_app.domain.trees.footage import gray_frames
from matteweb.errors import BadInput

PICTURE = "rgb_full"
"""The layer that shows everything."""

ALPHA = "alpha"
MASK = "mask"
INSTANCE = "alpha_"
"""Layers alpha_00, alpha_01, ...: the soft alpha of each instance, from the bottom to the top."""


def instance_layer(number: int) -> str:
    """Return the layer of instance ``number``, from 0."""
    return f"{INSTANCE}{number:02d}"


def refuses_tuple(layers: Mapping[str, str]) -> str:
    """Return why samples with these layers are no tuples, or ""."""
    missing = [layer for layer in TUPLE_LAYERS if layer not in layers]
    return f"a tuple has {', '.join(TUPLE_LAYERS)}; there is no {missing[0]}" if missing else ""


def refuses_clip(layers: Mapping[str, str]) -> str:
    """Return why samples with these layers are no clips with a mask, or ""."""
    if PICTURE not in layers:
        return f"there is no {PICTURE}"
    if MASK in layers or ALPHA in layers or instance_layer(0) in layers:
        return ""
    return "there is neither a mask nor an alpha"


def refuses_instances(layers: Mapping[str, str]) -> str:
    """Return why samples with these layers have no instance alphas, or ""."""
    if PICTURE not in layers:
        return f"there is no {PICTURE}"
    return "" if instance_layer(0) in layers or ALPHA in layers else "there is no alpha"


def refuses_one_alpha(layers: Mapping[str, str]) -> str:
    """Return why samples with these layers have no single alpha, or ""."""
    if instance_layer(1) in layers:
        return "it has several alphas, this layout holds one"
    return refuses_instances(layers)


def alphas_of(one: ReadyTuple) -> tuple[Footage, ...]:
    """Return the alpha of each instance, or the one alpha that there is, or ()."""
    return one.instances or ((one.layers[ALPHA],) if ALPHA in one.layers else ())


def picture_of(one: ReadyTuple) -> Footage:
    """Return the layer that shows everything. Raises BadInput without one."""
    if PICTURE not in one.layers:
        raise BadInput(f"{one.where} has no {PICTURE}", hint="leave it out of this export")
    return one.layers[PICTURE]


def flat_name(one: ReadyTuple) -> str:
    """Return a name that is unique in a tree without folders for categories."""
    return f"{one.category}-{one.name}"


def clip_of_tuple(one: ReadyTuple) -> SourceClip:
    """Return the sample as a clip with its mask, or its alpha without one. Raises BadInput."""
    shown = one.layers.get(MASK) or one.layers.get(ALPHA)
    masks = (SourceMask(flat_name(one), shown),) if shown else ()
    return SourceClip(flat_name(one), picture_of(one), masks, one.captions, one.split)


def tuple_masters(one: ReadyTuple) -> dict[str, Path]:
    """Return the layers of a tuple that are there. Raises BadInput for a list of pictures."""
    found: dict[str, Path] = {}
    for layer in TUPLE_LAYERS:
        footage = one.layers.get(layer)
        if isinstance(footage, Path):
            found[layer] = footage
        elif footage is not None:
            raise BadInput(f"{one.where}: {layer} is no video and no folder of pictures")
    return found


def object_numbers(one: ReadyTuple) -> Generator[GrayFrame, None, None]:
    """Yield object numbers per frame, 0 = none: each instance where it is above 127 and above the
    others, else the alpha above 127, else what a trimask removes."""
    alphas = alphas_of(one)
    if not alphas:
        with closing(gray_frames(one.layers[MASK])) as frames:
            for frame in frames:
                yield (snap(frame) == REMOVE).astype(np.uint8)
        return
    with ExitStack() as stack:
        readers = [stack.enter_context(closing(gray_frames(alpha))) for alpha in alphas]
        for layers in zip(*readers, strict=True):
            strongest = np.stack(layers)
            number = strongest.argmax(axis=0).astype(np.uint8) + 1
            yield np.where(strongest.max(axis=0) > DEFAULT_THRESHOLD, number, 0).astype(np.uint8)

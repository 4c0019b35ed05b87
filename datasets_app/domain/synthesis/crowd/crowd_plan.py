"""The plan of a sample with several people, and its layers frame by frame."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.recipes.base import AssetRef, Cost, Layers, LayerSpec, Plan
from datasets_app.domain.synthesis.compositing.recomposition import Frame, Recomposition
from datasets_app.domain.synthesis.crowd.guidance import (
    Degradation,
    GuideDraw,
    draw_guide,
    guide_layer,
    guide_masks,
)
from datasets_app.domain.synthesis.crowd.instance import Instance
from datasets_app.domain.synthesis.crowd.instance_compositor import Composed, compose
from datasets_app.domain.synthesis.crowd.instance_frames import Piece, instance_pieces
from datasets_app.domain.synthesis.geometry.window import FrameWindow
from datasets_app.domain.synthesis.sources.source_frames import asset_frames

Foregrounds: TypeAlias = Literal["none", "merged", "each"]

CROWD_LAYERS = (
    LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
    LayerSpec("rgb_removed", "rgb", delivered=True),
    LayerSpec("alpha", "gray", delivered=True, repeated=True),
    LayerSpec("fgr", "rgb", delivered=False),
    LayerSpec("guidance", "gray", delivered=True, repeated=True),
)
"""The picture, the clean background, one visible alpha per person (``alpha_00`` is the lowest), the
people's own colour (all in one, one each, or not at all), and coarse masks of each person, a set
per source of ``guidance``."""


class CrowdPlan(Plan):
    """``instances`` from the lowest to the highest. ``background_start`` is the first frame of a
    background clip. ``hidden``: the largest true occlusion of any person in any frame.
    ``guidance`` names the sources of coarse masks, ``guides`` holds what was drawn for each of
    their people."""

    background: AssetRef
    background_start: int
    instances: tuple[Instance, ...]
    guidance: tuple[Degradation, ...] = ()
    guides: tuple[tuple[GuideDraw, ...], ...] = ()
    hidden: float
    foregrounds: Foregrounds
    clean: bool

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digest of every file that ``render`` reads, each once."""
        digests = [self.background.digest]
        for one in self.instances:
            digests += [one.source.cutout] if one.source.cutout else one.source.files
        return tuple(dict.fromkeys(digests))

    def sample_layers(self, declared: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
        """Return one alpha per person, and the colours that were asked for."""
        people = len(self.instances)
        layers: list[LayerSpec] = []
        for spec in declared:
            if spec.name == "rgb_removed" and not self.clean:
                continue
            if spec.name == "fgr" and self.foregrounds == "none":
                continue
            if spec.name == "guidance":
                layers += self._guide_layers(spec)
                continue
            many = spec.repeated or (spec.name == "fgr" and self.foregrounds == "each")
            layers += spec.times(people) if many else (spec,)
        return tuple(layers)

    def _guide_layers(self, spec: LayerSpec) -> list[LayerSpec]:
        return [
            replace(spec, name=guide_layer(source, person), repeated=False)
            for source in range(len(self.guidance))
            for person in range(len(self.instances))
        ]

    @property
    def recomposition(self) -> Recomposition | None:
        """The alphas never sum to more than 1, and with the people's colours and the background
        they make the picture."""
        if not self.clean or self.foregrounds == "none":
            return None
        return Recomposition("sum alpha_k fgr_k + (1 - sum alpha_k) rgb_removed = rgb_full", _apart)


def crowd_cost(plan: CrowdPlan, *, seconds_per_megapixel: float, bytes_per_pixel: float) -> Cost:
    """Return what a plan takes; the rates are those of a sample of 2.5 people."""
    share = (2 + len(plan.instances)) / 4.5
    return Cost.by_pixels(
        plan,
        seconds_per_megapixel=seconds_per_megapixel * share,
        bytes_per_pixel=bytes_per_pixel * share,
    )


def draw_guides(
    sources: tuple[Degradation, ...], people: int, rng: np.random.Generator
) -> tuple[tuple[GuideDraw, ...], ...]:
    """Draw a mask for every person and source; the last draws of a plan, so that asking for masks
    changes nothing else of it."""
    return tuple(tuple(draw_guide(source, rng) for _ in range(people)) for source in sources)


def _apart(layers: Frame) -> float:
    numbers = sorted(name[-2:] for name in layers if name.startswith("alpha_"))
    free = np.full(layers["rgb_removed"].shape[:2], 255.0)
    again = np.zeros(layers["rgb_removed"].shape)
    for number in numbers:
        alpha = layers[f"alpha_{number}"].astype(np.float64)
        colour = layers["fgr"] if "fgr" in layers else layers[f"fgr_{number}"]
        again += alpha[..., None] * colour
        free -= alpha
    if free.min() < 0:
        return float("inf")
    again = (again + free[..., None] * layers["rgb_removed"]) / 255
    return float(np.abs(again - layers["rgb_full"]).max())


def crowd_layers(
    plan: CrowdPlan, sources: Mapping[str, Path], first: int
) -> Generator[Layers, None, None]:
    """Decode side by side and yield the layers of frame ``first`` and on, the same whichever it is;
    one frame in memory at a time."""
    canvas = FrameSize(plan.width, plan.height)
    window = FrameWindow(plan.background_start, 1, plan.frames).rest(first)
    with ExitStack() as stack:
        behind = stack.enter_context(closing(asset_frames(plan.background, sources, window)))
        people = [
            stack.enter_context(closing(instance_pieces(one, sources, plan.frames, canvas, first)))
            for one in plan.instances
        ]
        for background in behind:
            yield _composed(plan, background, [next(pieces) for pieces in people])


def _composed(plan: CrowdPlan, background: RgbFrame, pieces: list[Piece]) -> Layers:
    composed = compose(
        background,
        pieces,
        each=plan.foregrounds == "each",
        merged=plan.foregrounds == "merged",
    )
    layers = _named(composed)
    if plan.clean:
        layers["rgb_removed"] = background
    for source, draws in enumerate(plan.guides):
        for person, mask in enumerate(guide_masks(composed.alphas, draws)):
            layers[guide_layer(source, person)] = mask
    return layers


def _named(composed: Composed) -> Layers:
    layers: Layers = {"rgb_full": composed.full}
    for number, alpha in enumerate(composed.alphas):
        layers[f"alpha_{number:02d}"] = alpha
    for number, colour in enumerate(composed.colours):
        layers[f"fgr_{number:02d}"] = colour
    if composed.merged is not None:
        layers["fgr"] = composed.merged
    return layers

"""Several objects over a background, frame by frame: who covers whom, and what is left of each."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.synthesis.compositing.mixing import mix
from datasets_app.domain.synthesis.moving.moving_object import MovingObject, landed
from datasets_app.domain.synthesis.plates.backdrop import Backdrop

Floats = npt.NDArray[np.float32]

_THIN = np.float32(1 / 512)
# From this alpha on a pixel belongs to the object.
_OWNED = 0.5


class MovingPlan(Protocol):
    """What a plan says of a moving scene."""

    @property
    def frames(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def objects(self) -> tuple[MovingObject, ...]: ...
    @property
    def backdrop(self) -> Backdrop: ...
    @property
    def soft_edge(self) -> int: ...


def moving_layers(
    plan: MovingPlan, sources: Mapping[str, Path], first: int
) -> Generator[Layers, None, None]:
    """Yield rgb_full, instances, alpha, fgr and bgr of the frames from ``first`` on.

    Memory: one frame of each source and one sprite per object.
    """
    frame = FrameSize(plan.width, plan.height)
    with ExitStack() as stack:
        behind = stack.enter_context(
            closing(plan.backdrop.frames(sources, frame, plan.frames, first))
        )
        sprites = [
            stack.enter_context(closing(one.sprites(sources, plan.frames, first, plan.soft_edge)))
            for one in plan.objects
        ]
        for number, background in enumerate(behind, start=first):
            shown = [next(each) for each in sprites]
            yield _layers(plan, frame, number, background, shown)


def _layers(
    plan: MovingPlan, frame: FrameSize, number: int, background: RgbFrame, sprites: list[Floats]
) -> Layers:
    light = np.zeros((frame.height, frame.width, 4), np.float32)
    instances = np.zeros((frame.height, frame.width), np.uint8)
    for index in _far_to_near(plan, number):
        sprite = sprites[index]
        matrix = plan.objects[index].matrix(frame, number, plan.frames)
        found = landed(sprite, matrix, frame)
        if found is not None:
            box, part = found
            light[box.slices] *= 1 - part[..., 3:]
            light[box.slices] += part
            instances[box.slices][part[..., 3] >= _OWNED] = index + 1
    return _stored(light, instances, background)


def _far_to_near(plan: MovingPlan, number: int) -> list[int]:
    """Return the numbers of the objects in the order in which they cover each other."""
    nearness = [one.nearness.at(number, plan.frames) for one in plan.objects]
    return sorted(range(len(nearness)), key=lambda index: (nearness[index], index))


def _stored(light: Floats, instances: GrayFrame, background: RgbFrame) -> Layers:
    """Round alpha and colour first, and mix rgb_full from what is stored."""
    alpha = np.rint(np.clip(light[..., 3], 0, 1) * 255).astype(np.uint8)
    colours = light[..., :3] / np.maximum(light[..., 3:], _THIN)
    foreground = np.zeros_like(background)
    cv2.copyTo(np.rint(np.clip(colours, 0, 255)).astype(np.uint8), alpha, foreground)
    return {
        "rgb_full": mix(foreground, background, alpha),
        "instances": instances,
        "alpha": alpha,
        "fgr": foreground,
        "bgr": background,
    }

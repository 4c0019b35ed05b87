"""Clean samples of random make to plant faults into: painted ones, and pairs of real clips.

A sample has all layers as rendering makes them, or only the three of an imported tuple, encoded
as a delivery and read back. Everything is drawn from the seed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.demo_scenes import make_stage
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import RgbDeliveryWriter
from datasets_app.domain.quality.derived import object_of
from datasets_app.domain.quality.fault_pictures import shadow_of
from datasets_app.domain.quality.faults import Fault, draw_fault, is_visible, planted
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.synthesis.compositing import trimask
from datasets_app.domain.synthesis.compositing.compositor import Compositor
from datasets_app.domain.synthesis.geometry.placement import place
from tests import clips

SIZE = FrameSize(192, 112)
REAL_SIZE = FrameSize(320, 192)
MARGIN = 2
_CLIPS = ("animator-draw", "boys-beach", "davis_camel", "davis_kite-walk", "davis_parkour")
_TWO_MASKS = frozenset(_CLIPS[1:4])
# An object that covers less of the frame is too small to judge by.
_LEAST_COVER = 0.02


def painted_sample(seed: int, *, frames: int = 40, size: FrameSize = SIZE) -> list[Layers]:
    """Return a sample of a painted figure over another scene's backdrop."""
    rng = np.random.default_rng([seed, 11])
    scenes = demo_scenes()
    behind, before = rng.choice(len(scenes), 2, replace=False)
    pictures = _backdrops(scenes[int(behind)].slug, size, frames, rng)
    stage = make_stage(size, seed)
    hard, noise = bool(rng.random() < 0.4), float(rng.uniform(0, 2))
    made = []
    for number, backdrop in enumerate(pictures):
        figure = scenes[int(before)].figure(stage, number / (frames - 1))
        alpha = np.rint(figure.alpha * 255).astype(np.uint8)
        alpha = cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1] if hard else alpha
        colour = np.broadcast_to(np.clip(figure.colour, 0, 1) * 255, backdrop.shape)
        made.append(_layers(_grainy(colour, noise, rng), alpha, _grainy(backdrop, noise, rng)))
    return _as_delivered(made, rng)


def _backdrops(
    slug: str, size: FrameSize, frames: int, rng: np.random.Generator
) -> Iterator[RgbFrame]:
    """Yield a window of the scene that pans and bobs over a larger painting of it, or rests."""
    large = FrameSize(size.width * 3 // 2, size.height * 3 // 2)
    speed = rng.uniform(-1, 1, 2) * (rng.random() < 0.7)
    middle = np.array([size.width, size.height]) / 4
    for number, frame in enumerate(
        demo_clip(slug, size=large, frames=frames, seed=int(rng.integers(1, 1000)))
    ):
        x, y = middle + speed * (number - frames / 2) * middle / frames * 2
        window = np.array([[1, 0, -x], [0, 1, -y]], np.float32)
        yield cv2.warpAffine(frame.backdrop, window, (size.width, size.height))


def real_sample(seed: int, *, frames: int = 40, size: FrameSize = REAL_SIZE) -> list[Layers]:
    """Return a sample of the masked object of one real clip over another, placed at random."""
    rng = np.random.default_rng([seed, 12])
    while True:
        made = _pasted(frames, size, rng)
        if np.mean([object_of(one).mean() for one in made]) >= 255 * _LEAST_COVER:
            return _as_delivered(made, rng)


def _pasted(frames: int, size: FrameSize, rng: np.random.Generator) -> list[Layers]:
    names = [_CLIPS[int(pick)] for pick in rng.choice(len(_CLIPS), 2, replace=False)]
    number = int(rng.integers(2)) if names[0] in _TWO_MASKS else 0
    start = int(rng.integers(0, 80 - frames + 1))
    source = FrameSize(640, 384)
    scale, (x, y) = float(rng.uniform(0.6, 1)), rng.uniform(-0.2, 0.2, 2)
    placement = place(source, size, scale=scale, shift_x=float(x), shift_y=float(y))
    compositor = Compositor(placement, soft=False, soft_edge=int(rng.choice((0, 4))))
    pictures = read_rgb(clips.clip(names[0]), start=start, stop=start + frames)
    masks = read_gray(clips.mask(names[0], number), start=start, stop=start + frames)
    behind = read_rgb(clips.clip(names[1]), start=start, stop=start + frames)
    made = []
    for picture, mask, back in zip(pictures, masks, behind, strict=True):
        removed = cv2.resize(back, (size.width, size.height), interpolation=cv2.INTER_AREA)
        pasted = compositor.paste(picture, mask, removed)
        made.append(_layers(pasted.foreground, pasted.alpha, removed, full=pasted.full))
    return made


def faulty(
    sample: list[Layers], kind: str, rng: np.random.Generator
) -> tuple[list[Layers], Fault, list[int]]:
    """Plant a fault of ``kind``; return also the frames that it changed visibly."""
    for _ in range(50):
        fault = draw_fault(kind, tuple(sample[0]), len(sample), rng)
        changed = list(planted(iter(sample), fault))
        frames = [
            number
            for number, (old, new) in enumerate(zip(sample, changed, strict=True))
            if is_visible(fault, old, new)
        ]
        if frames:
            return changed, fault, frames
    raise AssertionError(f"no {kind} changes this sample")


def _layers(
    colour: RgbFrame, alpha: GrayFrame, removed: RgbFrame, full: RgbFrame | None = None
) -> Layers:
    share = alpha[..., None].astype(np.float32) / 255
    if full is None:
        full = np.rint(share * colour + (1 - share) * removed).astype(np.uint8)
    mask = np.full(alpha.shape, trimask.BACKGROUND, np.uint8)
    trimask.remove(mask, alpha, MARGIN)
    fgr = np.where(alpha[..., None] > 0, colour, 0).astype(np.uint8)
    return {"rgb_full": full, "rgb_removed": removed, "mask": mask, "alpha": alpha, "fgr": fgr}


def _grainy(picture: np.ndarray, noise: float, rng: np.random.Generator) -> RgbFrame:
    seen = picture + rng.normal(0, noise, picture.shape)
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8)


def _as_delivered(sample: list[Layers], rng: np.random.Generator) -> list[Layers]:
    """Return half of the samples as imported tuples; in half of those the object has a shadow."""
    if rng.random() < 0.5:
        return sample
    if rng.random() < 0.5:
        side, dark = (float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))), rng.uniform(0.3, 0.6)
        sample = [_with_shadow(frame, side, float(dark)) for frame in sample]
    full, removed = (_coded([one[name] for one in sample]) for name in ("rgb_full", "rgb_removed"))
    return [
        {"rgb_full": one, "mask": layers["mask"], "rgb_removed": two}
        for one, two, layers in zip(full, removed, sample, strict=True)
    ]


def _with_shadow(frame: Layers, side: tuple[float, float], dark: float) -> Layers:
    alpha = object_of(frame)
    shade = 1 - dark * shadow_of(alpha, side) * (1 - alpha.astype(np.float32) / 255)
    full = np.rint(frame["rgb_full"] * shade[..., None]).astype(np.uint8)
    return {**frame, "rgb_full": full}


def _coded(frames: list[RgbFrame]) -> list[RgbFrame]:
    size = FrameSize(frames[0].shape[1], frames[0].shape[0])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with RgbDeliveryWriter(path, size, Fraction(16)) as out:
            for frame in frames:
                out.write(np.ascontiguousarray(frame))
        return list(islice(read_rgb(path), len(frames)))

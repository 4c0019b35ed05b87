"""One measurement of one side, in a process of its own; prints one JSON object.

`python -m benchmarks` runs them all and compares.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks import long_clips
from benchmarks.baselines.object_paste import Move, composite, measure, transformed_mask
from benchmarks.footage import FRAMES, RATE, SIZE, Footage, footage
from benchmarks.measure import Cost, cpu_per_unit, peak_megabytes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import GrayDeliveryWriter, RgbDeliveryWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.recipes.object_paste import ObjectPaste, ObjectPasteParams, ObjectPastePlan
from datasets_app.domain.synthesis.pasting.paste import paste_layers
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.synthesis.seeds import generator
from matteweb.jobs.allocator import keep_freed_memory

WARM_UP_FRAMES = 24


def compositing(side: str, clips: Footage, folder: Path) -> tuple[Cost, float]:
    """Decoded frames in, frames out."""
    plan = clips.plan()
    pictures = list(read_rgb(clips.sources[plan.foreground.digest], stop=plan.frames))
    masks = list(read_gray(clips.sources[plan.mask.digest], stop=plan.frames))
    backgrounds = list(read_rgb(clips.sources[plan.background.digest], stop=plan.frames))

    def streamed() -> int:
        layers = paste_layers(
            plan.compositor(),
            plan.mask_mode,
            pictures,
            masks,
            backgrounds,
            repeat(None, plan.frames),
            margin=plan.mask_margin,
        )
        return sum(1 for _ in layers)

    def whole() -> int:
        full, _, _ = composite(
            np.stack(pictures), np.stack(masks), np.stack(backgrounds), _move(plan)
        )
        return len(full)

    if side == "recipe":
        return cpu_per_unit(streamed, repeats=15), peak_megabytes()
    return cpu_per_unit(whole, repeats=5), peak_megabytes()


def job(side: str, clips: Footage, folder: Path) -> tuple[Cost, float]:
    """Decode, composite, export rgb_full, rgb_removed and mask as mp4."""
    plan = clips.plan()
    sample = _recipe_sample if side == "recipe" else _baseline_sample
    cost = cpu_per_unit(lambda: _export(plan, sample(plan, clips.sources), folder), repeats=5)
    return cost, peak_megabytes()


def planning(side: str, clips: Footage, folder: Path) -> tuple[Cost, float]:
    """Per accepted try, the tries that fell included."""
    if side == "recipe":
        return cpu_per_unit(lambda: _plan_with_recipe(clips), repeats=5), peak_megabytes()
    return cpu_per_unit(lambda: _plan_with_baseline(clips), repeats=3), peak_megabytes()


def memory(folder: Path) -> float:
    """Return the peak of the job that ``long_clips.prepare`` left, after a warm-up sample."""
    plan, sources = long_clips.prepared(folder)
    short = plan.model_copy(update={"frames": WARM_UP_FRAMES})
    for each in (short, plan):
        _export(each, _recipe_sample(each, sources), folder)
    return peak_megabytes()


def _recipe_sample(plan: ObjectPastePlan, sources: dict[str, Path]) -> Iterator[Layers]:
    return ObjectPaste().render(plan, sources, ignore_progress, never_stop)


def _baseline_sample(plan: ObjectPastePlan, sources: dict[str, Path]) -> Iterator[Layers]:
    window = {"start": plan.start, "stop": plan.start + plan.frames}
    layers = composite(
        np.stack(list(read_rgb(sources[plan.foreground.digest], **window))),
        np.stack(list(read_gray(sources[plan.mask.digest], **window))),
        np.stack(list(read_rgb(sources[plan.background.digest], **window))),
        _move(plan),
    )
    for full, removed, mask in zip(*layers, strict=True):
        yield {"rgb_full": full, "rgb_removed": removed, "mask": mask}


def _export(plan: ObjectPastePlan, sample: Iterator[Layers], folder: Path) -> int:
    size = FrameSize(plan.width, plan.height)
    with (
        RgbDeliveryWriter(folder / "rgb_full.mp4", size, RATE) as full,
        RgbDeliveryWriter(folder / "rgb_removed.mp4", size, RATE) as removed,
        GrayDeliveryWriter(folder / "mask.mp4", size, RATE) as mask,
    ):
        count = 0
        for layers in sample:
            full.write(layers["rgb_full"])
            removed.write(layers["rgb_removed"])
            mask.write(layers["mask"])
            count += 1
    return count


def _plan_with_recipe(clips: Footage) -> int:
    """Open the pool anew, as a run does once, and plan 100 samples."""
    recipe, params = ObjectPaste(), ObjectPasteParams()
    for index in range(100):
        plan_sample(recipe, params, clips.pool, root_seed=1, index=index)
    return 100


def _plan_with_baseline(clips: Footage) -> int:
    """Each try decodes a mask that may pass, moves it and measures it; 3 samples."""
    params = ObjectPasteParams()
    admitted = {mask.name for mask in ObjectPaste().survey(params, clips.pool).admitted}
    digests = [
        mask.digest
        for clip in clips.pool.clips
        for mask in clip.masks
        if f"{clip.name} / {mask.name}" in admitted
    ]
    rng, accepted = generator(1), 0
    while accepted < 3:
        mask = np.stack(list(read_gray(clips.sources[digests[rng.integers(len(digests))]])))
        move = Move(
            rng.uniform(params.scale_min, params.scale_max),
            rng.uniform(-params.shift, params.shift),
            rng.uniform(-params.shift, params.shift),
        )
        figures = measure(transformed_mask(mask, move))
        accepted += (
            figures.mean >= params.mask_mean_min
            and figures.max <= params.mask_max
            and figures.stationary >= params.mask_stationary_min
        )
    return accepted


def _move(plan: ObjectPastePlan) -> Move:
    return Move(plan.scale, plan.shift_x, plan.shift_y)


FIGURES: dict[str, Callable[[str, Footage, Path], tuple[Cost, float]]] = {
    "compositing": compositing,
    "job": job,
    "planning": planning,
}


def main() -> None:
    """Measure what the command line names and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", choices=[*FIGURES, "prepare", "memory"])
    parser.add_argument("--side", choices=["recipe", "baseline"], default="recipe")
    parser.add_argument("--width", type=int, default=SIZE.width)
    parser.add_argument("--height", type=int, default=SIZE.height)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--folder", type=Path, help="where prepare writes and memory reads")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    keep_freed_memory()
    if options.figure == "memory":
        print(json.dumps({"peak": memory(options.folder)}))
        return
    with TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        clips = footage(folder)
        if options.figure == "prepare":
            size = FrameSize(options.width, options.height)
            long_clips.prepare(clips, folder, size, options.frames)
            print(json.dumps({"footage": clips.name}))
            return
        cost, peak = FIGURES[options.figure](options.side, clips, folder)
        print(json.dumps({"footage": clips.name, "peak": peak, "cost": cost.as_json()}))


if __name__ == "__main__":
    main()

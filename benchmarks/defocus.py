"""One measurement of defocus, recipe or plain port, in a process of its own; prints JSON.

Decoding of picture, mask and depth track is part of both sides, and given apart; encoding is not.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks.baselines.defocus import defocused
from benchmarks.footage import Footage, footage
from benchmarks.measure import cpu_per_unit, peak_megabytes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Pool, PoolClip, PoolMask
from datasets_app.domain.recipes.defocus import Defocus, DefocusParams, DefocusPlan
from datasets_app.domain.synthesis.planner import plan_sample
from matteweb.jobs.allocator import keep_freed_memory

FRAMES = 24
BLUR = 4.0
"""Percent of the width: 26 pixels at 640, a Gaussian of 5 pixels at half of the depth."""
SIGMA = 5.0


def main() -> None:
    """Measure what the command line names and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", choices=["track", "layers"])
    parser.add_argument("--side", choices=["recipe", "baseline"], default="recipe")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    keep_freed_memory()
    with TemporaryDirectory() as folder:
        clips = footage(Path(folder))
        plan, sources = planned(clips, Path(folder), track=options.figure == "track")

        def ours() -> int:
            return sum(1 for _ in Defocus().render(plan, sources, ignore_progress, never_stop))

        def theirs() -> int:
            stop = plan.start + plan.frames
            clip = np.stack(
                list(read_rgb(sources[plan.foreground.digest], start=plan.start, stop=stop))
            )
            alpha = np.stack(
                list(read_gray(sources[plan.foreground.alpha_digest], start=plan.start, stop=stop))
            )
            depth = np.stack(list(read_gray(sources["depth"], start=plan.start, stop=stop)))
            return sum(1 for _ in defocused(clip, alpha, depth, SIGMA))

        def decoding() -> int:
            stop = plan.start + plan.frames
            kept = [plan.foreground.digest, plan.foreground.alpha_digest]
            depth = options.side == "baseline" or plan.depth is not None
            for digest in [*kept, "depth"] if depth else kept:
                read = read_rgb if digest == plan.foreground.digest else read_gray
                for _ in read(sources[digest], start=plan.start, stop=stop):
                    pass
            return plan.frames

        cost = cpu_per_unit(ours if options.side == "recipe" else theirs, options.repeats)
        decode = cpu_per_unit(decoding, options.repeats)
        found = {"footage": clips.name, "peak": peak_megabytes()}
        print(json.dumps(found | {"cost": cost.as_json(), "decoding": decode.as_json()}))


def planned(clips: Footage, folder: Path, *, track: bool) -> tuple[DefocusPlan, dict[str, Path]]:
    """Return a plan of 24 frames as filmed, its sources, and a depth track made of the mask."""
    chosen = next(clip for clip in clips.pool.clips if clip.masks)
    path = folder / "depth.mkv"
    size = FrameSize(chosen.width, chosen.height)
    floor = np.repeat(np.linspace(0, 150, size.height)[:, None], size.width, axis=1)
    with GrayMasterWriter(path, size, chosen.fps) as out:
        for mask in read_gray(clips.sources[chosen.masks[0].digest]):
            out.write(np.where(mask > 127, 200, floor).astype(np.uint8))
    sources = {**clips.sources, "depth": path}
    depth = PoolMask(
        0,
        "depth",
        "depth",
        chosen.frames,
        size.width,
        size.height,
        True,
        chosen.masks[0].load_small,
    )
    clip: PoolClip = replace(chosen, masks=chosen.masks[:1], depth=depth if track else None)
    params = DefocusParams(
        scene="as filmed", max_frames=FRAMES, blur_min=BLUR, blur_max=BLUR, soft_edge=3
    )
    return (
        plan_sample(Defocus(), params, Pool(clips=(clip,)), root_seed=1, index=0).plan,
        sources,
    )


if __name__ == "__main__":
    main()

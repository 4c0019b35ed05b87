"""Our matting networks against the mask, the guided filter and closed form: errors and speed.

The test set is painted from sprites and seeds that no training sees; clips with strands are told
apart. Speed is CPU time per frame on one thread; ten frames a second on two cores need 0.2 s.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from time import process_time

import cv2
import numpy as np

from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.device import Device
from inference_app.domain.evaluation.matting import (
    Method,
    every_mask,
    first_mask,
    mask_itself,
    measure_methods,
    predictor_method,
    true_trimap,
)
from inference_app.domain.evaluation.tables import Table
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import Shot
from inference_app.domain.predictors.weights import SHIPPED, find_weights, why_not
from inference_app.domain.training.held_out import TEST
from inference_app.domain.training.painted import held_out_clip

OURS = ("wavelet_refiner", "flow_unet")
THEIRS = ("guided_filter", "closed_form")
WIDTH, HEIGHT, TIMED = 512, 288, 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=10)
    clips = min(parser.parse_args().clips, TEST.clips)
    runners = {
        slug: PREDICTORS[slug].load(find_weights(PREDICTORS[slug], SHIPPED), Device())
        for slug in (*OURS, *THEIRS)
        if not why_not(PREDICTORS[slug], SHIPPED)
    }
    methods: dict[str, Method] = {"mask": mask_itself}
    for slug, runner in runners.items():
        methods[slug] = predictor_method(runner, every_mask)
        if slug in OURS:
            methods[f"{slug}, first mask only"] = predictor_method(runner, first_mask)
    if "closed_form" in runners:
        methods["closed_form, true trimap"] = predictor_method(runners["closed_form"], true_trimap)
    found = measure_methods((held_out_clip(TEST, index) for index in range(clips)), methods)
    _print(found.table(f"test set, the first {clips} of {TEST.clips} clips"))
    if any(found.stranded):
        _print(found.table("of these, with strands", stranded_only=True))
    print(f"\nCPU-seconds per frame of {WIDTH}x{HEIGHT} on one thread")
    for slug, runner in runners.items():
        began = process_time()
        for _ in runner.predict(_shots(), ignore_progress, never_stop):
            pass
        print(f"  {slug:28} {(process_time() - began) / TIMED:.3f}")


def _print(table: Table) -> None:
    print(f"\n{table.as_text()}\n")
    means = {
        name: {figure: interval.mean for figure, interval in row.items() if interval}
        for name, row in table.rows.items()
    }
    for slug in OURS:
        for other in ("mask", *THEIRS):
            if other in means:
                band, steady = (
                    means[slug][figure] / means[other][figure] for figure in ("mad_band", "dtssd")
                )
                print(f"  {slug} / {other}: band MAD {band:.3f}, dtSSD {steady:.3f}")


def _shots() -> Iterator[Shot]:
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (18, 32, 3), np.uint8)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    for index in range(TIMED):
        rgb = cv2.resize(np.roll(coarse, index, 1), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        inside = (x - 200 - 4 * index) ** 2 + (y - 144) ** 2 < 90**2
        yield Shot(np.asarray(rgb, np.uint8), (inside * 255).astype(np.uint8))


if __name__ == "__main__":
    main()

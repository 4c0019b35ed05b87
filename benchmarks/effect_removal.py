"""Pairs per hour of the recipe against two plain renders that come as close to the truth.

The truth is 600 samples per pixel without denoiser. Plain renders take as many samples as they need
for the recipe's PSNR; between the counts that are measured the cost is interpolated. CPU time of
the renderer's process, building the scene included, over both pictures of a frame.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from datasets_app.domain.progress import never_stop
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.scenes.description import Scene
from datasets_app.domain.scenes.renderer import render_events
from datasets_app.domain.synthesis.planner import plan_sample

SCENES = 4
SIDE = 192
FRAMES = 2
TRUTH = 600
PLAIN = (16, 32, 64, 128, 256)
LAYERS = ("rgb_full", "rgb_removed", "instances")


@dataclass(frozen=True, slots=True)
class Render:
    """``pictures``: (frames, 2, H, W, 3) uint8; ``cpu``: seconds per frame for both."""

    pictures: np.ndarray
    cpu: float


def main() -> None:
    """Measure and print."""
    recipe = EffectRemoval()
    params = recipe.params(side=SIDE, frames=FRAMES)
    ours: list[tuple[float, float]] = []
    plain: dict[int, list[tuple[float, float]]] = {samples: [] for samples in PLAIN}
    for index in range(SCENES):
        plan = plan_sample(recipe, params, Pool(), root_seed=1, index=index).plan
        truth = _render(plan.scene, TRUTH, denoise=False)
        ours.append(_scored(truth, _render(plan.scene, plan.scene.samples, denoise=True)))
        for samples in PLAIN:
            plain[samples].append(_scored(truth, _render(plan.scene, samples, denoise=False)))
    psnr, cpu = np.mean(ours, axis=0)
    print(f"\neffect removal, {SIDE}x{SIDE}, {SCENES} scenes of {FRAMES} frames, CPU per pair")
    print(f"  recipe    {cpu:7.2f} s   PSNR {psnr:5.1f} dB   ({params.samples} samples, denoised)")
    rows = [(samples, *np.mean(found, axis=0)) for samples, found in plain.items()]
    for samples, level, cost in rows:
        print(f"  plain     {cost:7.2f} s   PSNR {level:5.1f} dB   ({samples} samples)")
    levels, costs = [row[1] for row in rows], [row[2] for row in rows]
    beyond = "" if psnr <= levels[-1] else "more than "
    equal = float(np.interp(psnr, levels, costs))
    print(f"  ratio     {beyond}{equal / cpu:.1f} x at the recipe's PSNR", flush=True)


def _render(scene: Scene, samples: int, *, denoise: bool) -> Render:
    described = scene.model_copy(update={"samples": samples})
    before = _children_cpu()
    pictures = []
    with TemporaryDirectory() as place:
        folder = Path(place)
        events = render_events(described, LAYERS, folder, never_stop, threads=2, denoise=denoise)
        for event in events:
            if event["event"] == "frame":
                names = (event["layers"][layer] for layer in LAYERS[:2])
                pictures.append([cv2.imread(str(folder / name)) for name in names])
    return Render(np.array(pictures), (_children_cpu() - before) / scene.frames)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _scored(truth: Render, other: Render) -> tuple[float, float]:
    """Return PSNR in dB of 8-bit pictures, and the cost."""
    wrong = truth.pictures.astype(np.float64) - other.pictures
    return float(10 * np.log10(255**2 / np.mean(np.square(wrong)))), other.cpu


if __name__ == "__main__":
    main()

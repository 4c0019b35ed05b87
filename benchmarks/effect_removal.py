"""Pairs per hour of the recipe against two plain renders that come as close to the truth.

The truth is 600 samples per pixel without denoiser. Plain renders take as many samples as they need
for the recipe's PSNR: between the counts that are measured, PSNR follows the logarithm of the
samples and the cost the samples themselves. CPU time of the renderer over both pictures of
the second frame: the first also loads what all others use. PSNR of the first frame.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import cv2
import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.progress import never_stop
from datasets_app.domain.recipes.base import Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.scenes.description import Scene
from datasets_app.domain.scenes.renderer import (
    INSTALL_HINT,
    render_events,
    renderer,
    whole_picture,
)
from datasets_app.domain.synthesis.planner import plan_sample

SCENES = 3
SIDE = 192
FRAMES = 2
TRUTH = 600
PLAIN = (16, 64)
OURS = ("recipe", "shortcut")
LAYERS = ("rgb_full", "rgb_removed", "instances")

Scored: TypeAlias = tuple[float, float]
"""PSNR in dB of 8-bit pictures, and CPU seconds per pair."""


@dataclass(frozen=True, slots=True)
class Render:
    """``pictures``: (2, H, W, 3) uint8 of the first frame; ``cpu``: seconds of the last one."""

    pictures: np.ndarray
    cpu: float


def main() -> None:
    """Measure what is not measured yet, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="keeps the figures of each scene")
    parser.add_argument("--scenes", type=int, default=SCENES)
    parser.add_argument("--side", type=int, default=SIDE, help="of a picture, in pixels")
    options = parser.parse_args()
    if missing := renderer().missing():
        print(f"\neffect removal: {missing}; {INSTALL_HINT}")
        return
    with TemporaryDirectory() as place:
        folder = options.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(options.scenes):
            kept = folder / f"scene-{index}.json"
            if not kept.is_file():
                kept.write_text(json.dumps(_measured(index, options.side)))
        found = [json.loads(path.read_text()) for path in sorted(folder.glob("scene-*.json"))]
        _print(found, options.side)


def _measured(index: int, side: int) -> dict[str, Scored]:
    """Return the figures of one scene: of the recipe, and of plain renders by their samples."""
    recipe = EffectRemoval()
    params = recipe.params(side=side, frames=FRAMES)
    scene = plan_sample(recipe, params, Pool(), root_seed=1, index=index).plan.scene
    truth = _render(scene.model_copy(update={"frames": 1}), TRUTH, denoise=False)
    found = {
        "recipe": _scored(truth, _render(scene, scene.samples, denoise=True)),
        "shortcut": _scored(truth, _render(scene, scene.samples, denoise=True, shortcut=True)),
    }
    for samples in PLAIN:
        found[str(samples)] = _scored(truth, _render(scene, samples, denoise=False))
    return found


def _print(scenes: list[dict[str, Scored]], side: int) -> None:
    print(f"\neffect removal, {side}x{side}, CPU per pair, against {TRUTH} samples")
    for number, scene in enumerate(scenes, start=1):
        told = (f"{name} {cpu:.2f} s {level:.1f} dB" for name, (level, cpu) in scene.items())
        print(f"  scene {number}   {', '.join(told)}")
    for name in OURS:
        ratios = [_ratio(scene, name) for scene in scenes]
        level, cpu = np.mean([scene[name] for scene in scenes], axis=0)
        each = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        print(
            f"  {name:9} {3600 / cpu:6.0f} pairs per CPU-hour at {level:.1f} dB: "
            f"{np.mean(ratios):.1f} x those of plain renders ({each})",
            flush=True,
        )


def _ratio(scene: dict[str, Scored], name: str) -> float:
    """Return how many times the cost plain renders have at the PSNR of ``name``; beyond the most
    samples that were measured, what those cost."""
    level, cpu = scene[name]
    levels, costs = zip(*(scene[str(samples)] for samples in PLAIN), strict=True)
    samples = np.exp2(np.interp(level, levels, np.log2(PLAIN)))
    return float(np.interp(samples, PLAIN, costs) / cpu)


def _render(scene: Scene, samples: int, *, denoise: bool, shortcut: bool = False) -> Render:
    described = scene.model_copy(update={"samples": samples})
    pictures: list[RgbFrame] = []
    used: list[float] = []
    with TemporaryDirectory() as place:
        folder = Path(place)
        events = render_events(
            described,
            LAYERS,
            folder,
            never_stop,
            threads=2,
            denoise=denoise,
            shortcut=shortcut,
        )
        for event in events:
            used.append(event["cpu"])
            if event["event"] == "frame" and not pictures:
                names = (event["layers"][layer] for layer in LAYERS[:2])
                full, own = (_picture(folder / name) for name in names)
                pictures += [full, whole_picture(full, own, event["box"])]
    return Render(np.array(pictures), used[-1] - used[-2])


def _picture(path: Path) -> RgbFrame:
    read = cv2.imread(str(path))
    if read is None:
        raise FileNotFoundError(path)
    picture: RgbFrame = read.astype(np.uint8)
    return picture


def _scored(truth: Render, other: Render) -> Scored:
    wrong = truth.pictures.astype(np.float64) - other.pictures
    return float(10 * np.log10(255**2 / np.mean(np.square(wrong)))), other.cpu


if __name__ == "__main__":
    main()

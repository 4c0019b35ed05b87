"""Renders scenes of many seeds as the recipe does and lays them out on one sheet to be looked at.

    python -m scripts.scene_sheet FOLDER                 (seeds 1 to 50, 128 px, 16 frames)
    python -m scripts.scene_sheet FOLDER --sheet docs/screens/scenes.webp

A scene that FOLDER has already is not rendered again, so that the command goes on where it was
stopped. Draws that the checks refuse are kept too, with the reason: a person judges the judge.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers, Pool
from datasets_app.domain.recipes.effect_removal import EffectRemoval, EffectRemovalPlan
from datasets_app.domain.scenes.checks import SceneChecks
from datasets_app.domain.synthesis.planner import plan_sample
from matteweb.errors import Unsuitable

SIDE, FRAMES, REDRAWS = 128, 16, 8
COLUMNS = 5
CAPTION = 14


def main() -> None:
    """Render what is missing, then write the sheet when one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=50)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    seeds = range(options.first, options.last + 1)
    for seed in seeds:
        if not (options.folder / f"{seed:03d}.json").is_file():
            render_seed(options.folder, seed)
    if options.sheet:
        write_sheet(options.folder, options.sheet, seeds)


def render_seed(folder: Path, seed: int) -> None:
    """Render draws of ``seed`` until one passes; write their strips, then what was found."""
    recipe = EffectRemoval()
    params = recipe.params(side=SIDE, frames=FRAMES)
    draws: list[dict[str, Any]] = []
    for redraw in range(REDRAWS + 1):
        plan = plan_sample(recipe, params, Pool(), root_seed=seed, index=0, redraw=redraw).plan
        draws.append(_draw(recipe, plan, folder / f"{seed:03d}-{redraw}.png"))
        print(f"seed {seed}, draw {redraw}: {draws[-1]['refused'] or 'passed'}", flush=True)
        if not draws[-1]["refused"]:
            break
    (folder / f"{seed:03d}.json").write_text(json.dumps(draws, indent=1))


def _draw(recipe: EffectRemoval, plan: EffectRemovalPlan, strip: Path) -> dict[str, Any]:
    """Render one draw; return the verdict and figures of the checks, and the caption."""
    frames: list[Layers] = []
    checks, refused = SceneChecks(plan.scene.low_light), ""
    try:
        for layers in recipe.render(plan, {}, ignore_progress, never_stop):
            gone, kept = (
                np.where(layers["mask"] == at, 255, 0).astype(np.uint8) for at in (0, 255)
            )
            pair = layers["rgb_full"], layers["rgb_removed"]
            checks.add(*pair, gone, kept, layers["effect"])
            frames.append(layers)
    except Unsuitable as error:
        refused = error.message
    if frames:
        cv2.imwrite(str(strip), _strip(frames)[..., ::-1])
    return {"refused": refused, "caption": plan.caption, **checks.figures()}


def _strip(frames: list[Layers]) -> np.ndarray:
    """Return full, removed and mask of the middle, then full of the first and the last frame and
    the middle's effect, side by side: (H, 6 W, 3)."""
    first, middle, last = frames[0], frames[len(frames) // 2], frames[-1]
    parts = [middle["rgb_full"], middle["rgb_removed"], middle["mask"]]
    parts += [first["rgb_full"], last["rgb_full"], middle["effect"]]
    coloured = [cv2.cvtColor(p, cv2.COLOR_GRAY2RGB) if p.ndim == 2 else p for p in parts]
    return np.hstack(coloured)


def write_sheet(folder: Path, target: Path, seeds: range) -> None:
    """Lay the passed scenes out, ``COLUMNS`` in a row: full, removed and mask of each, and under
    them the seed with how often it was drawn. Seeds that are not rendered yet are left out."""
    cells = []
    for seed in seeds:
        if not (folder / f"{seed:03d}.json").is_file():
            continue
        draws = json.loads((folder / f"{seed:03d}.json").read_text())
        strip = cv2.imread(str(folder / f"{seed:03d}-{len(draws) - 1}.png"))
        cell = np.full((SIDE + CAPTION, SIDE * 3 + 6, 3), 255, np.uint8)
        if strip is not None:
            cell[:SIDE, : SIDE * 3] = strip[:, : SIDE * 3]
        verdict = f", {draws[-1]['refused']}" if draws[-1]["refused"] else ""
        words = f"seed {seed}, {len(draws)} drawn{verdict}"
        place = (2, SIDE + CAPTION - 4)
        cv2.putText(cell, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.35, (0, 0, 0), 1, cv2.LINE_AA)
        cells.append(cell)
    if not cells:
        raise SystemExit(f"no scene of seeds {seeds.start} to {seeds.stop - 1} is in {folder}")
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % COLUMNS)
    rows = [np.hstack(cells[at : at + COLUMNS]) for at in range(0, len(cells), COLUMNS)]
    cv2.imwrite(str(target), np.vstack(rows), [cv2.IMWRITE_WEBP_QUALITY, 85])


if __name__ == "__main__":
    main()

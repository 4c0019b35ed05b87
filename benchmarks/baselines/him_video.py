"""V-HIM2K5 as its tool is described, written the obvious way with Pillow and NumPy.

Boxes from a first decoding of every alpha, rendering with float64 products over the whole frame,
and only then the decision whether the clip is kept: what is not is deleted again.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Level = Literal["easy", "medium", "hard"]
Floats = NDArray[np.float64]
FRAMES = 30
_GROW = {"medium": 1.5, "hard": 2.0}
_MOST = {"medium": 0.3, "hard": 0.85}
_LEAST = {"medium": 0.05, "hard": 0.5}


@dataclass(frozen=True, slots=True)
class Person:
    """A clip's frames from its start on, and where they are pasted."""

    colours: list[Path]
    alphas: list[Path]
    box: tuple[int, int, int, int]
    size: tuple[int, int]
    left: int
    top: int


def synthesize(number: int, level: Level, clips: list[Path], stills: list[Path], out: Path) -> int:
    """Try clip ``number``; return how many frames were kept: all or none. The seed is the number.

    Every clip folder holds ``fgr`` and ``pha``.
    """
    rng = np.random.RandomState(number)
    count = rng.randint(2, 5)
    if level == "easy":
        count = min(count, 3)
    chosen = [clips[k] for k in rng.choice(len(clips), count, replace=False)]
    still = stills[rng.randint(len(stills))]
    canvas = Image.open(still).convert("RGB")
    people = _lined_up(chosen, level, canvas.size, rng)
    colour_out, alpha_out = out / "fgr" / f"{number:05d}", out / "pha" / f"{number:05d}"
    worst = 0.0
    for frame in range(FRAMES):
        worst = max(worst, _frame(frame, people, still, colour_out, alpha_out))
        if level != "easy" and worst > _MOST[level]:
            break
    if level != "easy" and not _LEAST[level] <= worst <= _MOST[level]:
        shutil.rmtree(colour_out)
        shutil.rmtree(alpha_out)
        return 0
    return FRAMES


def _lined_up(
    chosen: list[Path], level: Level, canvas: tuple[int, int], rng: np.random.RandomState
) -> list[Person]:
    width, height = canvas
    starts, boxes, files = [], [], []
    for clip in chosen:
        colours, alphas = (sorted((clip / part).iterdir()) for part in ("fgr", "pha"))
        start = 0 if len(alphas) == FRAMES else rng.randint(0, len(alphas) - FRAMES)
        starts.append(start)
        files.append((colours, alphas))
        boxes.append(_box(alphas[start : start + FRAMES]))
    aspects = [(box[2] - box[0]) / (box[3] - box[1]) for box in boxes]
    people, at = [], 0
    for start, box, (colours, alphas), aspect in zip(starts, boxes, files, aspects, strict=True):
        factor = width * aspect / sum(aspects) / (box[2] - box[0])
        if level != "easy":
            factor *= rng.uniform(1.0, _GROW[level])
        if factor * (box[3] - box[1]) > height:
            factor = height / (box[3] - box[1]) * rng.uniform(0.8, 1.0)
        size = int((box[2] - box[0]) * factor), int((box[3] - box[1]) * factor)
        left = at
        if level != "easy":
            left += rng.choice([-1, 1]) * rng.randint(0, width // 2)
        left = max(0, min(left, width - size[0]))
        people.append(Person(colours[start:], alphas[start:], box, size, left, height - size[1]))
        at = left + size[0]
    return people


def _box(alphas: list[Path]) -> tuple[int, int, int, int]:
    found = [Image.open(path).convert("L").getbbox() for path in alphas]
    boxes = np.array([box for box in found if box is not None])
    return (
        int(boxes[:, 0].min()),
        int(boxes[:, 1].min()),
        int(boxes[:, 2].max()),
        int(boxes[:, 3].max()),
    )


def _frame(
    frame: int, people: list[Person], still: Path, colour_out: Path, alpha_out: Path
) -> float:
    """Write one frame and return the largest share that a newcomer hides of what was visible."""
    canvas = Image.open(still).convert("RGB")
    layers: list[Floats] = []
    worst = 0.0
    for person in people:
        colour = Image.open(person.colours[frame]).convert("RGB").crop(person.box)
        alpha = Image.open(person.alphas[frame]).convert("L").crop(person.box)
        colour = colour.resize(person.size, Image.Resampling.BILINEAR)
        alpha = alpha.resize(person.size, Image.Resampling.BILINEAR)
        canvas.paste(colour, (person.left, person.top), alpha)
        whole = Image.new("L", canvas.size)
        whole.paste(alpha, (person.left, person.top))
        layer = np.array(whole) / 255
        for number, below in enumerate(layers):
            layers[number] = below * (1 - layer)
            worst = max(worst, 1 - layers[number].sum() / (below.sum() + 1e-7))
        layers.append(layer)
    folder = alpha_out / f"{frame:05d}"
    folder.mkdir(parents=True, exist_ok=True)
    colour_out.mkdir(parents=True, exist_ok=True)
    canvas.save(colour_out / f"{frame:05d}.jpg")
    for number, layer in enumerate(layers):
        Image.fromarray((layer * 255).astype(np.uint8)).save(folder / f"{number:02d}.png")
    return worst

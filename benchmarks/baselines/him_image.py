"""I-HIM50K as its tool is described, written the obvious way with Pillow and NumPy.

Whole-canvas float stacks, alphas tested on full size for every try, each instance's emptiness by
adding up its pixels in Python, JPEG at quality 75 and PNG by default; one file after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
TRIES = 3
LEAST_LEFT = 0.7


@dataclass(frozen=True, slots=True)
class Pasted:
    """A person as it was pasted, with its corner."""

    colour: Image.Image
    alpha: Image.Image
    left: int
    top: int


def synthesize(number: int, foregrounds: list[Path], backgrounds: list[Path], out: Path) -> bool:
    """Write sample ``number``; False when nobody found a place. The seed is the number."""
    rng = np.random.RandomState(number)
    count = rng.randint(2, 5)
    chosen = rng.choice([str(path) for path in foregrounds], count, replace=False)
    canvas = Image.open(str(rng.choice([str(path) for path in backgrounds])))
    behind = canvas.copy()
    stack: Floats = np.zeros((0, canvas.height, canvas.width), np.float32)
    people = [_cropped(Path(path)) for path in chosen]
    scales = [rng.uniform(0.5, 0.9) for _ in people]
    pasted = []
    for (colour, alpha), scale in zip(people, scales, strict=True):
        factor = scale * canvas.height / alpha.height
        size = int(alpha.width * factor), int(alpha.height * factor)
        found = _placed(colour.resize(size), alpha.resize(size), stack, rng)
        if found is not None:
            person, stack = found
            canvas.paste(person.colour, (person.left, person.top), person.alpha)
            pasted.append(person)
    if not pasted:
        return False
    _write(number, canvas, behind, pasted, stack, out)
    return True


def _cropped(path: Path) -> tuple[Image.Image, Image.Image]:
    colour = Image.open(path).convert("RGB")
    alpha = Image.open(str(path).replace("images", "alphas").replace(".jpg", ".png")).convert("L")
    rows, columns = np.where(np.array(alpha) > 0)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    return colour.crop(box), alpha.crop(box)


def _placed(
    colour: Image.Image, alpha: Image.Image, stack: Floats, rng: np.random.RandomState
) -> tuple[Pasted, Floats] | None:
    height, width = stack.shape[1:]
    if width <= alpha.width or height <= alpha.height:
        return None
    for _ in range(TRIES):
        left = rng.randint(0, width - alpha.width)
        top = rng.randint(0, height - alpha.height)
        layer = np.zeros((height, width), np.float32)
        layer[top : top + alpha.height, left : left + alpha.width] = np.array(alpha) / 255
        below = stack * (1 - layer)
        left_over = below.sum(axis=(1, 2)) / (stack.sum(axis=(1, 2)) + 1e-7)
        if not len(stack) or left_over.min() >= LEAST_LEFT:
            return Pasted(colour, alpha, left, top), np.concatenate([below, layer[None]])
    return None


def _write(
    number: int,
    canvas: Image.Image,
    behind: Image.Image,
    pasted: list[Pasted],
    stack: Floats,
    out: Path,
) -> None:
    for folder in ("images", "bg", f"alphas/{number}", f"fg/{number}"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    canvas.save(out / "images" / f"{number}.jpg")
    behind.save(out / "bg" / f"{number}.jpg")
    kept = [
        (person, layer)
        for person, layer in zip(pasted, stack, strict=True)
        if sum(layer.reshape(-1)) > 0
    ]
    for place, (person, layer) in enumerate(kept):
        Image.fromarray((layer * 255).astype(np.uint8)).save(
            out / "alphas" / str(number) / f"{place}.png"
        )
        crop = Image.new("RGB", canvas.size)
        crop.paste(person.colour, (person.left, person.top))
        crop.save(out / "fg" / str(number) / f"{place}.jpg")

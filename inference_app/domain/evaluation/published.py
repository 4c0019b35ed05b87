"""Figures as the tables of MaGGIe print them, from ours; theirs depend on the size of the picture.

C. Huynh et al., "MaGGIe: Masked Guided Gradual Human Instance Matting", CVPR 2024: its MAD and MSE
are divided by the number of pixels twice and times 1e10, its dtSSD is a tenth of the root of a sum.
Ours, without these, are those of RVM and MatAnyone. Its Grad, which is normalised over a batch, and
its MESSDdt, which exchanges x and y, follow from no figure of ours and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Final

from inference_app.domain.evaluation.tables import Table, interval_of

Figures = Mapping[str, Sequence[float | None]]
"""Per metric one value per clip, None where it said nothing."""


def _as_it_is(pixels: int) -> float:
    return 1.0


def _divided_twice(pixels: int) -> float:
    return 1e10 / (1e3 * pixels)


def _a_tenth_of_the_root(pixels: int) -> float:
    return 0.1 * sqrt(pixels) / 100


FACTORS: Final[Mapping[str, Callable[[int], float]]] = {
    "mad": _divided_twice,
    "mse": _divided_twice,
    "mad_foreground": _divided_twice,
    "mad_unknown": _divided_twice,
    "sad": _as_it_is,
    "conn": _as_it_is,
    "dtssd": _a_tenth_of_the_root,
}
"""What a figure of ours is multiplied with on a clip whose frames have so many pixels."""


def published_table(title: str, figures: Mapping[str, Figures], pixels: Sequence[int]) -> Table:
    """Return the means over clips in that scaling; ``pixels``: of a frame, per clip."""
    rows = {
        method: {
            name: interval_of(
                [
                    None if value is None else value * factor(size)
                    for value, size in zip(found[name], pixels, strict=True)
                ]
            )
            for name, factor in FACTORS.items()
        }
        for method, found in figures.items()
    }
    return Table(f"{title}: as MaGGIe scales", tuple(FACTORS), rows)

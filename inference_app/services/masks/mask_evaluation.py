"""Engines for masks side by side on clips with true masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets_app.domain.progress import ShouldStop, never_stop
from inference_app.domain.evaluation.mask_protocols import (
    PROTOCOLS,
    Figures,
    ablation,
    known_engines,
    measured,
    require_known,
)
from inference_app.domain.evaluation.sequences import sequences_in


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one engine on one clip, or their means."""

    protocol: str
    engine: str
    clip: str
    figures: Figures


def evaluate_masks(
    *,
    folder: Path,
    names: Sequence[str],
    engines: Sequence[str],
    clips: Sequence[str] = (),
    flow_folder: Path | None = None,
    fusions: Sequence[Path] = (),
    keys: Sequence[Path] = (),
    told: Callable[[Line], None],
    should_stop: ShouldStop = never_stop,
) -> list[Line]:
    """Run the protocols ``names`` with each engine on each clip; return lines and their means.

    ``told`` hears of each line as it is there. ``clips``: only those; all by default. With
    ``fusions`` or ``keys``, files of networks, the rows of the ablation take the place of
    ``engines``.
    Raises BadInput for names that there are not, and as `sequences_in`.
    """
    require_known(names, engines)
    if fusions or keys:
        compared = ablation(fusions, keys)
    else:
        known = known_engines()
        compared = {slug: known[slug] for slug in engines}
    lines: list[Line] = []
    for sequence in sequences_in(folder, clips):
        for name in names:
            for slug, engine in compared.items():
                done = measured(sequence, name, engine, flow_folder, should_stop)
                if done is None:
                    continue
                lines.append(Line(name, slug, sequence.name, done.figures))
                told(lines[-1])
    return lines + means_of(lines)


def means_of(lines: Sequence[Line]) -> list[Line]:
    """Return the mean over clips for each protocol and engine, in the order they come first."""
    pairs = dict.fromkeys((line.protocol, line.engine) for line in lines)
    return [_mean(lines, name, engine) for name, engine in pairs]


def table_of(lines: Iterable[Line], name: str) -> str:
    """Return the lines of a protocol as a table in Markdown."""
    protocol = PROTOCOLS[name]
    rows = [f"| {protocol.title} | engine | {' | '.join(protocol.headings)} |"]
    rows.append("|---" * (2 + len(protocol.headings)) + "|")
    for line in lines:
        if line.protocol == name:
            cells = " | ".join(f"{figure:.3f}" for figure in line.figures)
            rows.append(f"| {line.clip} | {line.engine} | {cells} |")
    return "\n".join(rows)


def _mean(lines: Sequence[Line], name: str, engine: str) -> Line:
    rows = [line.figures for line in lines if (line.protocol, line.engine) == (name, engine)]
    means = [float(value) for value in np.mean(rows, axis=0)] if rows else []
    return Line(name, engine, "mean of clips", means)

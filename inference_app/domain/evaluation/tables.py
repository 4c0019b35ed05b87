"""Tables of methods by figures: means over clips with their intervals, in forms for papers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
_SEED = 11


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the range that holds it in 95 of 100 redraws of the clips."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True, slots=True)
class Table:
    """One row per method; ``rows[method][metric]`` is None where a metric said nothing."""

    title: str
    metrics: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Interval | None]]

    def as_json(self) -> dict[str, object]:
        """Return plain numbers: mean, low, high."""
        return {
            "title": self.title,
            "metrics": list(self.metrics),
            "rows": {
                method: {
                    name: None if cell is None else [cell.mean, cell.low, cell.high]
                    for name, cell in row.items()
                }
                for method, row in self.rows.items()
            },
        }

    def as_csv(self) -> str:
        """Return one line per method, each figure with its ends."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        ends = [f"{name}{end}" for name in self.metrics for end in ("", "_low", "_high")]
        writer.writerow(["method", *ends])
        for method, row in self.rows.items():
            cells = [row[name] for name in self.metrics]
            figures = [(c.mean, c.low, c.high) if c else ("", "", "") for c in cells]
            writer.writerow([method, *(value for triple in figures for value in triple)])
        return out.getvalue()

    def as_latex(self) -> str:
        """Return a tabular, the lowest mean of each column in bold."""
        best = {name: self.lowest(name) for name in self.metrics}
        lines = [rf"\begin{{tabular}}{{l{'r' * len(self.metrics)}}}"]
        lines.append(" & ".join(["Method", *map(_escaped, self.metrics)]) + r" \\ \hline")
        for method, row in self.rows.items():
            cells = [_latex_cell(row[name], best[name]) for name in self.metrics]
            lines.append(" & ".join([_escaped(method), *cells]) + r" \\")
        return "\n".join([*lines, r"\end{tabular}"]) + "\n"

    def as_text(self) -> str:
        """Return the means in columns, for a terminal."""
        width = max(len(method) for method in self.rows) + 2
        head = "".join(f"{name:>14}" for name in self.metrics)
        lines = [self.title, " " * width + head]
        for method, row in self.rows.items():
            cells = [row[name] for name in self.metrics]
            shown = "".join(f"{'-' if c is None else f'{c.mean:.2f}':>14}" for c in cells)
            lines.append(f"{method:<{width}}{shown}")
        return "\n".join(lines)

    def lowest(self, name: str) -> float | None:
        """Return the best mean of a column, None where it has none."""
        means = [cell.mean for row in self.rows.values() if (cell := row[name])]
        return min(means) if means else None


def interval_of(values: Sequence[float | None]) -> Interval | None:
    """Return mean and interval of one figure per clip; None when no clip has one.

    The interval is the percentile bootstrap over clips, since frames of a clip are no independent
    draws.
    """
    known = np.array([value for value in values if value is not None])
    if not known.size:
        return None
    rng = np.random.default_rng(_SEED)
    means = known[rng.integers(0, known.size, (RESAMPLES, known.size))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(known.mean()), float(low), float(high))


def _escaped(text: str) -> str:
    return text.replace("&", r"\&").replace("_", r"\_").replace("%", r"\%")


def _latex_cell(cell: Interval | None, best: float | None) -> str:
    if cell is None:
        return "--"
    return rf"\textbf{{{cell.mean:.2f}}}" if cell.mean == best else f"{cell.mean:.2f}"

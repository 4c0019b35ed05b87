"""Engines for masks side by side on clips with true masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets_app.domain.progress import ShouldStop, never_stop
from inference_app.domain.evaluation import protocols
from inference_app.domain.evaluation.baselines import PlainEngine
from inference_app.domain.evaluation.curve import SECONDS_PER_OBJECT, Round, curve_of
from inference_app.domain.evaluation.protocols import Opened
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.evaluation.sequences import sequences_in
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.base import InteractiveEngine
from inference_app.domain.interactive.flow import FlowSource
from matteweb.errors import BadInput

ROUNDS: Final = 8
DISTANCE: Final = 20
STROKES: Final = 6
_FRAMES_PER_OBJECT: Final = 4
_LEAST_PIXELS: Final = 200

Figures = list[float]
Protocol = Callable[[Clip, Opened, ShouldStop], Figures]


@dataclass(frozen=True, slots=True)
class Protocols:
    """A protocol by which engines are compared, with a heading for each of its figures."""

    title: str
    headings: tuple[str, ...]
    run: Protocol


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one engine on one clip, or their means."""

    protocol: str
    engine: str
    clip: str
    figures: Figures


def known_engines() -> dict[str, InteractiveEngine]:
    """Return the engines that can be compared: those of the list, and what they have to beat."""
    plain = PlainEngine()
    return {engine.info.slug: engine for engine in [*ENGINES, plain]}


def evaluate_masks(
    *,
    folder: Path,
    names: Sequence[str],
    engines: Sequence[str],
    clips: Sequence[str] = (),
    flow_folder: Path | None = None,
    told: Callable[[Line], None],
    should_stop: ShouldStop = never_stop,
) -> list[Line]:
    """Run the protocols ``names`` with each engine on each clip; return lines and their means.

    ``told`` hears of each line as it is there. ``clips``: only those; all by default. Raises
    BadInput for names that there are not, and as `sequences_in`.
    """
    known = known_engines()
    for given, there in ((names, PROTOCOLS), (engines, known)):
        for name in given:
            if name not in there:
                raise BadInput(
                    f"there is no {name!r} to compare", hint=f"known: {', '.join(there)}"
                )
    lines: list[Line] = []
    for sequence in sequences_in(folder):
        if clips and sequence.name not in clips:
            continue
        for name in names:
            for engine in engines:
                opened = _opened(known[engine], flow_folder)
                figures = PROTOCOLS[name].run(sequence, opened, should_stop)
                lines.append(Line(name, engine, sequence.name, figures))
                told(lines[-1])
    return lines + [_mean(lines, name, engine) for name in names for engine in engines]


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


def _opened(engine: InteractiveEngine, flow_folder: Path | None) -> Opened:
    def begun(sequence: Clip) -> Any:
        folder = None if flow_folder is None else flow_folder / sequence.name
        return engine.open(sequence.pictures, FlowSource(sequence.pictures, folder))

    return begun


def _mean(lines: Sequence[Line], name: str, engine: str) -> Line:
    rows = [line.figures for line in lines if (line.protocol, line.engine) == (name, engine)]
    means = [float(value) for value in np.mean(rows, axis=0)] if rows else []
    return Line(name, engine, "mean of clips", means)


def _first(sequence: Clip, opened: Opened, should_stop: ShouldStop) -> Figures:
    found = protocols.first_frame(sequence, opened, should_stop)
    return [found.j, found.f, found.jf]


def _every(sequence: Clip, opened: Opened, should_stop: ShouldStop) -> Figures:
    found = protocols.every(sequence, opened, DISTANCE, should_stop)
    return [found.j, found.f, found.jf]


def _worst(sequence: Clip, opened: Opened, should_stop: ShouldStop) -> Figures:
    found = protocols.corrected_worst(sequence, opened, ROUNDS, should_stop)
    return [one.jf for one in found] + [found[-1].jf] * (ROUNDS - len(found))


def _strokes(sequence: Clip, opened: Opened, should_stop: ShouldStop) -> Figures:
    """Mean J of all objects on frames spread over the clip; an object must show there."""
    rows = []
    last = sequence.pictures.frames - 1
    for number in range(1, sequence.objects + 1):
        for frame in np.linspace(0, last, _FRAMES_PER_OBJECT + 2).round().astype(int)[1:-1]:
            if (sequence.truth[int(frame)] == number).sum() >= _LEAST_PIXELS:
                seed = int(frame)
                rows.append(protocols.stroked(sequence, opened, seed, number, STROKES, seed))
    return [float(value) for value in np.mean(rows, axis=0)] if rows else [0.0] * STROKES


def _interactive(sequence: Clip, opened: Opened, should_stop: ShouldStop) -> Figures:
    found: list[Round] = protocols.interactive(sequence, opened, ROUNDS, 0, should_stop)
    curve = curve_of([found], ROUNDS, SECONDS_PER_OBJECT * ROUNDS * sequence.objects)
    return [curve.auc, curve.at_sixty, found[-1].score if found else 0.0]


PROTOCOLS: Final[dict[str, Protocols]] = {
    "first": Protocols("true first mask, carried forward", ("J", "F", "J&F"), _first),
    "every": Protocols(f"true masks every {DISTANCE} frames", ("J", "F", "J&F"), _every),
    "worst": Protocols(
        "worst frame corrected, J&F after round", tuple(map(str, range(1, ROUNDS + 1))), _worst
    ),
    "strokes": Protocols("J after strokes", tuple(map(str, range(1, STROKES + 1))), _strokes),
    "interactive": Protocols(
        "interactive DAVIS", ("AUC J&F", "J&F at 60 s", "last round"), _interactive
    ),
}

"""Engines for masks side by side on clips with true masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.progress import ShouldStop, never_stop
from inference_app.domain.evaluation import protocols
from inference_app.domain.evaluation.baselines import PlainEngine
from inference_app.domain.evaluation.curve import SECONDS_PER_OBJECT, curve_of
from inference_app.domain.evaluation.protocols import Opened, Told
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.evaluation.sequences import sequences_in
from inference_app.domain.evaluation.worst_frames import WorstFrames
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.base import InteractiveEngine
from inference_app.domain.interactive.flow import FlowSource
from matteweb.errors import BadInput, Cancelled

ROUNDS: Final = 8
DISTANCE: Final = 20
STROKES: Final = 6
_FRAMES_PER_OBJECT: Final = 4
_LEAST_PIXELS: Final = 200

Figures = list[float]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one engine reached on one clip. ``curve``: [seconds, J&F] of the interactive protocol.
    ``worst``: frame and J&F; ``picture`` shows them."""

    figures: Figures
    curve: tuple[tuple[float, float], ...] = ()
    worst: tuple[tuple[int, float], ...] = ()
    picture: RgbFrame | None = None


Protocol = Callable[[Clip, Opened, ShouldStop, Told], Outcome]


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
    require_known(names, engines)
    lines: list[Line] = []
    for sequence in sequences_in(folder):
        if clips and sequence.name not in clips:
            continue
        for name in names:
            for engine in engines:
                done = measured(sequence, name, engine, flow_folder, should_stop)
                lines.append(Line(name, engine, sequence.name, done.figures))
                told(lines[-1])
    return lines + means_of(lines)


def require_known(names: Sequence[str], engines: Sequence[str]) -> None:
    """Raise BadInput for a protocol or an engine that there is not."""
    for given, there in ((names, PROTOCOLS), (engines, known_engines())):
        for name in given:
            if name not in there:
                raise BadInput(
                    f"there is no {name!r} to compare", hint=f"known: {', '.join(there)}"
                )


def measured(
    sequence: Clip, name: str, engine: str, flow_folder: Path | None, should_stop: ShouldStop
) -> Outcome:
    """Run one protocol with one engine on one clip."""
    opened, worst = _opened(known_engines()[engine], flow_folder), WorstFrames()
    found = PROTOCOLS[name].run(sequence, opened, should_stop, worst)
    frames = tuple((frame, round(score, 4)) for frame, score, _ in worst.frames)
    return replace(found, worst=frames, picture=worst.picture(sequence))


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


def _opened(engine: InteractiveEngine, flow_folder: Path | None) -> Opened:
    def begun(sequence: Clip) -> Any:
        folder = None if flow_folder is None else flow_folder / sequence.name
        return engine.open(sequence.pictures, FlowSource(sequence.pictures, folder))

    return begun


def _mean(lines: Sequence[Line], name: str, engine: str) -> Line:
    rows = [line.figures for line in lines if (line.protocol, line.engine) == (name, engine)]
    means = [float(value) for value in np.mean(rows, axis=0)] if rows else []
    return Line(name, engine, "mean of clips", means)


def _first(sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told) -> Outcome:
    found = protocols.first_frame(sequence, opened, should_stop, told)
    return Outcome([found.j, found.f, found.jf])


def _every(sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told) -> Outcome:
    found = protocols.every(sequence, opened, DISTANCE, should_stop, told)
    return Outcome([found.j, found.f, found.jf])


def _worst(sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told) -> Outcome:
    found = protocols.corrected_worst(sequence, opened, ROUNDS, should_stop, told)
    return Outcome([one.jf for one in found] + [found[-1].jf] * (ROUNDS - len(found)))


def _strokes(sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told) -> Outcome:
    """Mean J of all objects on frames spread over the clip; an object must show there."""
    rows = []
    last = sequence.pictures.frames - 1
    for number in range(1, sequence.objects + 1):
        for frame in np.linspace(0, last, _FRAMES_PER_OBJECT + 2).round().astype(int)[1:-1]:
            if should_stop():
                raise Cancelled("measuring was stopped")
            if (sequence.truth[int(frame)] == number).sum() >= _LEAST_PIXELS:
                seed = int(frame)
                rows.append(protocols.stroked(sequence, opened, seed, number, STROKES, seed))
    means = np.mean(rows, axis=0) if rows else np.zeros(STROKES)
    return Outcome([float(value) for value in means])


def _interactive(sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told) -> Outcome:
    found = protocols.interactive(sequence, opened, ROUNDS, 0, should_stop, told=told)
    curve = curve_of([found], ROUNDS, SECONDS_PER_OBJECT * ROUNDS * sequence.objects)
    last = found[-1].score if found else 0.0
    points = tuple(zip(curve.times, curve.values, strict=True))
    return Outcome([curve.auc, curve.at_sixty, last], points)


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

"""The protocols as they are offered: titled, with a heading per figure, run on one clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.evaluation import protocols
from inference_app.domain.evaluation.baselines import MatchedEngine, PlainEngine, UnawareEngine
from inference_app.domain.evaluation.curve import SECONDS_PER_OBJECT, curve_of
from inference_app.domain.evaluation.protocols import Opened, Told
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.evaluation.sequences import file_key
from inference_app.domain.evaluation.worst_frames import WorstFrames
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.base import InteractiveEngine
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.fused import FusedEngine
from inference_app.domain.interactive.scribble import ScribbleEngine
from matteweb.errors import BadInput, Cancelled, Conflict

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


Protocol = Callable[[Clip, Opened, ShouldStop, Told], Outcome | None]
"""None: the clip shows nothing that this protocol is about."""


@dataclass(frozen=True, slots=True)
class Protocols:
    """A protocol by which engines are compared, with a heading for each of its figures."""

    title: str
    headings: tuple[str, ...]
    run: Protocol


def known_engines() -> dict[str, InteractiveEngine]:
    """Return the engines that can be compared: those of the list, and what they have to beat."""
    plain = PlainEngine()
    return {engine.info.slug: engine for engine in [*ENGINES, plain]}


def ablation(fusions: Sequence[Path], keys: Sequence[Path] = ()) -> dict[str, InteractiveEngine]:
    """Return the engine grown part by part, each with what it has to beat before it: motion alone,
    the baseline that learns on the spot, top-k matching, the same by keys that learned from painted
    clips (``keys``), the built-in engine with its rule for corrections, then the fusion networks of
    ``fusions`` in their order. Raises BadInput for a file that is not there, or two of a name.
    """
    rows: list[InteractiveEngine] = [PlainEngine(), UnawareEngine(), MatchedEngine()]
    rows += [MatchedEngine(_there(path, "key")) for path in keys]
    rows.append(ScribbleEngine())
    rows += [FusedEngine(_there(path, "fusion")) for path in fusions]
    found = {engine.info.slug: engine for engine in rows}
    if len(found) < len(rows):
        raise BadInput("two networks have one name", hint="rename a file or its folder")
    return found


def _there(path: Path, what: str) -> Path:
    if not path.is_file():
        raise BadInput(f"there is no file {path}", hint=f"train it: `manage.py train {what}`")
    return path


def ready_engines() -> list[str]:
    """Return the slugs of the engines that can run here."""
    return [slug for slug, engine in known_engines().items() if not engine.unavailable()]


def require_known(names: Sequence[str], engines: Sequence[str]) -> None:
    """Raise BadInput for a protocol or an engine that there is not, Conflict for an engine that
    cannot run here."""
    known = known_engines()
    for given, there in ((names, PROTOCOLS), (engines, known)):
        for name in given:
            if name not in there:
                raise BadInput(
                    f"there is no {name!r} to compare", hint=f"known: {', '.join(there)}"
                )
    for engine in engines:
        if reason := known[engine].unavailable():
            raise Conflict(f"{known[engine].info.label} cannot run here: {reason}")


def measured(
    sequence: Clip,
    name: str,
    engine: InteractiveEngine,
    flow_folder: Path | None,
    should_stop: ShouldStop,
) -> Outcome | None:
    """Run one protocol with one engine on one clip; None when it is not about such a clip."""
    opened, worst = _opened(engine, flow_folder), WorstFrames()
    found = PROTOCOLS[name].run(sequence, opened, should_stop, worst)
    if found is None:
        return None
    frames = tuple((frame, round(score, 4)) for frame, score, _ in worst.frames)
    return replace(found, worst=frames, picture=worst.picture(sequence))


def _opened(engine: InteractiveEngine, flow_folder: Path | None) -> Opened:
    def begun(sequence: Clip) -> Any:
        folder = None if flow_folder is None else flow_folder / file_key(sequence.name)
        return engine.open(sequence.pictures, FlowSource(sequence.pictures, folder))

    return begun


def _first(sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told) -> Outcome:
    found = protocols.first_frame(sequence, opened, should_stop, told)
    return Outcome([found.j, found.f, found.jf])


def _of_seen(sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told) -> Outcome | None:
    if not sequence.seen:
        return None
    return _appearing(sequence, opened, sequence.seen, should_stop, told)


def _of_unseen(
    sequence: Clip, opened: Opened, should_stop: ShouldStop, told: Told
) -> Outcome | None:
    if sequence.seen is None:
        return None
    unseen = frozenset(range(1, sequence.objects + 1)) - sequence.seen
    return _appearing(sequence, opened, unseen, should_stop, told) if unseen else None


def _appearing(
    sequence: Clip, opened: Opened, numbers: frozenset[int], should_stop: ShouldStop, told: Told
) -> Outcome:
    found = protocols.first_appearance(sequence, opened, numbers, should_stop, told)
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
    "seen": Protocols(
        "YouTube-VOS: true mask at first, objects of kinds seen in training",
        ("J", "F", "J&F"),
        _of_seen,
    ),
    "unseen": Protocols(
        "YouTube-VOS: true mask at first, objects of unseen kinds", ("J", "F", "J&F"), _of_unseen
    ),
    "every": Protocols(f"true masks every {DISTANCE} frames", ("J", "F", "J&F"), _every),
    "worst": Protocols(
        "worst frame corrected, J&F after round", tuple(map(str, range(1, ROUNDS + 1))), _worst
    ),
    "strokes": Protocols("J after strokes", tuple(map(str, range(1, STROKES + 1))), _strokes),
    "interactive": Protocols(
        "interactive DAVIS", ("AUC J&F", "J&F at 60 s", "last round"), _interactive
    ),
}

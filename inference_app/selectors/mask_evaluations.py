"""Measured engines as pages, the API and files show them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from datasets_app.models import Blob, Mask
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from inference_app.domain.evaluation.curve import AT_SECONDS
from inference_app.domain.evaluation.mask_protocols import PROTOCOLS
from inference_app.models import MaskEvaluation, MeasuredClip
from inference_app.models.mask_evaluation import MASK_EVALUATION_KIND
from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

FORMS: Final = {"csv": "text/csv", "json": "application/json"}
MASKS_SHOWN: Final = 500
_WIDE, _HIGH = 600, 160


@dataclass(frozen=True, slots=True)
class EvaluationStanding:
    """An evaluation with the job that measures, and how much is measured."""

    evaluation: MaskEvaluation
    job: Job | None
    done: int

    @property
    def live(self) -> bool:
        """Whether it changes by itself."""
        return self.job is not None and self.job.state in LIVE


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one engine on one clip. ``best``: per figure, whether no engine did better."""

    engine: str
    figures: list[float]
    best: list[bool]
    row: MeasuredClip | None = None

    @property
    def pairs(self) -> list[tuple[float, bool]]:
        """Figures, each with whether it is the best."""
        return list(zip(self.figures, self.best, strict=True))


@dataclass(frozen=True, slots=True)
class ClipRows:
    """One clip with a cell per engine that has been measured."""

    clip: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class CurveLine:
    """J&F over seconds of one engine; ``points`` of an SVG of 600 by 160."""

    place: int
    engine: str
    points: str


@dataclass(frozen=True, slots=True)
class ProtocolTable:
    """One protocol: its means first, then its clips. ``seconds``: length of the curves."""

    title: str
    headings: tuple[str, ...]
    rows: list[ClipRows]
    curves: list[CurveLine]
    seconds: float


def evaluations_of(project: Project) -> list[EvaluationStanding]:
    """Return the evaluations, newest first."""
    return [evaluation_standing(one) for one in MaskEvaluation.objects.filter(project=project)]


def evaluation_of(project: Project, pk: int) -> MaskEvaluation:
    """Return one evaluation. Raises NotFound when it is not this project's."""
    found = MaskEvaluation.objects.filter(project=project, pk=pk).first()
    if found is None:
        raise NotFound(f"there is no evaluation {pk} of engines in {project.name}")
    return found


def evaluation_standing(evaluation: MaskEvaluation) -> EvaluationStanding:
    """Return how far an evaluation is."""
    rows = Job.objects.filter(kind=MASK_EVALUATION_KIND, target_id=evaluation.pk)
    return EvaluationStanding(evaluation, rows.order_by("pk").last(), evaluation.clips.count())


def protocol_tables(evaluation: MaskEvaluation) -> list[ProtocolTable]:
    """Return the tables of what is measured so far, in the order of the protocols."""
    rows = list(evaluation.clips.select_related("picture"))
    found = []
    for name in evaluation.protocols:
        own = [row for row in rows if row.protocol == name]
        if own:
            found.append(_table(name, own, list(evaluation.engines)))
    return found


def means(rows: Sequence[MeasuredClip]) -> list[float]:
    """Return the mean over clips of each figure."""
    columns = zip(*(row.figures for row in rows), strict=True)
    return [sum(column) / len(rows) for column in columns]


def worst_picture(project: Project, pk: int) -> Blob:
    """Return the picture of a measured clip. Raises NotFound."""
    row = MeasuredClip.objects.filter(pk=pk, evaluation__project=project).first()
    if row is None or row.picture is None:
        raise NotFound(f"there is no picture {pk} in {project.name}")
    return row.picture


def evaluation_facts(evaluation: MaskEvaluation) -> dict[str, Any]:
    """Return everything that was measured, as plain JSON."""
    standing = evaluation_standing(evaluation)
    return {
        "id": evaluation.pk,
        "name": evaluation.name,
        "source": evaluation.source,
        "engines": evaluation.engines,
        "protocols": {
            name: {"title": PROTOCOLS[name].title, "headings": list(PROTOCOLS[name].headings)}
            for name in evaluation.protocols
        },
        "state": standing.job.state if standing.job else "",
        "lines": [
            {
                "protocol": row.protocol,
                "engine": row.engine,
                "clip": row.clip,
                "figures": row.figures,
                "curve": row.curve,
                "worst": row.worst,
            }
            for row in evaluation.clips.all()
        ],
    }


def evaluation_csv(evaluation: MaskEvaluation) -> str:
    """Return a line per clip, engine and figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["protocol", "engine", "clip", "figure", "value"])
    for row in evaluation.clips.all():
        headings = PROTOCOLS[row.protocol].headings
        for heading, value in zip(headings, row.figures, strict=True):
            writer.writerow([row.protocol, row.engine, row.clip, heading, f"{value:.6f}"])
    return out.getvalue()


def evaluation_folders() -> list[str]:
    """Return the names of the folders that can be measured on."""
    root = Path(settings.EVALUATION_DIR)
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def measurable_masks(project: Project) -> QuerySet[Mask]:
    """Return masks of one object each that can be taken for the truth, by video."""
    found = Mask.objects.filter(
        video__project=project,
        video__archived_at=None,
        archived_at=None,
        state=IngestState.READY,
    ).exclude(kind=MaskKind.INDEX)
    return found.select_related("video").order_by("-video_id", "pk")[:MASKS_SHOWN]


def masks_chosen(project: Project, numbers: Sequence[int]) -> list[Mask]:
    """Return masks of the project by id. Raises NotFound."""
    rows = Mask.objects.filter(video__project=project, archived_at=None).select_related("video")
    known = rows.in_bulk(list(numbers))
    missing = [number for number in numbers if number not in known]
    if missing:
        raise NotFound(f"there is no mask {missing[0]} in {project.name}")
    return [known[number] for number in dict.fromkeys(numbers)]


def _table(name: str, rows: Sequence[MeasuredClip], engines: list[str]) -> ProtocolTable:
    clips = dict.fromkeys(row.clip for row in rows)
    by_engine = {engine: [row for row in rows if row.engine == engine] for engine in engines}
    mean = [(engine, means(own), None) for engine, own in by_engine.items() if own]
    lines = [ClipRows("", _cells(mean))]
    for clip in clips:
        own = [(row.engine, row.figures, row) for row in rows if row.clip == clip]
        lines.append(ClipRows(clip, _cells(own)))
    curves, seconds = _curves(by_engine)
    shown = PROTOCOLS[name]
    return ProtocolTable(shown.title, shown.headings, lines, curves, seconds)


def _cells(own: Sequence[tuple[str, list[float], MeasuredClip | None]]) -> list[Cell]:
    tops = [max(column) for column in zip(*(figures for _, figures, _ in own), strict=True)]
    several = len(own) > 1

    def best(figures: list[float]) -> list[bool]:
        return [several and value == top for value, top in zip(figures, tops, strict=True)]

    return [Cell(engine, figures, best(figures), row) for engine, figures, row in own]


def _curves(by_engine: dict[str, list[MeasuredClip]]) -> tuple[list[CurveLine], float]:
    """Return the mean curve of each engine, as steps, up to twice the 60 s that a figure names."""
    curves = {e: [row.curve for row in rows if row.curve] for e, rows in by_engine.items()}
    seconds = 2 * AT_SECONDS
    lines = []
    for place, (engine, own) in enumerate(curves.items(), 1):
        if own:
            points = [(at, sum(_at(one, at) for one in own) / len(own)) for at in _times(seconds)]
            drawn = " ".join(f"{_WIDE * x / seconds:.1f},{_HIGH * (1 - y):.1f}" for x, y in points)
            lines.append(CurveLine(place, engine, drawn))
    return lines, seconds


def _times(seconds: float) -> list[float]:
    return [seconds * step / 120 for step in range(121)]


def _at(curve: Sequence[Sequence[float]], seconds: float) -> float:
    """Return the value of a curve, straight between its points, level after its last."""
    before = curve[0]
    for point in curve[1:]:
        if point[0] >= seconds:
            span = point[0] - before[0]
            share = (seconds - before[0]) / span if span > 0 else 1.0
            return float(before[1] + share * (point[1] - before[1]))
        before = point
    return float(before[1])

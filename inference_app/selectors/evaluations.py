"""Evaluations as pages show them: tables, lines per frame, the worst frames."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from datasets_app.adapters.blob_location import blob_location
from datasets_app.domain.metrics import METRICS
from datasets_app.selectors.run_work import target_job
from inference_app.domain.evaluation.findings import (
    FRAMES,
    RANKED_BY,
    lines_of,
    read_member,
    worst_member,
)
from inference_app.domain.evaluation.tables import Interval, Table
from inference_app.models import EvaluatedSet, Evaluation, RunState
from inference_app.models.evaluation import EVALUATION_KIND
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

WIDTH, HEIGHT = 600, 60
STRIPS = 12
"""Clips whose lines are drawn, the worst first."""

FORMS = {
    "csv": ("text/plain", "csv"),
    "json": ("application/json", "json"),
    "latex": ("text/plain", "tex"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One method's figure over the frames of a clip; ``place``: which of the line styles."""

    method: str
    place: int
    points: str
    worst: float


@dataclass(frozen=True, slots=True)
class Strip:
    """The lines of one clip."""

    clip: int
    lines: tuple[Line, ...]
    top: float


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as a page draws it. ``columns``: name and meaning of each figure; ``rows``: a method,
    and its cells with whether they are the best of their column."""

    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[tuple[Interval | None, bool], ...]], ...]


@dataclass(frozen=True, slots=True)
class SetResult:
    """One measured set."""

    name: str
    number: int
    tables: tuple[ShownTable, ...]
    strips: tuple[Strip, ...]
    worst: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class EvaluationStanding:
    """How far an evaluation is, and what it found so far."""

    evaluation: Evaluation
    job: Job | None
    live: bool
    done: int

    @property
    def run(self) -> Evaluation:
        """The row, under the name that the words for states use."""
        return self.evaluation

    @property
    def stopped(self) -> bool:
        """Whether it waits for a person to go on."""
        return not self.live and self.evaluation.state != RunState.READY


def evaluations_of(project: Project) -> QuerySet[Evaluation]:
    """Return the project's evaluations, newest first."""
    return Evaluation.objects.filter(project=project).select_related("project", "created_by")


def evaluation_of(project: Project, pk: int) -> Evaluation:
    """Return one. Raises NotFound, also for another project's."""
    found = evaluations_of(project).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no evaluation {pk} in {project.name}")
    return found


def evaluation_standing(evaluation: Evaluation) -> EvaluationStanding:
    """Return how far an evaluation is."""
    job = target_job(EVALUATION_KIND, evaluation.pk)
    live = job is not None and job.state in LIVE
    return EvaluationStanding(evaluation, job, live, evaluation.measured.count())


def set_results(evaluation: Evaluation) -> list[SetResult]:
    """Return what was found on each set that is finished."""
    return [_result(evaluation, one) for one in evaluation.measured.select_related("findings")]


def exported(evaluation: Evaluation, form: str) -> str:
    """Return all tables as csv, json or latex. Raises BadInput for another form."""
    if form not in FORMS:
        raise BadInput(f"there is no form {form!r}", hint=f"known: {', '.join(FORMS)}")
    rows = list(evaluation.measured.all())
    if form == "json":
        told = {
            "name": evaluation.name,
            "models": evaluation.models_measured,
            "sets": evaluation.sets,
            "tables": [table for row in rows for table in row.tables],
        }
        return json.dumps(told, indent=1) + "\n"
    tables = [_table(told) for row in rows for told in row.tables]
    if form == "csv":
        return "\n".join(f"# {table.title}\n{table.as_csv()}" for table in tables)
    return "\n".join(f"% {table.title}\n{table.as_latex()}" for table in tables)


def worst_picture(evaluation: Evaluation, number: int, place: int) -> bytes:
    """Return a picture (PNG) of a set's worst frames. Raises NotFound."""
    row = evaluation.measured.filter(number=number).select_related("findings").first()
    if row is not None:
        try:
            return read_member(blob_location(row.findings), worst_member(place))
        except KeyError:
            pass
    raise NotFound(f"there is no picture {place} of set {number}")


def _result(evaluation: Evaluation, row: EvaluatedSet) -> SetResult:
    told = json.loads(read_member(blob_location(row.findings), FRAMES))
    strips = [_strip(number, clip) for number, clip in enumerate(told["clips"])]
    strips.sort(key=lambda strip: -max((line.worst for line in strip.lines), default=0))
    return SetResult(
        evaluation.sets[row.number]["name"],
        row.number,
        tuple(_shown(_table(one)) for one in row.tables),
        tuple(strips[:STRIPS]),
        tuple(one | {"place": place} for place, one in enumerate(told["worst"])),
    )


def _strip(number: int, clip: dict[str, Any]) -> Strip:
    figures = {method: rows[RANKED_BY] for method, rows in clip.items()}
    top = max((value for values in figures.values() for value in values if value), default=1.0)
    lines = tuple(
        Line(
            method,
            place,
            " ".join(lines_of(values, WIDTH, HEIGHT, top)),
            max((value for value in values if value and method != "mask"), default=0.0),
        )
        for place, (method, values) in enumerate(figures.items())
    )
    return Strip(number, lines, top)


def _shown(table: Table) -> ShownTable:
    best = {name: table.lowest(name) for name in table.metrics}
    columns = tuple((name, METRICS[name].info.summary) for name in table.metrics)
    rows = tuple(
        (method, tuple(_marked(row[name], best[name]) for name in table.metrics))
        for method, row in table.rows.items()
    )
    return ShownTable(table.title, columns, rows)


def _marked(cell: Interval | None, best: float | None) -> tuple[Interval | None, bool]:
    return cell, cell is not None and cell.mean == best


def _table(told: dict[str, Any]) -> Table:
    rows = {
        method: {name: Interval(*cell) if cell else None for name, cell in row.items()}
        for method, row in told["rows"].items()
    }
    return Table(told["title"], tuple(told["metrics"]), rows)

"""Hard examples as pages and the API show them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, QuerySet

from datasets_app.models.video import IngestState
from inference_app.models import HardExample, HardState, ModelRun, RunState
from inference_app.models.hard_example import HARD_EXAMPLES_KIND
from inference_app.selectors.model_runs import ALPHA_PREDICTORS, runs_of
from matteweb.accounts.models import Project
from matteweb.errors import NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE


def hard_examples_of(project: Project, state: str = "") -> QuerySet[HardExample]:
    """Return the project's hard examples, hardest first; ``state``: of one queue alone."""
    found = HardExample.objects.filter(
        run__video__project=project, run__video__archived_at=None
    ).select_related("run__video__project", "run__result", "moved_by")
    return found.filter(state=state) if state else found


def hard_example_counts(project: Project) -> dict[HardState, int]:
    """Return how many stand in each queue."""
    rows = hard_examples_of(project).order_by().values_list("state").annotate(Count("pk"))
    found = dict(rows)
    return {one: found.get(one.value, 0) for one in HardState}


def hard_example_of(project: Project, number: int) -> HardExample:
    """Return one example. Raises NotFound, also for another project's."""
    found = hard_examples_of(project).filter(pk=number).first()
    if found is None:
        raise NotFound(f"there is no hard example {number} in {project.name}")
    return found


def hard_examples_numbered(project: Project, numbers: Sequence[int]) -> list[HardExample]:
    """Return the examples of these numbers. Raises NotFound, also for another project's."""
    found = {one.pk: one for one in hard_examples_of(project).filter(pk__in=numbers)}
    for number in numbers:
        if number not in found:
            raise NotFound(f"there is no hard example {number} in {project.name}")
    return [found[number] for number in dict.fromkeys(numbers)]


def runs_to_look_at(project: Project) -> list[ModelRun]:
    """Return the newest finished run of each matting model over each video."""
    ready = runs_of(project).filter(
        state=RunState.READY, result__state=IngestState.READY, predictor__in=ALPHA_PREDICTORS
    )
    newest: dict[tuple[int, str, str], ModelRun] = {}
    for run in ready:  # newest first
        newest.setdefault((run.video_id, run.predictor, str(run.params)), run)
    return list(newest.values())


def search_at_work(project: Project) -> Job | None:
    """Return the job that looks for hard examples now."""
    jobs = Job.objects.filter(project=project, kind=HARD_EXAMPLES_KIND, state__in=LIVE)
    return jobs.order_by("-pk").first()

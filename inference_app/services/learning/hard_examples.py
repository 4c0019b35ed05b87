"""Hard examples: looked for among a project's runs, sent to people, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Any

from django.db import transaction

from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Blob
from datasets_app.services.blobs import blob_path
from datasets_app.services.state_moves import Moves, state_move
from inference_app.domain.evaluation.hardness import FrameHardness, hardest, hardness_of
from inference_app.models import HardExample, HardState, ModelRun
from inference_app.models.hard_example import HARD_EXAMPLES_KIND
from inference_app.selectors.hard_examples import runs_to_look_at
from inference_app.selectors.model_runs import ALPHA_PREDICTORS, runs_beside
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create

PER_RUN, APART = 5, 12
"""How many frames of a run are kept, and how many frames lie between two of them."""

HARD: Moves = {
    HardState.FOUND: frozenset({HardState.ANNOTATION, HardState.REVIEW}),
    HardState.ANNOTATION: frozenset({HardState.DONE, HardState.FOUND}),
    HardState.REVIEW: frozenset({HardState.ANNOTATION, HardState.DONE, HardState.FOUND}),
    HardState.DONE: frozenset({HardState.FOUND}),
}


@transaction.atomic
def hard_examples_find(*, project: Project, runs: Sequence[ModelRun], actor: Actor) -> Job:
    """Queue the search among ``runs``; without any among the newest of each model and video.

    Raises BadInput when no run is finished.
    """
    chosen = list(runs) or runs_to_look_at(project)
    unfinished = [run for run in chosen if _alpha(run) is None]
    if unfinished or not chosen:
        raise BadInput(
            f"{unfinished[0]} has no alpha" if unfinished else "no matting run is finished yet",
            hint="run a matting model over a video first",
        )
    numbers = [run.pk for run in chosen]
    job = job_create(
        project=project,
        kind=HARD_EXAMPLES_KIND,
        title=f"Hard examples of {len(numbers)} runs",
        params={"runs": numbers},
        actor=actor,
    )
    _audit(project, actor, "find", job.pk, {"runs": numbers})
    return job


def hard_examples_measure(
    *, run_ids: Sequence[int], progress: Progress, should_stop: ShouldStop
) -> None:
    """Measure each run and keep its hardest frames. Safe to repeat.

    Frames that stand in a queue stay; those that nobody has sent anywhere are found anew.
    """
    rows = ModelRun.objects.filter(pk__in=run_ids).select_related("video", "result").order_by("pk")
    for done, run in enumerate(rows):
        progress(done, len(run_ids))
        if _alpha(run) is None:
            continue  # it was taken away since
        found = hardest(_measured(run, should_stop), PER_RUN, APART)
        with transaction.atomic():
            mine = HardExample.objects.filter(run=run)
            kept = mine.exclude(state=HardState.FOUND)
            frames = set(kept.values_list("frame", flat=True))
            mine.filter(state=HardState.FOUND).delete()
            HardExample.objects.bulk_create(
                _row(run, one) for one in found if one.frame not in frames
            )
    progress(len(run_ids), len(run_ids))


@transaction.atomic
def hard_examples_move(*, examples: Sequence[HardExample], to: str, actor: Actor) -> None:
    """Send examples to a queue, or on from there. Raises BadInput, Conflict for what cannot be."""
    if to not in HardState.values:
        raise BadInput(f"there is no queue {to!r}", hint=f"known: {', '.join(HardState.values)}")
    for one in examples:
        state_move(one, to, HARD, moved_by=actor.user)
        _audit(one.run.video.project, actor, "move", one.pk, {"frame": one.frame, "to": to})


def _measured(run: ModelRun, should_stop: ShouldStop) -> list[FrameHardness]:
    video, alpha = run.video, _alpha(run)
    masters = [master for one in runs_beside(run) if (master := _alpha(one)) is not None]
    source = video.master or video.original
    if source is None or alpha is None:
        raise BadInput(f"{video.name} has no file any more")
    found = []
    with ExitStack() as stack:
        frames = stack.enter_context(closing(read_rgb(blob_path(source), stop=video.frames)))
        alphas = [
            stack.enter_context(closing(read_gray(blob_path(blob)))) for blob in (alpha, *masters)
        ]
        for one in hardness_of(frames, alphas[0], alphas[1:]):
            if should_stop():
                raise Cancelled(f"stopped at frame {one.frame} of {run}")
            found.append(one)
    return found


def _alpha(run: ModelRun) -> Blob | None:
    """Return the alpha that a run left, None for a depth."""
    if run.predictor not in ALPHA_PREDICTORS or run.result is None:
        return None
    return run.result.master


def _row(run: ModelRun, one: FrameHardness) -> HardExample:
    return HardExample(
        run=run,
        frame=one.frame,
        uncertainty=one.uncertainty,
        flicker=one.flicker,
        disagreement=one.disagreement,
        score=one.score,
    )


def _audit(project: Project, actor: Actor, verb: str, pk: int, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=project,
        action=f"hard_example.{verb}",
        target_kind="job" if verb == "find" else "hard_example",
        target_id=pk,
        detail=detail,
    )

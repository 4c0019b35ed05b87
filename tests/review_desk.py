"""Samples that are ready for review, as rows alone: enough for what looks at no pixel."""

from __future__ import annotations

from itertools import count

from datasets_app.models import Sample, SynthesisRun
from matteweb.accounts.models import Project, User

_numbers = count()


def run_of_author(project: Project, author: User | None) -> SynthesisRun:
    """Return a run that ``author`` launched."""
    return SynthesisRun.objects.create(
        project=project,
        recipe="object_paste",
        recipe_version=1,
        root_seed=1,
        count=0,
        requested=0,
        created_by=author,
    )


def samples_by(project: Project, author: User | None, number: int = 1) -> list[Sample]:
    """Return ``number`` ready samples of 10 frames of 64x48 that ``author`` made."""
    run = run_of_author(project, author)
    made = [
        Sample.objects.create(
            project=project,
            run=run,
            index=index,
            name=f"op-{run.pk}-{next(_numbers):04d}",
            state="ready",
            frames=10,
            width=64,
            height=48,
            fps_num=24,
            fps_den=1,
        )
        for index in range(number)
    ]
    SynthesisRun.objects.filter(pk=run.pk).update(count=number, requested=number)
    return made

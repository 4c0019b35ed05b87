"""Long samples go on where they were killed: finished frames are kept until they are stored."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.recipes.base import Layers, LayerSpec, Plan, Recipe, Resumable
from datasets_app.domain.synthesis.frame_journal import PIECE, FrameJournal
from datasets_app.models import Sample
from datasets_app.models.sample import SampleState
from matteweb.errors import Cancelled, MatteError, NoSpace


def journal_of(sample: Sample, plan: Plan, specs: tuple[LayerSpec, ...]) -> FrameJournal | None:
    """Return where the frames of a long sample are kept; None for one that is soon made again.

    Another plan or program version has another journal; older ones of the sample are removed.
    """
    if plan.frames <= PIECE:
        return None
    told = f"{sample.recipe_version} {settings.VERSION} {plan.model_dump_json()}"
    name = f"{_prefix(sample)}{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    for other in _journals(sample):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    size, fps = FrameSize(plan.width, plan.height), Fraction(plan.fps_num, plan.fps_den)
    return FrameJournal(_root() / name, specs, size, fps)


def frames_of(
    recipe: Recipe,
    plan: Plan,
    sources: Mapping[str, Path],
    journal: FrameJournal | None,
    progress: Progress,
    should_stop: ShouldStop,
) -> Generator[Layers, None, None]:
    """Yield the frames of a plan; what ``journal`` holds is read instead of made."""
    if journal is None or not isinstance(recipe, Resumable):
        yield from recipe.render(plan, sources, progress, should_stop)
        return
    resumable: Resumable[Any] = recipe

    def make(first: int) -> Generator[Layers, None, None]:
        return resumable.render_from(plan, sources, first, progress, should_stop)

    yield from journal.frames(make)


@contextmanager
def journal_kept(sample: Sample) -> Generator[None, None, None]:
    """Remove the sample's journal when it is stored or cannot be made; keep it for whoever goes
    on after a kill, a stop or a full disk."""
    try:
        yield
    except (Cancelled, NoSpace):
        raise
    except MatteError:
        journals_remove(sample)
        raise
    else:
        journals_remove(sample)


def journals_remove(sample: Sample) -> None:
    """Remove what is kept of the sample's frames."""
    for folder in _journals(sample):
        shutil.rmtree(folder, ignore_errors=True)


def journals_sweep() -> None:
    """Remove the journals of samples that are no longer to be made."""
    kept = {folder: folder.name.split(".")[1] for folder in _root().glob("journal.*.*")}
    waiting = Sample.objects.filter(
        pk__in=[int(pk) for pk in kept.values()],
        state__in=[SampleState.PLANNED, SampleState.RENDERING],
        archived_at=None,
    )
    living = {str(pk) for pk in waiting.values_list("pk", flat=True)}
    for folder, pk in kept.items():
        if pk not in living:
            shutil.rmtree(folder, ignore_errors=True)


def _journals(sample: Sample) -> list[Path]:
    return sorted(_root().glob(f"{_prefix(sample)}*"))


def _prefix(sample: Sample) -> str:
    return f"journal.{sample.pk}."


def _root() -> Path:
    return Path(settings.WORK_DIR)

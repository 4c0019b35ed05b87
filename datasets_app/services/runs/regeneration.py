"""Rebuilding a sample from its plan alone, to prove that it can be rebuilt."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.checksum import digest_file
from datasets_app.domain.media.stream_files import StreamFiles
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.models import Layer, Sample
from datasets_app.models.sample import SampleState
from datasets_app.selectors.rebuilds import REBUILD_KIND
from datasets_app.selectors.run_work import target_job
from datasets_app.services.runs.rendering import sample_write
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict, Unsupported
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE


@dataclass(frozen=True, slots=True)
class Regeneration:
    """What a rebuild found: the layers whose stored digests differ, empty when identical.

    ``platform`` and ``code_version`` say where and with what it was rebuilt.
    """

    sample: str
    layers: tuple[str, ...]
    differing: tuple[str, ...]
    platform: str
    code_version: str

    @property
    def identical(self) -> bool:
        """Whether every byte of every layer came out the same."""
        return not self.differing

    def as_json(self) -> dict[str, object]:
        """Return plain lists and words."""
        return {**asdict(self), "identical": self.identical}


def regeneration_start(*, sample: Sample, actor: Actor) -> Job:
    """Enqueue the rebuild of one sample; one that is under way already is returned.

    Raises what ``sample_regenerate`` raises before it renders.
    """
    _require_comparable(sample)
    known = target_job(REBUILD_KIND, sample.pk)
    if known is not None and known.state in LIVE:
        return known
    with transaction.atomic():
        job = job_create(
            project=sample.project,
            kind=REBUILD_KIND,
            title=f"Rebuild {sample.name} and compare every byte",
            target_id=sample.pk,
            actor=actor,
        )
        audit(
            actor=actor,
            project=sample.project,
            action="sample.regenerate",
            target_kind="sample",
            target_id=sample.pk,
        )
    return job


def regeneration_run(
    *, sample_id: int, progress: Progress, should_stop: ShouldStop
) -> Regeneration:
    """Rebuild the sample of a job; raises what ``sample_regenerate`` raises."""
    sample = Sample.objects.select_related("project", "run").get(pk=sample_id)
    return sample_regenerate(sample=sample, progress=progress, should_stop=should_stop)


def sample_regenerate(
    *,
    sample: Sample,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> Regeneration:
    """Rebuild a sample from its plan alone and compare every byte with what is stored; guidance
    that segmenters added later is no part of the plan.

    Raises BadInput for an imported sample, Conflict for one that is not rendered, Unsupported when
    the recipe has another version now, Corrupt when an input is gone or changed.
    """
    _require_comparable(sample)
    later = list(sample.guidance_sets.all())
    layers = {
        layer.name: layer
        for layer in sample.layers.all()
        if not any(one.owns(layer.name) for one in later)
    }
    with work_folder(f"regenerate-{sample.pk}") as folder:
        files = sample_write(folder, sample, progress, should_stop)
        differing = [
            name
            for name, layer in layers.items()
            if name not in files or not _same_bytes(files[name], layer)
        ]
    return Regeneration(
        sample=sample.name,
        layers=tuple(sorted(layers)),
        differing=tuple(sorted(differing)),
        platform=f"{platform.system()} {platform.machine()}",
        code_version=f"matteweb {settings.VERSION}",
    )


def _require_comparable(sample: Sample) -> None:
    if not sample.plan:
        raise BadInput(f"{sample.name} was imported: there is no plan to rebuild it from")
    if sample.state != SampleState.READY:
        raise Conflict(f"{sample.name} is {sample.state}; only a rendered sample is compared")
    recipe = RECIPES[sample.recipe]
    if recipe.info.version != sample.recipe_version:
        raise Unsupported(
            f"{sample.name} was made by {recipe.info.label} version {sample.recipe_version}, "
            f"here is version {recipe.info.version}",
            hint="use the release named on the sample to rebuild it",
        )


def _same_bytes(files: StreamFiles, layer: Layer) -> bool:
    for name in ("master", "delivery"):
        path, digest = getattr(files, name), getattr(layer, f"{name}_id")
        if (path is None) != (digest is None):
            return False
        if path is not None and digest_file(path).sha256 != digest:
            return False
    return True

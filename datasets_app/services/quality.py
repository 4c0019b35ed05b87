"""Measuring samples and masks: one lane per project that gives way to everything else."""

from __future__ import annotations

import json
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import transaction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics import METRICS
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.quality.edge_crops import EdgeCropSearch
from datasets_app.domain.quality.layer_frames import MEASURED, layer_frames
from datasets_app.domain.quality.measure import ObjectPlaces, applicable, measure
from datasets_app.domain.quality.report import QualityFacts, facts_of
from datasets_app.models import Blob, Mask, QualityReport, Sample, Stream
from datasets_app.models.mask import MaskKind
from datasets_app.selectors.footage import frames_blob
from datasets_app.selectors.quality import (
    QualityBody,
    masks_to_measure,
    measuring_suite,
    samples_to_measure,
)
from datasets_app.services.blobs import blob_from_bytes, blob_path
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.errors import Cancelled, MatteError, NoSpace
from matteweb.jobs.context import Again
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE, JobState

LANE_KIND = "quality_measure"
_FINDING_LENGTH = 200


@transaction.atomic
def measuring_start(*, project: Project) -> bool:
    """Queue the project's lane if something is to be measured and none lives; return whether.

    Whoever stored something that can be measured calls it afterwards. A lane that is running looks
    for more before it ends.
    """
    if Job.objects.filter(kind=LANE_KIND, project=project, state__in=LIVE).exists():
        return False
    if not (samples_to_measure(project).exists() or masks_to_measure(project).exists()):
        return False
    job_create(
        project=project,
        kind=LANE_KIND,
        title="Measure samples and masks",
        actor=Actor(None, AuditEntry.Channel.JOB),
    )
    return True


def measuring_catch_up() -> None:
    """Start a lane wherever something waits: a metric may count differently since an update."""
    for project in Project.objects.all():
        measuring_start(project=project)


def measuring_run(*, project_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Measure what waits, samples first; progress counts clips.

    What cannot be measured keeps its cause and does not stop the lane. Raises Again when the turn
    is over because another job waits, Cancelled when asked to stop: finished reports stay.
    """
    project = Project.objects.get(pk=project_id)
    done = 0
    while (row := _next(project)) is not None:
        if should_stop():
            raise Cancelled("measuring stopped; finished reports are kept")
        if isinstance(row, Sample):
            sample_measure(sample=row, should_stop=should_stop)
        else:
            mask_measure(mask=row, should_stop=should_stop)
        done += 1
        progress(done, done + _waiting(project))
        if Job.objects.filter(state=JobState.QUEUED).exclude(kind=LANE_KIND).exists():
            raise Again


def sample_measure(*, sample: Sample, should_stop: ShouldStop) -> QualityReport | None:
    """Measure a sample's layers, from their masters, and store the report, unless the sample was
    deleted meanwhile."""
    rows = {layer.name: layer for layer in sample.layers.select_related("master", "delivery")}
    layers = {name: _stored(row) for name, row in rows.items() if name in MEASURED}
    return _report(sample, layers, sample.project, numbered=False, should_stop=should_stop)


def mask_measure(*, mask: Mask, should_stop: ShouldStop) -> QualityReport | None:
    """Measure a mask as the alpha of its video, and store the report, unless the mask was deleted
    meanwhile."""
    layers = {"rgb_full": frames_blob(mask.video), "alpha": _stored(mask)}
    numbered = mask.kind == MaskKind.INDEX
    project = mask.video.project
    return _report(mask, layers, project, numbered=numbered, should_stop=should_stop)


def report_forget(*, mask: Mask) -> None:
    """Delete a mask's report, as it was read anew."""
    QualityReport.objects.filter(mask=mask).delete()


def tracks_of(body: QualityBody) -> dict[str, Any]:
    """Return a report with ``frames`` and ``tracks``, the numbers of every frame."""
    answer: dict[str, Any] = {key: value for key, value in body.items() if key != "tracks_digest"}
    digest = body["tracks_digest"]
    stored = Blob.objects.filter(pk=digest).first() if digest else None
    empty: dict[str, Any] = {"frames": 0, "tracks": []}
    return answer | (empty if stored is None else json.loads(blob_path(stored).read_bytes()))


def _next(project: Project) -> Sample | Mask | None:
    sample = samples_to_measure(project).select_related("project").first()
    if sample is not None:
        return sample
    return masks_to_measure(project).select_related("video__project", "master").first()


def _waiting(project: Project) -> int:
    return samples_to_measure(project).count() + masks_to_measure(project).count()


def _stored(row: Stream) -> Blob | None:
    return row.master or row.delivery


def _report(
    row: Sample | Mask,
    layers: dict[str, Blob | None],
    project: Project,
    *,
    numbered: bool,
    should_stop: ShouldStop,
) -> QualityReport | None:
    """Measure outside of any transaction, then replace the row's report at once."""
    there = {name: blob for name, blob in layers.items() if blob is not None}
    fields: dict[str, Any] = {"project": project, **_provenance(there)}
    try:
        facts = _measured(row, there, numbered, should_stop)
    except (Cancelled, NoSpace):
        raise  # the job's matter: it stops, or waits for room
    except MatteError as error:
        fields |= _nothing(str(error))
    else:
        fields |= asdict(facts) | {"error": "", "finding": facts.finding[:_FINDING_LENGTH]}
        fields["tracks"] = blob_from_bytes(facts.tracks)
    key = {"sample": row} if isinstance(row, Sample) else {"mask": row}
    with transaction.atomic():
        if not type(row)._default_manager.filter(pk=row.pk).exists():
            return None
        return QualityReport.objects.update_or_create(**key, defaults=fields)[0]


def _provenance(layers: dict[str, Blob]) -> dict[str, Any]:
    return {
        "suite": measuring_suite(),
        "versions": {one.info.slug: one.info.version for one in applicable(METRICS, layers)},
        "inputs": {name: blob.digest for name, blob in sorted(layers.items())},
        "code_version": f"matteweb {settings.VERSION}",
    }


def _nothing(error: str) -> dict[str, Any]:
    empty = QualityFacts(0.0, "", "", [], {}, [], b"")
    return asdict(empty) | {"tracks": None, "error": error}


def _measured(
    row: Sample | Mask, layers: dict[str, Blob], numbered: bool, should_stop: ShouldStop
) -> QualityFacts:
    size, frames = FrameSize(row.width or 1, row.height or 1), row.frames or 0
    crops, places = EdgeCropSearch(size), ObjectPlaces(size)
    paths = {name: blob_path(blob) for name, blob in layers.items()}
    found = measure(
        METRICS,
        layer_frames(paths, frames=frames, numbered=numbered),
        layers=paths,
        size=size,
        fps=Fraction(row.fps_num or 1, row.fps_den or 1),
        progress=lambda done, total: None,
        should_stop=should_stop,
        crops=crops,
        places=places,
    )
    return facts_of(found, crops.finish(), frames, layers=layers, places=places)

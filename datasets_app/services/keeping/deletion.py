"""Taking things away: archive first, then delete; what depends on them is named before.

Rows go here, bytes go by ``collect``: a blob that a frozen bundle still lists stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from datasets_app.models import Asset, Bundle, ImageSet, Mask, Sample, SynthesisRun, Video
from datasets_app.models.bundle import BundleState
from datasets_app.selectors.footage import frames_blob
from datasets_app.services.freezing.export import bundle_manifest
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import Conflict

Removable = Video | Asset | Mask | ImageSet | SynthesisRun | Sample | Bundle


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something that would miss what goes: ``count`` objects of ``kind``, with what happens."""

    kind: str
    count: int
    consequence: str


def project_of(row: Removable) -> Project:
    """Return the project that the object belongs to."""
    return row.video.project if isinstance(row, Mask) else row.project


def dependents_of(row: Removable) -> list[Dependent]:
    """Return what depends on the object, each kind once, empty kinds left out."""
    found: list[Dependent] = []
    if isinstance(row, Video):
        found.append(Dependent("mask", row.masks.count(), "deleted with it"))
        found.append(Dependent("caption", row.captions.count(), "deleted with it"))
        found.append(Dependent("sample", row.samples.count(), "kept, but cannot be rebuilt"))
    elif isinstance(row, Asset):
        found.append(Dependent("sample", row.samples.count(), "kept, but cannot be rebuilt"))
    elif isinstance(row, Mask):
        samples = Sample.objects.filter(videos=row.video).count()
        found.append(Dependent("sample", samples, "kept, but cannot be rebuilt if made with it"))
    elif isinstance(row, ImageSet):
        found.append(Dependent("picture", row.pictures.count(), "deleted with it"))
        found.append(Dependent("export", row.exports.count(), "deleted with it"))
    elif isinstance(row, SynthesisRun):
        found.append(Dependent("sample", row.samples.count(), "deleted with it"))
        found.append(_frozen_entries(Sample.objects.filter(run=row)))
    elif isinstance(row, Sample):
        found.append(Dependent("verdict", row.verdicts.count(), "deleted with it"))
        found.append(_frozen_entries(Sample.objects.filter(pk=row.pk)))
    elif isinstance(row, Bundle):
        found.append(Dependent("sample", row.entries.count(), "kept"))
    return [dependent for dependent in found if dependent.count]


@transaction.atomic
def row_archive(*, row: Removable, actor: Actor) -> None:
    """Take the object out of every list; nothing is lost and ``row_restore`` brings it back."""
    _set_archived(row, actor, "archive")


@transaction.atomic
def row_restore(*, row: Removable, actor: Actor) -> None:
    """Bring an archived object back."""
    _set_archived(row, actor, "restore")


@transaction.atomic
def row_delete(*, row: Removable, actor: Actor) -> list[Dependent]:
    """Delete an archived object for good and return what depended on it.

    Raises Conflict when it is not archived: a deletion is never one click away.
    """
    if row.archived_at is None:
        raise Conflict(f"{row} is not archived", hint="archive it first, then delete it")
    found = dependents_of(row)
    detail = {dependent.kind: dependent.count for dependent in found}
    _audit_row(row, actor, "delete", detail | {"name": str(row)})
    row.delete()
    return found


@transaction.atomic
def video_withdraw(*, video: Video, actor: Actor, reason: str) -> list[Bundle]:
    """Mark a source whose use is no longer permitted, and every frozen bundle that contains it.

    No run draws on it from now on. Returns the marked bundles. Cost: reads the manifest of every
    frozen bundle of the project.
    """
    digest = frames_blob(video).digest
    now = timezone.now()
    Video.objects.filter(pk=video.pk).update(withdrawn_at=now)
    marked = []
    mark = {"video": video.name, "digest": digest, "reason": reason, "at": now.isoformat()}
    frozen = Bundle.objects.filter(project=video.project, state=BundleState.FROZEN)
    for bundle in frozen.select_related("manifest_blob"):
        samples = bundle_manifest(bundle).samples
        if any(source.sha256 == digest for sample in samples for source in sample.sources):
            bundle.withdrawn = [*bundle.withdrawn, mark]
            bundle.save(update_fields=["withdrawn"])
            marked.append(bundle)
    _audit_row(video, actor, "withdraw", {"reason": reason, "bundles": len(marked)})
    return marked


def _frozen_entries(samples: QuerySet[Sample]) -> Dependent:
    frozen = Bundle.objects.filter(state=BundleState.FROZEN, entries__sample__in=samples)
    return Dependent("frozen bundle", frozen.distinct().count(), "keeps its files")


def _set_archived(row: Removable, actor: Actor, verb: str) -> None:
    model: type[Model] = type(row)
    at = timezone.now() if verb == "archive" else None
    if model._default_manager.filter(pk=row.pk, archived_at__isnull=at is not None).update(
        archived_at=at
    ):
        row.archived_at = at
        _audit_row(row, actor, verb, {})


def _audit_row(row: Removable, actor: Actor, verb: str, detail: dict[str, object]) -> None:
    noun = {SynthesisRun: "run", ImageSet: "image_set"}.get(type(row), type(row).__name__.lower())
    audit(
        actor=actor,
        project=project_of(row),
        action=f"{noun}.{verb}",
        target_kind=noun,
        target_id=row.pk,
        detail=detail,
    )

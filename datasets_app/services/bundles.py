"""Bundles: drafted, frozen by a job, immutable from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from datasets_app.domain.bundles.files import bundle_files, freeze_manifest
from datasets_app.domain.bundles.licences import LicenceLine, licence_findings, licence_lines
from datasets_app.domain.bundles.manifest import Manifest
from datasets_app.domain.bundles.preflight import check_tuple
from datasets_app.domain.bundles.splits import SplitItem, draw_splits
from datasets_app.domain.findings import Finding, errors_in
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Bundle, BundleEntry, BundleFile, Sample
from datasets_app.models.bundle import BundleState
from datasets_app.selectors.bundles import (
    SampleFilter,
    bundle_candidates,
    category_counts,
    repeat_outlook,
)
from datasets_app.services.blobs import blob_from_bytes, blob_path
from datasets_app.services.manifests import entry_category, manifest_samples, sample_sources
from datasets_app.services.state_moves import BUNDLE, state_move
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.services import job_create

FREEZE_KIND = "bundle_freeze"


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """Everything that decides what a bundle will be. Shares and splits are percentages."""

    samples: SampleFilter = field(default_factory=SampleFilter)
    shares: Mapping[str, Fraction] = field(default_factory=dict)
    repeats: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, Fraction] = field(default_factory=dict)
    split_seed: int = 0
    licence_reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the form that is stored on the bundle; fractions as text."""
        return {
            "samples": asdict(self.samples),
            "shares": {name: str(share) for name, share in self.shares.items()},
            "repeats": dict(self.repeats),
            "splits": {name: str(share) for name, share in self.splits.items()},
            "split_seed": self.split_seed,
            "licence_reason": self.licence_reason,
        }


@transaction.atomic
def bundle_create(*, project: Project, name: str, actor: Actor) -> Bundle:
    """Make an empty draft. Raises Conflict when the name is taken."""
    if Bundle.objects.filter(project=project, name=name).exists():
        raise Conflict(
            f"there is a bundle {name!r} in {project.name} already",
            hint="a frozen bundle never changes: choose another name, e.g. with a number",
        )
    bundle = Bundle.objects.create(project=project, name=name, created_by=actor.user)
    _audit_bundle(bundle, actor, "create", {"name": name})
    return bundle


@transaction.atomic
def bundle_create_frozen(
    *, project: Project, name: str, choice: BundleChoice, actor: Actor
) -> Bundle:
    """Make a bundle and begin to freeze it, or do neither. Raises like its two halves."""
    bundle = bundle_create(project=project, name=name, actor=actor)
    bundle_freeze(bundle=bundle, choice=choice, actor=actor)
    return bundle


def bundle_licences(samples: QuerySet[Sample]) -> list[LicenceLine]:
    """Return one line per licence of everything that ``samples`` were made from."""
    return licence_lines(sample_sources(sample) for sample in samples)


@transaction.atomic
def bundle_freeze(*, bundle: Bundle, choice: BundleChoice, actor: Actor) -> None:
    """Choose the entries and queue the job that checks and freezes them.

    Raises BadInput when nothing is accepted, a category is unknown, or a licence needs a written
    reason; Conflict when the bundle is not a draft.
    """
    samples = bundle_candidates(bundle.project, choice.samples)
    counts = category_counts(samples)
    if not counts:
        raise BadInput(
            f"no accepted sample is there for bundle {bundle.name}", hint="review some first"
        )
    blocked = errors_in(licence_findings(bundle_licences(samples), choice.licence_reason))
    if blocked:
        raise BadInput(
            f"bundle {bundle.name} needs a written reason: {blocked[0].message}",
            hint=blocked[0].hint,
        )
    repeats = repeat_outlook(counts, shares=choice.shares, repeats=choice.repeats).repeats()
    splits = _splits(samples, choice)
    state_move(bundle, BundleState.FREEZING, BUNDLE, settings=choice.as_json(), problems=[])
    bundle.entries.all().delete()
    BundleEntry.objects.bulk_create(
        BundleEntry(
            bundle=bundle,
            sample=sample,
            category=entry_category(sample),
            repeats=repeats[entry_category(sample)],
            split=splits.get(str(sample.pk), "train"),
        )
        for sample in samples
    )
    job_create(
        project=bundle.project,
        kind=FREEZE_KIND,
        title=f"Freeze bundle {bundle.name}",
        target_id=bundle.pk,
        actor=actor,
    )
    _audit_bundle(bundle, actor, "freeze", choice.as_json())


def bundle_freeze_finish(*, bundle_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Check every sample, then write manifest, files and state in one transaction.

    A blocking finding turns the bundle back into a draft that lists its problems. Safe to repeat
    after a kill: nothing is written before the end.
    """
    bundle = Bundle.objects.select_related("project").get(pk=bundle_id)
    if bundle.state != BundleState.FREEZING:
        return
    try:
        findings = _checked(bundle, progress, should_stop)
    except Cancelled:
        state_move(bundle, BundleState.DRAFT, BUNDLE)
        raise
    if errors_in(findings):
        problems = [finding.as_json() for finding in findings]
        state_move(bundle, BundleState.DRAFT, BUNDLE, problems=problems)
        first = errors_in(findings)[0]
        raise BadInput(
            f"bundle {bundle.name} was not frozen, {len(errors_in(findings))} problems; the first: "
            f"{first.where}: {first.message}",
            hint=first.hint,
        )
    reason = bundle.settings.get("licence_reason", "")
    manifest = freeze_manifest(manifest_samples(_entries(bundle)), licence_reason=reason)
    _freeze(bundle, manifest, findings)


def _checked(bundle: Bundle, progress: Progress, should_stop: ShouldStop) -> list[Finding]:
    findings: list[Finding] = []
    total = bundle.entries.count()
    for number, entry in enumerate(_entries(bundle)):
        if should_stop():
            raise Cancelled(f"freezing stopped at sample {number} of {total}")
        if entry.sample is not None:
            findings += _sample_findings(entry.sample, should_stop)
        progress(number + 1, total)
    return findings


def _sample_findings(sample: Sample, should_stop: ShouldStop) -> list[Finding]:
    paths = {
        layer.name: blob_path(layer.delivery) if layer.delivery else None
        for layer in sample.layers.all()
    }
    _, findings = check_tuple(paths, sample.caption, where=sample.name, should_stop=should_stop)
    return findings


def _freeze(bundle: Bundle, manifest: Manifest, findings: list[Finding]) -> None:
    stored = blob_from_bytes(manifest.canonical())
    files = [
        (file.path, blob_from_bytes(file.data).digest if file.data is not None else file.sha256)
        for file in bundle_files(manifest)
    ]
    with transaction.atomic():
        bundle.files.all().delete()
        BundleFile.objects.bulk_create(
            BundleFile(bundle=bundle, path=path, blob_id=digest) for path, digest in files
        )
        state_move(
            bundle,
            BundleState.FROZEN,
            BUNDLE,
            manifest_id=manifest.identity(),
            manifest_blob=stored,
            frozen_at=timezone.now(),
            problems=[finding.as_json() for finding in findings],
        )


def _entries(bundle: Bundle) -> QuerySet[BundleEntry]:
    return (
        bundle.entries.select_related("sample", "sample__run")
        .prefetch_related("sample__layers__master", "sample__layers__delivery", "sample__verdicts")
        .order_by("pk")
    )


def _splits(samples: QuerySet[Sample], choice: BundleChoice) -> Mapping[str, str]:
    if not choice.splits:
        return {}
    items = [
        SplitItem(str(sample.pk), frozenset(source["group"] for source in sample.sources))
        for sample in samples
    ]
    return draw_splits(items, choice.splits, seed=choice.split_seed).split_of


def _audit_bundle(bundle: Bundle, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=bundle.project,
        action=f"bundle.{verb}",
        target_kind="bundle",
        target_id=bundle.pk,
        detail=detail,
    )

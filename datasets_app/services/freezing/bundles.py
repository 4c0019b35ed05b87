"""Bundles: drafted, frozen by a job, immutable from then on."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from datasets_app.domain.bundles.files import bundle_files, freeze_manifest
from datasets_app.domain.bundles.licences import licence_findings, licence_lines
from datasets_app.domain.bundles.manifest import Manifest
from datasets_app.domain.bundles.preflight import check_sample
from datasets_app.domain.findings import Finding, errors_in
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Bundle, BundleEntry, BundleFile, Sample
from datasets_app.models.bundle import FROZEN_REPEATS, BundleState
from datasets_app.selectors.bundles import bundle_candidates, category_counts, repeat_outlook
from datasets_app.services.blobs import blob_from_bytes, blob_path
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundle_outlook import row_findings
from datasets_app.services.freezing.manifests import (
    entry_category,
    frozen_layers,
    manifest_samples,
    sample_sources,
)
from datasets_app.services.freezing.split_outlook import draw_choice
from datasets_app.services.state_moves import BUNDLE, state_move
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE

FREEZE_KIND = "bundle_freeze"
NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


@transaction.atomic
def bundle_create(*, project: Project, name: str, actor: Actor) -> Bundle:
    """Make an empty draft. Raises BadInput for a name that cannot stand in an address, and
    Conflict when it is taken, also by an archived bundle.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} cannot name a bundle",
            hint="use up to 80 letters, digits, '-' and '_', e.g. effect-removal-1",
        )
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
    """Make a bundle, or take the draft of that name, and begin to freeze it; or do neither.

    So the same call may be repeated after the preflight has found something. Raises like its parts.
    """
    bundle = Bundle.objects.filter(
        project=project, name=name, archived_at=None, manifest_id=""
    ).first() or bundle_create(project=project, name=name, actor=actor)
    if bundle.state == BundleState.FREEZING:
        bundle_reopen(bundle=bundle, actor=actor)
    bundle_freeze(bundle=bundle, choice=choice, actor=actor)
    return bundle


@transaction.atomic
def bundle_choose(*, bundle: Bundle, choice: BundleChoice, actor: Actor) -> None:
    """Keep a draft's choice without freezing it. Raises Conflict when it is not a draft."""
    drafts = Bundle.objects.filter(pk=bundle.pk, state=BundleState.DRAFT)
    if not drafts.update(settings=choice.as_json()):
        raise Conflict(f"bundle {bundle.name} is {bundle.state}", hint="only a draft can change")
    bundle.refresh_from_db()
    _audit_bundle(bundle, actor, "choose", choice.as_json())


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
    lines = licence_lines(sample_sources(sample) for sample in samples)
    blocked = errors_in(licence_findings(lines, choice.licence_reason))
    if blocked:
        raise BadInput(
            f"bundle {bundle.name} needs a written reason: {blocked[0].message}",
            hint=blocked[0].hint,
        )
    plan = repeat_outlook(
        counts, shares=choice.shares, repeats=choice.repeats, most_rows=choice.most_rows
    )
    repeats = plan.repeats()
    drawn = draw_choice(bundle.project, list(samples), choice)
    splits = drawn.split_of if drawn else {}
    kept = choice.as_json() | {FROZEN_REPEATS: repeats}
    state_move(bundle, BundleState.FREEZING, BUNDLE, settings=kept, problems=[])
    bundle.entries.all().delete()
    BundleEntry.objects.bulk_create(
        BundleEntry(
            bundle=bundle,
            sample=sample,
            category=entry_category(sample),
            repeats=repeats[entry_category(sample)] * sample.weight,
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


@transaction.atomic
def bundle_reopen(*, bundle: Bundle, actor: Actor) -> None:
    """Turn a bundle whose freezing ended without result back into a draft.

    Raises Conflict while its job lives, and for a bundle that is not freezing.
    """
    if Job.objects.filter(kind=FREEZE_KIND, target_id=bundle.pk, state__in=LIVE).exists():
        raise Conflict(f"bundle {bundle.name} is being frozen", hint="stop it in Jobs first")
    state_move(bundle, BundleState.DRAFT, BUNDLE)
    _audit_bundle(bundle, actor, "reopen", {})


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
    return findings + _row_findings(bundle)


def _row_findings(bundle: Bundle) -> list[Finding]:
    """Return what only all rows together show."""
    entries = [entry for entry in bundle.entries.select_related("sample") if entry.sample]
    return row_findings(
        [entry.sample for entry in entries if entry.sample],
        {str(entry.sample_id): entry.repeats for entry in entries},
        {str(entry.sample_id): entry.split for entry in entries},
    )


def _sample_findings(sample: Sample, should_stop: ShouldStop) -> list[Finding]:
    paths = {
        layer.name: blob_path(layer.delivery) if layer.delivery else None
        for layer in sample.layers.all()
    }
    found = {layer: paths.get(layer) for layer in frozen_layers(sample)}
    _, findings = check_sample(found, sample.caption, where=sample.name, should_stop=should_stop)
    return findings


def _freeze(bundle: Bundle, manifest: Manifest, findings: list[Finding]) -> None:
    stored = blob_from_bytes(manifest.canonical())
    files = [
        BundleFile(
            bundle=bundle,
            path=file.path,
            blob_id=file.sha256 if file.data is None else blob_from_bytes(file.data).digest,
        )
        for file in bundle_files(manifest)
    ]
    masters = [
        BundleFile(
            bundle=bundle,
            path=f"{sample.folder}/{master.layer}.mkv",
            blob_id=master.sha256,
            exported=False,
        )
        for sample in manifest.samples
        for master in sample.masters
    ]
    with transaction.atomic():
        bundle.files.all().delete()
        BundleFile.objects.bulk_create([*files, *masters])
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
        .prefetch_related(
            "sample__layers__master",
            "sample__layers__delivery",
            "sample__verdicts",
            "sample__guidance_sets",
        )
        .order_by("pk")
    )


def _audit_bundle(bundle: Bundle, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=bundle.project,
        action=f"bundle.{verb}",
        target_kind="bundle",
        target_id=bundle.pk,
        detail=detail,
    )

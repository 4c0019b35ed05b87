"""Frozen bundles, image sets and the library as trees of the layouts that other tools read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.bundles.documents import ATTRIBUTION_PATH, attribution_text
from datasets_app.domain.bundles.layer_kinds import is_gray
from datasets_app.domain.bundles.manifest import Manifest, ManifestSample
from datasets_app.domain.captions import Captions
from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.layouts.base import Layout
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.trees.archive_writing import pack_tree
from datasets_app.domain.trees.entries import LabelledPicture, LayoutContents, ReadyTuple
from datasets_app.domain.trees.frame_numbers import planned_numbers
from datasets_app.domain.trees.instance_trees import guidance_folder
from datasets_app.domain.trees.sample_streams import PARTIAL, picked_frames, sample_of_layers
from datasets_app.models import Blob, Bundle, ImageSet, LayoutExport
from datasets_app.models.sample import ReviewState
from datasets_app.services.blobs import blob_from_file, blob_locator, blob_path
from datasets_app.services.freezing.export import bundle_manifest
from datasets_app.services.freezing.manifests import LATER_GUIDANCE
from datasets_app.services.space import space_require, space_require_at
from datasets_app.services.trees.library_exports import library_export, library_require
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE

EXPORT_KIND = "layout_export"
IMAGE_SET_LAYOUT = "mvtec_ad"
_RATIO_OF_PICTURES = 4
"""Pictures take about so many times the bytes of the lossless video that they are made from."""


@dataclass(frozen=True, slots=True)
class LayoutFit:
    """How much of a bundle has a place in a layout; ``reasons``: why -> how many samples."""

    slug: str
    label: str
    summary: str
    fits: int
    reasons: dict[str, int]

    @property
    def reason(self) -> str:
        """The most frequent reason why samples are left out, "" when none is."""
        return max(self.reasons, key=lambda one: self.reasons[one], default="")

    @property
    def left_out(self) -> int:
        """How many samples have no place there."""
        return sum(self.reasons.values())


def layouts_for(manifest: Manifest) -> list[LayoutFit]:
    """Return every layout with what of the bundle fits it, the most fitting first."""
    found = []
    for layout in LAYOUTS:
        reasons: dict[str, int] = {}
        for sample in manifest.samples:
            reason = refusal(layout, sample)
            if reason:
                reasons[reason] = reasons.get(reason, 0) + 1
        fits = len(manifest.samples) - sum(reasons.values())
        info = layout.info
        found.append(LayoutFit(info.slug, info.label, info.summary, fits, reasons))
    return sorted(found, key=lambda one: -one.fits)


def refusal(layout: Layout, sample: ManifestSample) -> str:
    """Return why a sample has no place in a layout, or ""."""
    layers = {layer: "gray" if is_gray(layer) else "rgb" for layer in _digests(sample)}
    return layout.unavailable() or layout.takes(layers, sample.frames)


def bundle_export_layout(
    *,
    bundle: Bundle,
    layout: str,
    folder: Path,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> dict[str, Any]:
    """Write a frozen bundle into ``folder`` as a tree of ``layout``, from the lossless masters and
    with its attributions; return {"entries", "left_out": [{"name", "reason"}], "findings"}, these
    about what of a sample that has a place is not written.

    Raises BadInput for an unknown layout or when no sample fits, Conflict for a draft or a folder
    that is not empty, NoSpace, Cancelled.
    """
    manifest, chosen = bundle_manifest(bundle), LAYOUTS[layout]
    refused = {sample.folder: refusal(chosen, sample) for sample in manifest.samples}
    fitting = [sample for sample in manifest.samples if not refused[sample.folder]]
    if not fitting:
        first = next(iter(refused.items()))
        raise BadInput(
            f"no sample of {bundle.name} has a place in {chosen.info.label}: {first[1]}",
            hint="choose another layout",
        )
    blobs = Blob.objects.filter(pk__in={d for one in fitting for d in _digests(one).values()})
    needed = sum(blob.size for blob in blobs) * _RATIO_OF_PICTURES
    space_require_at(folder.parent, needed, purpose=folder.name)
    purpose = f"layout-{bundle.pk}-{layout}"
    with _opened(chosen, fitting, blobs, purpose, should_stop) as tuples:
        contents = LayoutContents(tuples=tuple(tuples))
        chosen.write(contents, folder, progress=progress, should_stop=should_stop)
        findings = [one.as_json() for one in chosen.left_behind(contents)]
    (folder / ATTRIBUTION_PATH).write_text(attribution_text(manifest), encoding="utf-8")
    left_out = [{"name": name, "reason": why} for name, why in refused.items() if why]
    return {"entries": len(fitting), "left_out": left_out, "findings": findings}


def image_set_export(
    *,
    image_set: ImageSet,
    folder: Path,
    layout: str = IMAGE_SET_LAYOUT,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> dict[str, Any]:
    """Write the pictures of an image set that nobody rejected as a tree with a folder per class.

    Raises BadInput when there is none, Conflict for a folder that is not empty, NoSpace, Cancelled.
    """
    rows = list(image_set.pictures.select_related("picture", "mask"))
    kept = [row for row in rows if row.review != ReviewState.REJECTED]
    if not kept:
        raise BadInput(f"{image_set.name} has no picture to export", hint="reject fewer")
    space_require_at(folder.parent, sum(row.picture.size for row in kept), purpose=folder.name)
    pictures = tuple(
        LabelledPicture(
            image_set.name,
            row.split,
            row.label,
            row.name,
            blob_path(row.picture),
            blob_path(row.mask) if row.mask else None,
            row.origin,
        )
        for row in kept
    )
    contents = LayoutContents(pictures=pictures)
    LAYOUTS[layout].write(contents, folder, progress=progress, should_stop=should_stop)
    left_out = [
        {"name": row.name, "reason": "it was rejected"}
        for row in rows
        if row.review == ReviewState.REJECTED
    ]
    return {"entries": len(kept), "left_out": left_out}


@transaction.atomic
def library_export_start(
    *, project: Project, actor: Actor, layout: str, selection: Mapping[str, str]
) -> LayoutExport:
    """Queue the writing of chosen assets, or of every annotated video, as a ZIP of ``layout``.

    Raises BadInput for a layout that holds neither or an unknown choice.
    """
    chosen = {name: value for name, value in selection.items() if value}
    library_require(layout, chosen)
    info = LAYOUTS[layout].info
    row = LayoutExport.objects.create(
        project=project,
        selection=chosen,
        layout=info.slug,
        layout_version=info.version,
        created_by=actor.user,
    )
    _queue(row, actor)
    return row


@transaction.atomic
def layout_export_start(
    *, actor: Actor, layout: str, bundle: Bundle | None = None, image_set: ImageSet | None = None
) -> LayoutExport:
    """Queue the writing of a bundle or an image set as a ZIP of ``layout``.

    Returns what is there already, or on its way, when the same was asked for before and nothing
    has changed since: a frozen bundle never does. Raises BadInput for an unknown layout.
    """
    chosen = LAYOUTS[layout].info
    source = bundle or image_set
    if source is None:
        raise BadInput("there is nothing to export")
    if bundle is not None:
        if not any(
            fit.slug == chosen.slug and fit.fits for fit in layouts_for(bundle_manifest(bundle))
        ):
            raise BadInput(
                f"no sample of {bundle.name} has a place in {chosen.label}",
                hint="choose another layout",
            )
        known = LayoutExport.objects.filter(
            bundle=bundle, layout=chosen.slug, layout_version=chosen.version
        ).first()
        if known is not None and (known.archive_id or _live(known)):
            return known
    row = LayoutExport.objects.create(
        project=source.project,
        bundle=bundle,
        image_set=image_set,
        layout=chosen.slug,
        layout_version=chosen.version,
        created_by=actor.user,
    )
    _queue(row, actor)
    return row


def layout_export_run(*, export_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Write and pack what `layout_export_start` queued; after a kill it begins anew, and nothing
    half is ever stored. Raises as the two exports do."""
    row = LayoutExport.objects.select_related("bundle", "image_set", "project").get(pk=export_id)
    if row.archive_id:
        return
    space_require(project=row.project, needed=0, purpose=f"export of {row.source_name}")
    with work_folder(f"export-{row.pk}") as work:
        tree, packed = work / "tree", work / "tree.zip"
        options: dict[str, Any] = {"progress": progress, "should_stop": should_stop}
        if row.bundle is not None:
            report = bundle_export_layout(
                bundle=row.bundle, layout=row.layout, folder=tree, **options
            )
        elif row.image_set is not None:
            report = image_set_export(
                image_set=row.image_set, layout=row.layout, folder=tree, **options
            )
        else:
            report = library_export(
                project=row.project,
                layout=row.layout,
                folder=tree,
                selection=row.selection,
                **options,
            )
        top = f"{row.source_name}-{row.layout}".replace(" ", "-")
        pack_tree(tree, packed, top=top, progress=ignore_progress, should_stop=should_stop)
        blob = blob_from_file(packed)
    LayoutExport.objects.filter(pk=row.pk).update(archive=blob, report=report)


def _queue(row: LayoutExport, actor: Actor) -> None:
    label = LAYOUTS[row.layout].info.label
    job_create(
        project=row.project,
        kind=EXPORT_KIND,
        title=f"Export {row.source_name} as {label}",
        target_id=row.pk,
        actor=actor,
    )
    audit(
        actor=actor,
        project=row.project,
        action="layout_export.start",
        target_kind="layout_export",
        target_id=row.pk,
        detail={"layout": row.layout, "of": row.source_name, **row.selection},
    )


def _live(row: LayoutExport) -> bool:
    return Job.objects.filter(kind=EXPORT_KIND, target_id=row.pk, state__in=LIVE).exists()


def _digests(sample: ManifestSample) -> dict[str, str]:
    """Return layer -> digest of its lossless master, or of its stream without one."""
    found = {stream.layer: stream.sha256 for stream in sample.streams}
    return found | {master.layer: master.sha256 for master in sample.masters}


@contextmanager
def _opened(
    layout: Layout,
    samples: Sequence[ManifestSample],
    blobs: Iterable[Blob],
    purpose: str,
    should_stop: ShouldStop,
) -> Iterator[list[ReadyTuple]]:
    """Yield the samples with their layers as files under names that tell what they are. Raises
    Cancelled."""
    locate = blob_locator(blobs)
    shared = set.intersection(*(_whole_sources(sample.provenance.plan) for sample in samples))
    with work_folder(purpose) as work:
        found: list[ReadyTuple] = []
        for sample in samples:
            masters = {master.layer for master in sample.masters}
            inside = work / sample.folder
            inside.mkdir(parents=True)
            layers: dict[str, Path] = {}
            for layer, digest in _digests(sample).items():
                layers[layer] = inside / f"{layer}{'.mkv' if layer in masters else '.mp4'}"
                layers[layer].symlink_to(locate(digest))
            one = _ready(sample, layers, shared)
            found.append(_picked(one, sample.provenance.plan, layout, inside, should_stop))
        yield found


def _guidance_sources(plan: Mapping[str, Any]) -> list[str]:
    """Return every source of guidance, in the order of its layers."""
    planned = [str(name) for name in plan.get("guidance", ())]
    return planned + [str(one["maker"]) for one in plan.get(LATER_GUIDANCE, ())]


def _whole_sources(plan: Mapping[str, Any]) -> set[str]:
    """Return the sources of guidance that have a mask on every frame."""
    return set(_guidance_sources(plan)) - set(plan.get(PARTIAL, ()))


def _ready(sample: ManifestSample, layers: dict[str, Path], shared: set[str]) -> ReadyTuple:
    """``shared``: sources of guidance that every sample of the export has. Only these get a name by
    which evaluations know them: they demand each of their masks."""
    plan = sample.provenance.plan
    sources = _guidance_sources(plan)
    one = sample_of_layers(
        layers,
        category=sample.category,
        name=sample.folder.split("/")[-1],
        split=sample.split,
        sources=[guidance_folder(name) if name in shared else name for name in sources],
    )
    said = sample.captions
    captions = Captions(said.short_prompt, said.prompt, said.verbose_prompt, said.summary)
    return replace(
        one,
        captions=captions if captions.training_text() else None,
        repeats=sample.repeats,
        sources=sample.sources,
        called=sample.name,
        numbers=planned_numbers(plan, sample.frames),
    )


def _picked(
    one: ReadyTuple, plan: Mapping[str, Any], layout: Layout, work: Path, should_stop: ShouldStop
) -> ReadyTuple:
    """Write the masks of some frames, of the sources that ``layout`` writes, into ``work``."""
    partial: Mapping[str, Sequence[int]] = plan.get(PARTIAL, {})
    written = layout.guides(one.guidance)
    guidance = []
    for place, (name, guide) in enumerate(zip(_guidance_sources(plan), one.guidance, strict=True)):
        if name in partial and guide in written:
            inside, frames = work / f"guide-{place}", partial[name]
            masks = tuple(
                picked_frames(mask, frames, inside / str(number), should_stop)
                if isinstance(mask, Path)
                else mask
                for number, mask in enumerate(guide.masks)
            )
            guide = replace(guide, masks=masks, frames=tuple(frames))
        guidance.append(guide)
    return replace(one, guidance=tuple(guidance))

"""From rows to the manifest: what a frozen bundle says of each of its samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from datasets_app.domain.bundles.categories import category_label, folder_names
from datasets_app.domain.bundles.manifest import SHOWN_LAYER, TUPLE_LAYERS, ManifestSample
from datasets_app.domain.bundles.manifest_parts import (
    ManifestCaption,
    Master,
    Provenance,
    Source,
    Stream,
    VerdictSummary,
)
from datasets_app.models import Blob, BundleEntry, Sample
from datasets_app.models.verdict import Decision
from matteweb.errors import Conflict

LATER_GUIDANCE = "guidance_sets"
"""In the plan of a manifest: guidance that segmenters made of the finished sample."""


def manifest_samples(entries: Iterable[BundleEntry]) -> list[ManifestSample]:
    """Return the manifest's form of the entries; folders are portable and unique per category.

    Memory: one small object per sample. Raises Conflict for an entry whose sample is gone.
    """
    found: list[tuple[BundleEntry, Sample]] = []
    for entry in entries:
        if entry.sample is None:
            raise Conflict(f"a sample of this bundle was deleted (entry {entry.pk})")
        found.append((entry, entry.sample))
    names: dict[str, dict[int, str]] = {}
    for entry, sample in found:
        names.setdefault(entry.category, {})[sample.pk] = sample.name
    folders = {category: folder_names(inside) for category, inside in names.items()}
    return [
        _manifest_sample(entry, sample, f"{entry.category}/{folders[entry.category][sample.pk]}")
        for entry, sample in found
    ]


def frozen_layers(sample: Sample) -> tuple[str, ...]:
    """Return the layers whose streams enter a bundle: the three of a tuple, where it is one, else
    all that are delivered. What else has a master can be exported without loss."""
    delivered = {layer.name for layer in sample.layers.all() if layer.delivery_id}
    if delivered >= set(TUPLE_LAYERS):
        return TUPLE_LAYERS
    return tuple(sorted(delivered))


def sample_sources(sample: Sample) -> tuple[Source, ...]:
    """Return what a sample was made from, with the rights recorded when it was planned."""
    return tuple(
        Source(
            kind=source["kind"],
            role=source.get("role", ""),
            name=source["name"],
            sha256=source["digest"],
            group=source["group"],
            licence=source["licence"],
            licence_url=source["licence_url"],
            attribution=source["attribution"],
        )
        for source in sample.sources
    )


def _manifest_sample(entry: BundleEntry, sample: Sample, folder: str) -> ManifestSample:
    layers = {layer.name: layer for layer in sample.layers.all()}
    if SHOWN_LAYER not in layers:
        raise Conflict(f"{sample.name} has no {SHOWN_LAYER}", hint="leave it out of the bundle")
    width, height = sample.width or 0, sample.height or 0
    return ManifestSample(
        id=sample.pk,
        name=sample.name,
        folder=folder,
        category=entry.category,
        split=entry.split,
        repeats=entry.repeats,
        captions=_captions(sample),
        frames=sample.frames or 0,
        width=width - width % 2,
        height=height - height % 2,
        fps=(sample.fps_num or 0, sample.fps_den or 0),
        streams=tuple(
            Stream(path=f"{folder}/{name}.mp4", layer=name, **_content(layers[name].delivery))
            for name in frozen_layers(sample)
        ),
        masters=tuple(
            Master(layer=name, **_content(layer.master))
            for name, layer in layers.items()
            if layer.master is not None
        ),
        provenance=_provenance(sample),
        sources=sample_sources(sample),
        verdict=_verdict_summary(sample),
    )


def _captions(sample: Sample) -> ManifestCaption:
    longer = sample.longer_captions
    return ManifestCaption(
        short_prompt=sample.caption,
        prompt=longer.get("prompt", ""),
        verbose_prompt=longer.get("verbose", ""),
        summary=longer.get("summary", ""),
    )


def _content(blob: Blob | None) -> dict[str, Any]:
    if blob is None:
        raise Conflict("a layer of this bundle is not stored")
    return {"sha256": blob.digest, "size": blob.size, "crc32": blob.crc32}


def _provenance(sample: Sample) -> Provenance:
    run = sample.run
    return Provenance(
        recipe=sample.recipe or "imported",
        version=sample.recipe_version,
        seed=sample.seed,
        params=run.params if run else {},
        plan=sample.plan | _later(sample),
        code_version=sample.code_version,
    )


def _later(sample: Sample) -> dict[str, Any]:
    """Return what was made of a sample after its plan; nothing for most."""
    sets = [
        {"place": one.place, "name": one.name, "maker": one.maker, "version": one.maker_version}
        | {"report": one.report, "code_version": one.code_version}
        for one in sample.guidance_sets.all()
    ]
    return {LATER_GUIDANCE: sets} if sets else {}


def _verdict_summary(sample: Sample) -> VerdictSummary:
    verdicts = [verdict for verdict in sample.verdicts.all() if verdict.undone_at is None]
    counts: Mapping[str, int] = {
        decision: sum(verdict.decision == decision for verdict in verdicts)
        for decision in Decision.values
    }
    accepts = [verdict for verdict in verdicts if verdict.decision == Decision.ACCEPT]
    return VerdictSummary(
        accepts=counts[Decision.ACCEPT],
        rejects=counts[Decision.REJECT],
        skips=counts[Decision.SKIP],
        reviewers=len({verdict.reviewer_id for verdict in verdicts}),
        by_command=bool(accepts) and all(verdict.by_command for verdict in accepts),
    )


def entry_category(sample: Sample) -> str:
    """Return the label under which a sample enters a bundle unless somebody chooses another."""
    return category_label(sample.category or sample.recipe or "imported")

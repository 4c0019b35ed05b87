"""What a frozen bundle holds, read from its manifest: for its page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datasets_app.domain.bundles.casper_json import training_list_path
from datasets_app.domain.bundles.categories import category_key
from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.bundles.licences import Concern, licence_concerns
from datasets_app.domain.bundles.manifest import Manifest, ManifestSample
from datasets_app.domain.bundles.repeats import RepeatPlan, tabulate
from datasets_app.models import Bundle
from datasets_app.models.bundle import FROZEN_REPEATS
from datasets_app.services.freezing.export import bundle_manifest


@dataclass(frozen=True, slots=True)
class CategoryFact:
    """One category; ``weight`` is that of all its samples, ``share`` its percentage of all
    rows."""

    category: str
    samples: int
    weight: int
    repeats: int
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class Problem:
    """Findings of one kind: the first in full, and how many ``more`` samples have it."""

    severity: str
    where: str
    message: str
    hint: str
    more: int


@dataclass(frozen=True, slots=True)
class SourceFact:
    """One source, credited once, with the number of samples that it is in."""

    name: str
    sha256: str
    licence: str
    licence_url: str
    attribution: str
    uses: int
    withdrawn: str


@dataclass(frozen=True, slots=True)
class LicenceFact:
    """All sources under one licence; ``concerns`` are what a written reason answered."""

    licence: str
    concerns: tuple[Concern, ...]
    sources: tuple[SourceFact, ...]


@dataclass(frozen=True, slots=True)
class SplitFact:
    """One split and the training list that holds its rows."""

    name: str
    samples: int
    rows: int
    path: str


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """The figures of a frozen bundle. ``size`` is in bytes, over all files."""

    samples: int
    rows: int
    frames: int
    sources: int
    files: int
    size: int
    plan: RepeatPlan
    categories: tuple[CategoryFact, ...]
    splits: tuple[SplitFact, ...]
    licences: tuple[LicenceFact, ...]
    licence_reason: str
    preview: str


def bundle_facts(bundle: Bundle) -> BundleFacts:
    """Return what the manifest says. Raises Conflict for a draft."""
    manifest = bundle_manifest(bundle)
    samples = manifest.samples
    files = bundle_files(manifest)
    plan = _plan(samples, bundle.settings.get(FROZEN_REPEATS, {}))
    counts = Counter(sample.category for sample in samples)
    licences = _licences(samples, {mark["digest"]: mark["reason"] for mark in bundle.withdrawn})
    return BundleFacts(
        samples=len(samples),
        rows=sum(sample.repeats for sample in samples),
        frames=sum(sample.frames for sample in samples),
        sources=sum(len(licence.sources) for licence in licences),
        files=len(files),
        size=sum(file.size for file in files),
        plan=plan,
        categories=tuple(
            CategoryFact(
                c.category, counts[c.category], c.weight, c.repeats, c.rows, float(c.share * 100)
            )
            for c in plan.categories
        ),
        splits=tuple(_split(manifest, name) for name in manifest.splits()),
        licences=licences,
        licence_reason=manifest.licence_reason,
        preview=_preview(manifest),
    )


def problems_grouped(problems: Iterable[dict[str, Any]]) -> list[Problem]:
    """Return stored findings with equal ones told once, errors first."""
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in problems:
        kinds.setdefault((one["severity"], one["code"]), []).append(one)
    found = [
        Problem(severity, alike[0]["where"], alike[0]["message"], alike[0]["hint"], len(alike) - 1)
        for (severity, _), alike in kinds.items()
    ]
    return sorted(found, key=lambda one: one.severity != "error")


def _plan(samples: Iterable[ManifestSample], frozen: Mapping[str, int]) -> RepeatPlan:
    """Return rows and shares by the repeats that each category was frozen with.

    A bundle that does not say is older than the weights of samples: in a category, all have the
    same rows, which are its repeats.
    """
    rows: Counter[str] = Counter()
    repeats: dict[str, int] = {}
    for sample in samples:
        rows[sample.category] += sample.repeats
        repeats[sample.category] = frozen.get(sample.category, sample.repeats)
    names = sorted(rows, key=category_key)
    return tabulate({name: rows[name] // repeats[name] for name in names}, repeats)


def _split(manifest: Manifest, name: str) -> SplitFact:
    inside = [sample for sample in manifest.samples if sample.split == name]
    rows = sum(sample.repeats for sample in inside)
    return SplitFact(name, len(inside), rows, training_list_path(name))


def _licences(
    samples: Iterable[ManifestSample], withdrawn: dict[str, str]
) -> tuple[LicenceFact, ...]:
    """Return every source under its licence, those with a concern first."""
    uses: Counter[str] = Counter()
    found = {}
    for sample in samples:
        for digest in {source.sha256 for source in sample.sources}:
            uses[digest] += 1
        found.update({source.sha256: source for source in sample.sources})
    by_licence: dict[str, list[SourceFact]] = {}
    for source in sorted(found.values(), key=lambda one: (one.name, one.sha256)):
        fact = SourceFact(
            name=source.name,
            sha256=source.sha256,
            licence=source.licence.strip(),
            licence_url=source.licence_url,
            attribution=source.attribution,
            uses=uses[source.sha256],
            withdrawn=withdrawn.get(source.sha256, ""),
        )
        by_licence.setdefault(fact.licence, []).append(fact)
    lines = [
        LicenceFact(name, tuple(sorted(licence_concerns(name))), tuple(sources))
        for name, sources in by_licence.items()
    ]
    return tuple(sorted(lines, key=lambda line: (not line.concerns, line.licence)))


def _preview(manifest: Manifest) -> str:
    """Return the first sample, indented for people; the file itself has no spaces."""
    first = manifest.samples[0].model_dump(mode="json")
    return json.dumps(first, indent=2, ensure_ascii=False)

"""What a choice would give if it were frozen now: rows, shares, splits, licences, what blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from datasets_app.domain.bundles.categories import category_label
from datasets_app.domain.bundles.licences import LicenceLine, licence_findings, licence_lines
from datasets_app.domain.bundles.preflight import (
    FEWEST_FRAMES,
    WINDOW_FRAMES,
    aspect_findings,
    caption_findings,
)
from datasets_app.domain.bundles.repeats import RepeatPlan, tabulate
from datasets_app.domain.bundles.splits import SplitPlan
from datasets_app.domain.bundles.trainers import frame_findings
from datasets_app.domain.findings import Collecting, Finding, errors_in
from datasets_app.models import Sample
from datasets_app.selectors.bundles import (
    CategoryCount,
    bundle_candidates,
    category_counts,
    repeat_outlook,
    withdrawn_candidates,
)
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.manifests import entry_category, sample_sources
from datasets_app.services.freezing.outlook_words import counted, percentage
from datasets_app.services.freezing.split_outlook import SplitOutlook, draw_choice, split_lines
from matteweb.accounts.models import Project

FEW_SOURCES = 10
"""A category that is repeated although it shows fewer source groups than this gets a warning."""


@dataclass(frozen=True, slots=True)
class CategoryOutlook:
    """One category. ``weight`` is that of all its samples together: more than their number where
    some count more than once. ``share``, ``target`` and ``natural`` are percentages of all rows;
    beyond ``natural``, its share when nothing repeats, rows must repeat."""

    category: str
    samples: int
    weight: int
    sources: int
    repeats: int
    rows: int
    share: float
    target: float | None
    natural: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """The whole answer. ``blocked`` says why it cannot be frozen, "" when it can."""

    samples: int
    sources: int
    total: int
    exact: bool
    formula: str
    categories: tuple[CategoryOutlook, ...]
    splits: tuple[SplitOutlook, ...]
    licences: tuple[LicenceLine, ...]
    findings: tuple[Finding, ...]

    @property
    def leaks(self) -> bool:
        """Whether a source is in two splits, as splits that samples came with may have it."""
        return any(finding.code == "split_leak" for finding in self.findings)

    @property
    def blocked(self) -> str:
        """Return the reason that stands beside Freeze."""
        errors = errors_in(self.findings)
        if not errors:
            return ""
        more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
        return f"{errors[0].message}{more}"

    def as_json(self) -> dict[str, Any]:
        """Return plain values for the API."""
        return {
            "samples": self.samples,
            "sources": self.sources,
            "total": self.total,
            "exact": self.exact,
            "formula": self.formula,
            "categories": [asdict(line) for line in self.categories],
            "splits": [asdict(line) for line in self.splits],
            "licences": [{**asdict(line), "sentence": line.sentence()} for line in self.licences],
            "findings": [finding.as_json() for finding in self.findings],
            "blocked": self.blocked,
        }


def bundle_outlook(*, project: Project, choice: BundleChoice) -> Outlook:
    """Return what freezing ``choice`` would give. Memory: the chosen samples without layers."""
    samples = list(bundle_candidates(project, choice.samples).prefetch_related(None).defer("plan"))
    counts = category_counts(samples)
    findings: list[Finding] = []
    plan = tabulate({c.category: c.weight for c in counts}, {c.category: 1 for c in counts})
    natural = {line.category: line.share for line in plan.categories}
    with Collecting(findings, "shares", ""):
        plan = repeat_outlook(
            counts, shares=choice.shares, repeats=choice.repeats, most_rows=choice.most_rows
        )
    splits: SplitPlan | None = None
    with Collecting(findings, "splits", ""):
        splits = draw_choice(project, samples, choice)
    licences = licence_lines(sample_sources(sample) for sample in samples)
    findings += _findings(samples, plan, counts, splits, choice, licences)
    if withdrawn := withdrawn_candidates(project):
        message = f"{counted(withdrawn, 'accepted sample')} left out: a source was withdrawn"
        findings.append(Finding("withdrawn", "note", message))
    groups = {source["group"] for sample in samples for source in sample.sources}
    return Outlook(
        samples=len(samples),
        sources=len(groups),
        total=plan.total,
        exact=plan.exact,
        formula=plan.formula() if samples else "",
        categories=_category_lines(counts, plan, natural),
        splits=split_lines(samples, plan.repeats(), splits, choice),
        licences=tuple(licences),
        findings=tuple(sorted(findings, key=lambda one: one.severity != "error")),
    )


def fitting_choice(*, project: Project, choice: BundleChoice) -> BundleChoice:
    """Return the choice without shares and repeats of categories that no chosen sample has.

    For a page, whose form still holds a category that another filter has just removed.
    """
    samples = bundle_candidates(project, choice.samples).prefetch_related(None)
    known = {category_label(text) for text in samples.values_list("category", flat=True)}
    return replace(
        choice,
        shares={name: share for name, share in choice.shares.items() if name in known},
        repeats={name: number for name, number in choice.repeats.items() if name in known},
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """What the aspect rule needs to know of a sample."""

    split: str
    width: int
    height: int
    repeats: int


def row_findings(
    samples: Iterable[Sample], rows: Mapping[str, int], split_of: Mapping[str, str]
) -> list[Finding]:
    """Return warnings about the rows as a whole: shapes that cannot fill a trainer's batch.

    ``rows`` and ``split_of``: of each sample, by its id.
    """
    return aspect_findings(
        _Row(
            split=split_of.get(str(sample.pk), "train"),
            width=(sample.width or 2) // 2 * 2,
            height=(sample.height or 2) // 2 * 2,
            repeats=rows[str(sample.pk)],
        )
        for sample in samples
    )


def _category_lines(
    counts: Sequence[CategoryCount], plan: RepeatPlan, natural: Mapping[str, Fraction]
) -> tuple[CategoryOutlook, ...]:
    offered = {count.category: count for count in counts}
    return tuple(
        CategoryOutlook(
            category=line.category,
            samples=offered[line.category].samples,
            weight=line.weight,
            sources=offered[line.category].sources,
            repeats=line.repeats,
            rows=line.rows,
            share=percentage(line.share),
            target=None if line.target is None else percentage(line.target),
            natural=percentage(natural[line.category]),
        )
        for line in plan.categories
    )


def _findings(
    samples: Sequence[Sample],
    plan: RepeatPlan,
    counts: Sequence[CategoryCount],
    splits: SplitPlan | None,
    choice: BundleChoice,
    licences: Iterable[LicenceLine],
) -> list[Finding]:
    if not samples:
        return [
            Finding("empty", "error", "no accepted sample matches", "review or widen the filter")
        ]
    found = licence_findings(licences, choice.licence_reason)
    found += _sample_findings(samples)
    split_of = splits.split_of if splits else {}
    found += splits.findings if splits else ()
    found += row_findings(samples, _rows_of(samples, plan.repeats()), split_of)
    sources = {count.category: count.sources for count in counts}
    found += [
        Finding(
            "few_sources",
            "warning",
            f"{line.category} shows {counted(sources[line.category], 'source')} "
            f"{line.repeats} times each",
            "a smaller share needs fewer repeats",
            line.category,
        )
        for line in plan.categories
        if line.repeats > 1 and sources[line.category] < FEW_SOURCES
    ]
    return found


def _rows_of(samples: Sequence[Sample], repeats: Mapping[str, int]) -> dict[str, int]:
    """Return how many rows each sample gives, by its id."""
    return {str(one.pk): repeats[entry_category(one)] * one.weight for one in samples}


def _sample_findings(samples: Sequence[Sample]) -> list[Finding]:
    """Return what the rows of the database already say; freezing decodes every frame besides."""
    found = []
    silent = [sample for sample in samples if caption_findings(sample.caption)]
    if silent:
        message = f"{_having(silent)} no caption"
        found.append(Finding("caption_empty", "error", message, "caption their background videos"))
    short = [sample for sample in samples if (sample.frames or 0) < FEWEST_FRAMES]
    if short:
        message = f"{_having(short)} fewer than {FEWEST_FRAMES} frames"
        found.append(Finding("too_short", "error", message, "raise the least frames of the filter"))
    below = [sample for sample in samples if FEWEST_FRAMES <= (sample.frames or 0) < WINDOW_FRAMES]
    if below:
        message = f"{_having(below)} fewer than the {WINDOW_FRAMES} frames of the trainer's window"
        found.append(Finding("short", "warning", message, "they shorten the batch they are in"))
    return found + frame_findings(sample.frames or 0 for sample in samples)


def _having(samples: Sequence[Sample]) -> str:
    return f"{counted(len(samples), 'sample')} {'has' if len(samples) == 1 else 'have'}"

"""Bundles, what they could hold, and what a choice of shares would give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Count, Q, QuerySet

from datasets_app.domain.bundles.categories import category_key, category_label
from datasets_app.domain.bundles.repeats import RepeatPlan, solve_repeats, tabulate
from datasets_app.models import Bundle, BundleFile, Sample
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.selectors.samples import samples_of
from matteweb.accounts.models import Project
from matteweb.errors import NotFound


@dataclass(frozen=True, slots=True)
class SampleFilter:
    """Which accepted samples a bundle takes; empty fields take all."""

    runs: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    least_frames: int = 0
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How many samples and distinct source groups a category offers; ``weight`` is that of all
    its samples together."""

    category: str
    samples: int
    sources: int
    weight: int


def bundles_of(project: Project) -> QuerySet[Bundle]:
    """Return the project's bundles, newest first, with ``rows`` counted."""
    bundles = Bundle.objects.filter(project=project, archived_at=None)
    return bundles.annotate(samples=Count("entries")).order_by("-pk")


def bundles_archived(project: Project) -> QuerySet[Bundle]:
    """Return what was archived, newest first: it can be restored, or deleted for good."""
    found = Bundle.objects.filter(project=project).exclude(archived_at=None)
    return found.annotate(samples=Count("entries"))


def bundle_of(project: Project, name: str, *, archived: bool = False) -> Bundle:
    """Return one bundle by name. Raises NotFound when it is not this project's."""
    found = bundles_archived(project) if archived else bundles_of(project)
    bundle = found.filter(name=name).select_related("project", "manifest_blob").first()
    if bundle is None:
        raise NotFound(f"there is no bundle {name!r} in {project.name}")
    return bundle


def bundle_file(bundle: Bundle, path: str) -> BundleFile:
    """Return one file of a frozen bundle. Raises NotFound."""
    found = bundle.files.filter(path=path, exported=True).select_related("blob").first()
    if found is None:
        raise NotFound(f"bundle {bundle.name} has no file {path}")
    return found


def bundle_candidates(project: Project, chosen: SampleFilter) -> QuerySet[Sample]:
    """Return the accepted, rendered samples that the filter takes, in order of making.

    Samples of a withdrawn source are never among them.
    """
    samples = _accepted(project).exclude(pk__in=_withdrawn(project))
    if chosen.runs:
        samples = samples.filter(run_id__in=chosen.runs)
    if chosen.categories:
        labels = {category_label(text) for text in chosen.categories}
        spelled = labels | {label.replace("-", "_") for label in labels}
        samples = samples.filter(Q(category__in=spelled))
    if chosen.least_frames:
        samples = samples.filter(frames__gte=chosen.least_frames)
    if chosen.ids:
        samples = samples.filter(pk__in=chosen.ids)
    return samples.order_by("pk")


def withdrawn_candidates(project: Project) -> int:
    """Count the accepted samples that no bundle takes any more, since a source was withdrawn."""
    return _accepted(project).filter(pk__in=_withdrawn(project)).count()


def accepted_runs(project: Project) -> list[tuple[int | None, int]]:
    """Return (run, accepted samples) for each run that has some; imports come as None."""
    samples = bundle_candidates(project, SampleFilter()).order_by()
    found = samples.values_list("run").annotate(Count("pk")).order_by("-run")
    return list(found)


def accepted_categories(project: Project) -> list[tuple[str, int]]:
    """Return (label, accepted samples) for each category, in the order of the training lists."""
    samples = bundle_candidates(project, SampleFilter()).order_by()
    counts: dict[str, int] = {}
    for category, number in samples.values_list("category").annotate(Count("pk")):
        label = category_label(category)
        counts[label] = counts.get(label, 0) + number
    return sorted(counts.items(), key=lambda pair: category_key(pair[0]))


def own_splits(project: Project, samples: Iterable[Sample]) -> dict[int, tuple[str, ...]]:
    """Return sample -> the splits that it came with, or that its sources are on: one where they
    agree, several where they do not. Samples without any are left out. Two queries."""
    found: dict[int, set[str]] = {}
    for through, field in ((Sample.assets.through, "asset"), (Sample.videos.through, "video")):
        rows = through._default_manager.filter(sample__project=project)
        sided = rows.exclude(**{f"{field}__split": ""})
        for sample, split in sided.values_list("sample_id", f"{field}__split"):
            found.setdefault(sample, set()).add(split)
    own = {one.pk: (one.split,) if one.split else found.get(one.pk, ()) for one in samples}
    return {pk: tuple(sorted(splits)) for pk, splits in own.items() if splits}


def category_counts(samples: Iterable[Sample]) -> list[CategoryCount]:
    """Count samples and distinct source groups per category. Memory: one set of group names."""
    counts: dict[str, int] = {}
    weights: dict[str, int] = {}
    groups: dict[str, set[str]] = {}
    for sample in samples:
        label = category_label(sample.category)
        counts[label] = counts.get(label, 0) + 1
        weights[label] = weights.get(label, 0) + sample.weight
        groups.setdefault(label, set()).update(source["group"] for source in sample.sources)
    return [
        CategoryCount(label, counts[label], len(groups[label]), weights[label])
        for label in sorted(counts, key=category_key)
    ]


def repeat_outlook(
    counts: Iterable[CategoryCount],
    *,
    shares: Mapping[str, Fraction],
    repeats: Mapping[str, int],
    most_rows: int = 0,
) -> RepeatPlan:
    """Return rows and shares for target shares, fixed repeats, both, or neither (one of each).

    ``most_rows`` bounds the answer to target shares, 0 for no bound. Raises BadInput for a
    category that no sample has, and for a bound below the number of samples.
    """
    weights = {count.category: count.weight for count in counts}
    wanted = {category_label(name): share for name, share in shares.items()}
    fixed = {category_label(name): number for name, number in repeats.items()}
    if wanted:
        return solve_repeats(weights, wanted, fixed=fixed, max_rows=most_rows or None)
    return tabulate(weights, dict.fromkeys(weights, 1) | fixed)


def _accepted(project: Project) -> QuerySet[Sample]:
    return samples_of(project).filter(state=SampleState.READY, review=ReviewState.ACCEPTED)


def _withdrawn(project: Project) -> QuerySet[Sample]:
    """Return the samples that a withdrawn video went into."""
    return Sample.objects.filter(project=project, videos__withdrawn_at__isnull=False)

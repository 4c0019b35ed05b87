"""The splits of a choice: drawn by percentages, or as samples and their sources came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from datasets_app.domain.bundles.categories import category_key
from datasets_app.domain.bundles.splits import (
    TRAIN,
    SplitItem,
    SplitPlan,
    draw_splits,
    keep_splits,
)
from datasets_app.domain.findings import Finding
from datasets_app.models import Sample
from datasets_app.selectors.bundles import own_splits
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.manifests import entry_category
from datasets_app.services.freezing.outlook_words import counted, percentage
from matteweb.accounts.models import Project


@dataclass(frozen=True, slots=True)
class SplitOutlook:
    """One split; ``target`` is the percentage asked for, None where samples came with it; ``rows``
    are rows per category."""

    name: str
    target: float | None
    samples: int
    sources: int
    total: int
    rows: tuple[int, ...]


def draw_choice(
    project: Project, samples: Sequence[Sample], choice: BundleChoice
) -> SplitPlan | None:
    """Return the splits that the choice asks for, or that samples came with or their sources are
    on; None when all train. Made of what trains and of what is held out, a sample is held out.

    Raises BadInput as `draw_splits`.
    """
    items = [
        SplitItem(str(sample.pk), frozenset(source["group"] for source in sample.sources))
        for sample in samples
    ]
    told = own_splits(project, samples)
    own = {str(pk): _held_out(splits) for pk, splits in told.items()}
    if choice.splits and not choice.keep_splits:
        plan = draw_splits(items, choice.splits, seed=choice.split_seed)
        return replace(plan, findings=(*plan.findings, *_moved(own, plan.split_of)))
    if not choice.splits and set(own.values()) <= {TRAIN}:
        return None
    mixed = _mixed(splits for splits in told.values() if len(splits) > 1)
    plan = keep_splits(items, own, choice.splits, seed=choice.split_seed)
    return replace(plan, findings=(*plan.findings, *mixed, *_untrained(plan.split_of)))


def split_lines(
    samples: Sequence[Sample],
    repeats: Mapping[str, int],
    splits: SplitPlan | None,
    choice: BundleChoice,
) -> tuple[SplitOutlook, ...]:
    """Return what each split would hold; nothing when all train. ``repeats``: of each category."""
    if splits is None or not samples:
        return ()
    whole = sum(choice.splits.values(), Fraction(0))
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    groups: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for sample in samples:
        name, category = splits.split_of[str(sample.pk)], entry_category(sample)
        rows[name][category] += repeats[category] * sample.weight
        groups[name].update(source["group"] for source in sample.sources)
        counts[name] += 1
    asked: dict[str, float | None] = {
        name: percentage(share / whole) for name, share in choice.splits.items()
    }
    came = sorted(
        set(splits.split_of.values()) - set(asked), key=lambda name: (name != TRAIN, name)
    )
    return tuple(
        SplitOutlook(
            name=name,
            target=target,
            samples=counts[name],
            sources=len(groups[name]),
            total=rows[name].total(),
            rows=tuple(rows[name][category] for category in sorted(repeats, key=category_key)),
        )
        for name, target in (asked | dict.fromkeys(came)).items()
    )


def _moved(own: Mapping[str, str], split_of: Mapping[str, str]) -> Iterable[Finding]:
    """Yield a warning when samples that were held back elsewhere are drawn to be trained on."""
    moved = [key for key, split in own.items() if split != TRAIN and split_of[key] == TRAIN]
    if moved:
        message = f"{counted(len(moved), 'sample')} of another split drawn into {TRAIN}"
        hint = "keep the splits that they, or their sources, came with"
        yield Finding("split_moved", "warning", message, hint)


def _mixed(told: Iterable[tuple[str, ...]]) -> Iterable[Finding]:
    """Yield a warning for samples that were made of sources in several splits."""
    counts = Counter(" and ".join(splits) for splits in told)
    for sides, count in sorted(counts.items()):
        message = f"{counted(count, 'sample')} made of sources on {sides}"
        hint = "they are held out: leave them out, or draw from one side in a run"
        yield Finding("sides_mixed", "warning", message, hint)


def _held_out(splits: tuple[str, ...]) -> str:
    return next((split for split in splits if split != TRAIN), TRAIN)


def _untrained(split_of: Mapping[str, str]) -> Iterable[Finding]:
    """Yield a warning when nothing is left to train on."""
    found = sorted(set(split_of.values()))
    if found and TRAIN not in found:
        message = f"no sample is in {TRAIN}: they came in {', '.join(found)}"
        hint = f"give {TRAIN} a share to learn from them"
        yield Finding("split_untrained", "warning", message, hint)

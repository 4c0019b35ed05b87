"""Splits that cannot leak: whole scenes go to one side or the other, never parts of them.

Samples that share a source group are joined, and so are samples joined to those: a sample pasted
from scene A onto scene B ties A and B together. Splits are drawn over these components. What came
with a split of its own, or was made of sources on one side of one, may keep it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from datasets_app.domain.bundles.categories import category_label, portable_name
from datasets_app.domain.findings import Finding
from matteweb.errors import BadInput

TRAIN: Final = "train"
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class SplitItem:
    """One sample: ``groups`` are the source groups that it draws on; none means it stands alone."""

    key: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Split of each sample, and what a person should know about it. ``components``: how many
    scenes could be divided."""

    split_of: Mapping[str, str]
    components: int
    findings: tuple[Finding, ...]


def components(items: Iterable[SplitItem]) -> list[tuple[str, ...]]:
    """Return the keys of samples that belong together, each part and the whole sorted."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    keys = []
    for item in items:
        keys.append(item.key)
        own = root(f"sample:{item.key}")
        for group in sorted(item.groups):
            parent[root(f"group:{group}")] = own
    if len(set(keys)) != len(keys):
        raise ValueError("two samples have the same key")
    joined: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        joined[root(f"sample:{key}")].append(key)
    return sorted(tuple(sorted(part)) for part in joined.values())


def draw_splits(
    items: Sequence[SplitItem], shares: Mapping[str, Fraction | int], *, seed: int
) -> SplitPlan:
    """Divide ``items`` so that the samples of each split come closest to its share.

    ``shares``: split -> relative share, all above zero. The answer depends on the samples, the
    shares and ``seed``, not on any order. A split that no component is left for is a warning.
    Raises BadInput for a share that is not above zero, or a name that is no label.
    """
    targets = _targets(shares, len(items))
    parts = components(items)
    ordered = sorted(parts, key=lambda part: (-len(part), _draw(seed, part)))
    filled = dict.fromkeys(targets, 0)
    split_of: dict[str, str] = {}
    for number, part in enumerate(ordered):
        # Largest first into the emptiest: late, small parts then level out what is missing. The
        # last ones are kept for splits that would otherwise have nothing.
        empty = [name for name in targets if not filled[name]]
        left = len(ordered) - number
        name = _emptiest(targets, filled, empty if left <= len(empty) else list(targets))
        filled[name] += len(part)
        split_of |= dict.fromkeys(part, name)
    return SplitPlan(split_of, len(parts), tuple(_empty(filled, "the sources", len(parts))))


def keep_splits(
    items: Sequence[SplitItem],
    own: Mapping[str, str],
    shares: Mapping[str, Fraction | int],
    *,
    seed: int,
) -> SplitPlan:
    """Return the splits when samples stay where they are: ``own``, key -> split.

    The rest trains, or is drawn where there are ``shares`` of the whole: then what shares a source
    with a sample that stays goes with it. Sources that are in several splits nonetheless are a
    warning. Raises BadInput as `draw_splits`.
    """
    targets = _targets(shares, len(items)) if shares else {}
    split_of: dict[str, str] = {}
    rest: list[tuple[str, ...]] = []
    parts = components(items)
    for part in parts:
        told = Counter(own[key] for key in part if own.get(key))
        if not told:
            rest.append(part)
            continue
        most = min(told, key=lambda name: (-told[name], name)) if targets else TRAIN
        split_of |= {key: own.get(key) or most for key in part}
    filled = dict.fromkeys(targets, 0) | Counter(split_of.values())
    for part in sorted(rest, key=lambda one: (-len(one), _draw(seed, one))):
        name = _emptiest(targets, filled, list(targets)) if targets else TRAIN
        filled[name] = filled.get(name, 0) + len(part)
        split_of |= dict.fromkeys(part, name)
    divided = leaks(items, split_of)
    found = [replace(one, severity="warning") for one in divided[:1]]
    if len(divided) > 1:
        message = f"{len(divided)} sources are in several splits; {divided[0].message}"
        found = [replace(found[0], message=message)]
    empty = _empty(filled, "samples without a split", len(rest))
    return SplitPlan(split_of, len(parts), (*empty, *found))


def split_name(text: str) -> str:
    """Return the name of a split that a tree has, as files and manifests take it."""
    return portable_name(text)[:LONGEST_NAME] if text else ""


def leaks(items: Iterable[SplitItem], split_of: Mapping[str, str]) -> list[Finding]:
    """Return an error for each source group that lies in more than one split."""
    seen: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for group in item.groups:
            seen[group].add(split_of[item.key])
    return [
        Finding(
            "split_leak",
            "error",
            f"source group {group!r} is in {' and '.join(sorted(splits))}",
            "draw the splits again, or move all of its samples to one split",
            group,
        )
        for group, splits in sorted(seen.items())
        if len(splits) > 1
    ]


def _targets(shares: Mapping[str, Fraction | int], count: int) -> dict[str, Fraction]:
    if not shares:
        raise BadInput("no split is named", hint="give at least train")
    for name, share in shares.items():
        if category_label(name) != name:
            raise BadInput(f"{name!r} cannot name a split", hint=f"write {category_label(name)!r}")
        if share <= 0:
            raise BadInput(f"share of {name} is {share}", hint="give a share above 0")
    whole = sum((Fraction(share) for share in shares.values()), Fraction(0))
    return {name: Fraction(shares[name]) / whole * count for name in sorted(shares)}


def _emptiest(
    targets: Mapping[str, Fraction], filled: Mapping[str, int], among: Sequence[str]
) -> str:
    return max(among, key=lambda name: (targets[name] - filled[name], name))


def _draw(seed: int, part: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([str(seed), *part]).encode()).hexdigest()


def _empty(filled: Mapping[str, int], drawn: str, parts: int) -> Iterable[Finding]:
    """Yield a warning for each split without a sample: what was ``drawn`` is ``parts`` groups."""
    for name, count in filled.items():
        if not count:
            yield Finding(
                "split_empty",
                "warning",
                f"split {name} has no sample: {drawn} form only {parts} separate "
                f"group{'' if parts == 1 else 's'}",
                "add samples from other scenes, or give source groups to the videos",
                name,
            )

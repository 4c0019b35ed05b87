"""Assets of a project, filtered, with what a card shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from datasets_app.models import Asset
from datasets_app.models.asset import AssetSplit
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, NotFound

SIDES = ("train", "test", "out")
"""What assets are chosen by: a side of the split, or "out" for what is left out."""


@dataclass(frozen=True, slots=True)
class AssetLine:
    """One choice of the filter, with how many there are."""

    value: str
    label: str
    count: int


def assets_of(project: Project) -> QuerySet[Asset]:
    """Return the project's assets, newest first."""
    return (
        Asset.objects.filter(project=project, archived_at=None)
        .select_related("original", "poster", "filmstrip")
        .prefetch_related("layers")
    )


def assets_chosen(project: Project, *, kind: str = "", side: str = "") -> QuerySet[Asset]:
    """Return those of a kind and of a side: train, test, or "out" for what is left out."""
    rows = assets_of(project)
    if kind in Asset.Kind.values:
        rows = rows.filter(kind=kind)
    if side == "out":
        return rows.exclude(excluded="")
    return rows.filter(split=side) if side in SIDES else rows


def choice_require(*, kind: str = "", side: str = "") -> None:
    """Raise BadInput for a kind or a side that no asset has: a page may show all of them then, but
    nobody may take that for what was asked for."""
    for word, given, known in (("kind", kind, Asset.Kind.values), ("side", side, SIDES)):
        if given and given not in known:
            raise BadInput(f"{given!r} is no {word} of assets", hint=f"one of {', '.join(known)}")


def asset_kinds(project: Project) -> list[AssetLine]:
    """Return every kind with its count. One query."""
    rows = Asset.objects.filter(project=project, archived_at=None).order_by()
    counts = dict(rows.values_list("kind").annotate(n=Count("pk")))
    return [AssetLine(kind.value, kind.label, counts.get(kind.value, 0)) for kind in Asset.Kind]


def asset_sides(project: Project) -> list[AssetLine]:
    """Return the sides of the split and what is left out, with counts. One query."""
    rows = Asset.objects.filter(project=project, archived_at=None)
    counts = rows.aggregate(
        train=Count("pk", filter=Q(split=AssetSplit.TRAIN)),
        test=Count("pk", filter=Q(split=AssetSplit.TEST)),
        out=Count("pk", filter=~Q(excluded="")),
    )
    labels = {"train": "Train", "test": "Test", "out": "Left out"}
    return [AssetLine(value, label, counts[value]) for value, label in labels.items()]


def asset_of(project: Project, pk: int) -> Asset:
    """Return one asset. Raises NotFound when it is not this project's."""
    asset = assets_of(project).select_related("alpha_original").filter(pk=pk).first()
    if asset is None:
        raise NotFound(f"there is no asset {pk} in {project.name}")
    return asset


def assets_listable(project: Project, *, foreground: bool) -> QuerySet[Asset]:
    """Return the foregrounds, or the backgrounds, that a list file may name."""
    kinds = (
        (Asset.Kind.FOREGROUND_STILL, Asset.Kind.FOREGROUND_CLIP)
        if foreground
        else (Asset.Kind.STILL, Asset.Kind.BACKGROUND_CLIP)
    )
    return Asset.objects.filter(project=project, archived_at=None, kind__in=kinds).order_by("pk")

"""The published list files: read onto a project's assets, and written from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from datasets_app.domain.assets.list_files import (
    ListKind,
    list_kind,
    match_list,
    parse_list,
    write_list,
)
from datasets_app.models import Asset
from datasets_app.selectors.assets import assets_chosen, assets_listable, choice_require
from datasets_app.services.sources.assets import asset_choose
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project


@dataclass(frozen=True, slots=True)
class ListReading:
    """What a list came to: how many assets it moved, entries that name nothing here, and assets
    that it does not name although they are on no other side."""

    changed: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values for the API and commands."""
        return {
            "changed": self.changed,
            "missing": list(self.missing),
            "extra": list(self.extra),
        }


@transaction.atomic
def asset_list_apply(*, project: Project, name: str, data: bytes, actor: Actor) -> ListReading:
    """Put the listed assets on the list's side, or leave them out with it as the reason.

    Nothing else changes: what the list does not name is told, not touched. Raises NotFound for a
    name that is no published list.
    """
    kind = list_kind(name)
    rows = {row.pk: row for row in assets_listable(project, foreground=kind.foreground)}
    matched = match_list(parse_list(data), {_path(row): pk for pk, row in rows.items()})
    for pk in matched.found.values():
        if kind.excludes:
            asset_choose(asset=rows[pk], actor=actor, excluded=_reason(name))
        else:
            asset_choose(asset=rows[pk], actor=actor, split=kind.split)
    extra = tuple(_path(rows[pk]) for pk in matched.extra if _left_open(rows[pk], kind, name))
    return ListReading(len(matched.found), matched.missing, extra)


def asset_list_write(*, project: Project, name: str, kind: str = "", side: str = "") -> bytes:
    """Return the list as it stands: one line per asset on its side, or left out.

    With a ``kind`` of asset or a ``side``, as `assets_chosen` has them, what these choose is listed
    instead, wherever it stands. Raises NotFound for a name that is no published list, BadInput for
    a kind or a side that there is none of.
    """
    listed = list_kind(name)
    choice_require(kind=kind, side=side)
    rows = assets_listable(project, foreground=listed.foreground)
    if kind or side:
        chosen = rows.filter(pk__in=assets_chosen(project, kind=kind, side=side).values("pk"))
    else:
        chosen = rows.exclude(excluded="") if listed.excludes else rows.filter(split=listed.split)
    return write_list(_path(row) for row in chosen)


def _left_open(asset: Asset, kind: ListKind, name: str) -> bool:
    """Whether a list that does not name an asset leaves a question: it is on no side, or still on
    the list's own; for one of what is left out, it was left out by it."""
    if kind.excludes:
        return asset.excluded == _reason(name)
    return asset.split in ("", kind.split)


def _reason(name: str) -> str:
    return f"listed in {name}"


def _path(asset: Asset) -> str:
    return asset.origin_path or asset.name

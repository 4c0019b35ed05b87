"""The way of a foreground or background of a tree into the assets."""

from __future__ import annotations

from dataclasses import replace

from datasets_app.domain.trees.entries import SourceAsset
from datasets_app.models import Asset
from datasets_app.services.sources.assets import asset_choose, asset_create, asset_kind
from datasets_app.services.trees.import_way import ImportWay


def asset_take(way: ImportWay, one: SourceAsset) -> None:
    """Bring in one asset, or find it by its bytes, and keep where a published list puts it."""
    colour, filename = way.stored(one.colour, one.name)
    alpha, alpha_filename = (None, "")
    if one.alpha is not None:
        alpha, alpha_filename = way.stored(one.alpha, f"{one.name}-alpha")
    background = one.kind == "background"
    known = Asset.objects.filter(
        project=way.project,
        original=colour,
        alpha_original=alpha,
        filename=filename,
        kind=asset_kind(filename, background=background),
        archived_at=None,
    )
    found = known.order_by("pk").first()
    if found is None:
        found = asset_create(
            project=way.project,
            colour=colour,
            filename=filename,
            alpha=alpha,
            alpha_filename=alpha_filename,
            background=background,
            actor=way.actor,
            name=one.group if one.kind == "scene" else one.name,
            rights=replace(way.rights, licence=one.licence) if one.licence else way.rights,
            fps=way.fps,
            source_group=one.group,
            excluded=one.excluded,
            origin_path=one.name,
        )
        if one.split in ("train", "test"):
            asset_choose(asset=found, actor=way.actor, split=one.split)
        way.report.count("assets")
    way.report.assets.append(found.pk)

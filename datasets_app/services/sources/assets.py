"""Assets that recipes draw on: brought in, given a matte, put on a side, left out.

``services.footage`` reads, retries and describes them as it does videos.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from datasets_app.domain.assets.scene_files import require_size, scene_file_kind
from datasets_app.domain.media.footage import footage_kind
from datasets_app.models import Asset, Blob
from datasets_app.models.asset import AssetSplit
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_file, blob_link
from datasets_app.services.sources.footage import Rights, footage_enqueue
from datasets_app.services.space import space_require
from datasets_app.services.state_moves import INGEST, state_move
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict


def asset_add(
    *,
    project: Project,
    path: Path,
    actor: Actor,
    alpha: Path | None = None,
    background: bool = False,
    name: str = "",
    rights: Rights | None = None,
    link: bool = False,
    fps: str = "",
    source_group: str = "",
) -> Asset:
    """Bring in files of this server: colour with its matte, one file with opacity, or, with
    ``background``, a picture or clip as it is; a 3D model or a picture of light for scenes.

    Raises BadInput for a scene's file that is too large, Unsupported for an ending that is not
    read here, NoSpace when a copy has no room.
    """
    given = [one for one in (path, alpha) if one is not None]
    for one in given:
        if scene_file_kind(one.name):
            require_size(one.name, one.stat().st_size)
        else:
            footage_kind(one.name)
        if not link:
            space_require(project=project, needed=one.stat().st_size, purpose=one.name)
    stored = [blob_link(one) if link else blob_from_file(one, move=False) for one in given]
    return asset_create(
        project=project,
        colour=stored[0],
        filename=path.name,
        alpha=stored[1] if alpha is not None else None,
        alpha_filename=alpha.name if alpha is not None else "",
        background=background,
        actor=actor,
        name=name,
        rights=rights,
        fps=fps,
        source_group=source_group,
    )


@transaction.atomic
def asset_create(
    *,
    project: Project,
    colour: Blob,
    filename: str,
    actor: Actor,
    alpha: Blob | None = None,
    alpha_filename: str = "",
    background: bool = False,
    name: str = "",
    rights: Rights | None = None,
    fps: str = "",
    source_group: str = "",
    origin_path: str = "",
    excluded: str = "",
) -> Asset:
    """Make the row of stored bytes and queue their ingest. Raises Unsupported for a file name
    whose ending is not read here."""
    rights = rights or Rights()
    asset = Asset.objects.create(
        project=project,
        kind=asset_kind(filename, background=background),
        name=name or Path(filename).stem,
        filename=filename,
        original=colour,
        alpha_original=alpha,
        alpha_filename=alpha_filename,
        licence=rights.licence,
        licence_url=rights.licence_url,
        attribution=rights.attribution,
        decisions={"frame_rate": fps, "variable_frame_rate": fps} if fps else {},
        source_group=source_group,
        origin_path=origin_path,
        excluded=excluded,
        created_by=actor.user,
    )
    footage_enqueue(asset, actor)
    _audit_asset(asset, actor, "add", {"filename": filename, "kind": asset.kind})
    return asset


def asset_kind(filename: str, *, background: bool) -> str:
    """Return the kind of asset that a file becomes. Raises Unsupported as `footage_kind` does."""
    if (found := scene_file_kind(filename)) is not None:
        return Asset.Kind.MODEL if found == "model" else Asset.Kind.LIGHT
    still = footage_kind(filename) == "still"
    if background:
        return Asset.Kind.STILL if still else Asset.Kind.BACKGROUND_CLIP
    return Asset.Kind.FOREGROUND_STILL if still else Asset.Kind.FOREGROUND_CLIP


@transaction.atomic
def asset_matte(*, asset: Asset, alpha: Blob, filename: str, actor: Actor) -> None:
    """Give a foreground its matte, or another one, and read it again.

    Samples that were made with the former matte keep their own bytes. Raises BadInput for a
    background, Conflict while the asset is being read.
    """
    if not asset.is_foreground:
        kind = asset.get_kind_display().lower()
        raise BadInput(f"{asset.name} is a {kind}: it has no matte")
    if asset.state == IngestState.ARRIVING:
        raise Conflict(f"{asset.name} is being read", hint="wait until it is through")
    changes = {"alpha_original": alpha, "alpha_filename": filename, "error": "", "hint": ""}
    state_move(asset, IngestState.ARRIVING, INGEST, **changes)
    footage_enqueue(asset, actor)
    _audit_asset(asset, actor, "matte", {"filename": filename, "digest": alpha.digest})


@transaction.atomic
def asset_choose(
    *, asset: Asset, actor: Actor, split: str | None = None, excluded: str | None = None
) -> None:
    """Put an asset on a side of the split, or leave it out with a reason ("" lets it in again).

    None leaves a field as it is. Raises BadInput for an unknown side.
    """
    changes: dict[str, str] = {}
    if split is not None:
        if split not in AssetSplit.values:
            raise BadInput(f"{split!r} is no side of a split", hint="train, test or nothing")
        changes["split"] = split
    if excluded is not None:
        changes["excluded"] = excluded.strip()[:200]
    for field, value in changes.items():
        setattr(asset, field, value)
    asset.save(update_fields=list(changes))
    _audit_asset(asset, actor, "choose", dict(changes))


def _audit_asset(asset: Asset, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=asset.project,
        action=f"asset.{verb}",
        target_kind="asset",
        target_id=asset.pk,
        detail=detail,
    )

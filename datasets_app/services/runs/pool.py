"""What a run draws from, frozen into JSON when the run is made and opened again when it plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from datasets_app.domain.assets.asset_index import read_index
from datasets_app.domain.media.mask_planning import read_planning_stack
from datasets_app.domain.recipes.base import (
    AssetRef,
    ClipRef,
    Plan,
    Pool,
    PoolBackground,
    PoolClip,
    PoolForeground,
    PoolMask,
)
from datasets_app.domain.synthesis.sources.asset_facts import AssetFacts
from datasets_app.domain.synthesis.sources.pool import DEPTH_NAME, GARBAGE, PoolSceneFile
from datasets_app.models import Asset, Blob, Mask, Video
from datasets_app.models.caption import CaptionLength
from datasets_app.models.mask import MaskKind
from datasets_app.selectors.footage import frames_blob, usable_assets, usable_videos
from datasets_app.services.blobs import blob_path
from matteweb.accounts.models import Project

# The order in which a caption is chosen for a sample: the trainer reads the short one.
_CAPTION_ORDER = [
    CaptionLength.SHORT,
    CaptionLength.PROMPT,
    CaptionLength.SUMMARY,
    CaptionLength.VERBOSE,
]


def pool_freeze(project: Project) -> dict[str, Any]:
    """Return all that a run may draw as JSON: videos with masks, and assets, by digest, with
    rights and captions.

    Masks with several objects are left out: a recipe that reads them asks for them by itself.
    """
    return {
        "videos": [_frozen_video(video) for video in usable_videos(project)],
        "assets": [
            _frozen_asset(asset) for asset in usable_assets(project) if not asset.is_scene_file
        ],
        "scene_files": [
            _frozen_scene_file(asset) for asset in usable_assets(project) if asset.is_scene_file
        ],
    }


def pool_open(frozen: dict[str, Any] | list[dict[str, Any]]) -> Pool:
    """Rebuild the pool. Runs of the first release froze a list of videos, which is read too.

    Cost: nothing is decoded; a small stack is read when a planner first asks for it.
    """
    videos, assets = _entries(frozen)
    return Pool(
        clips=tuple(_opened_clip(entry) for entry in videos),
        foregrounds=tuple(_opened_foreground(one) for one in assets if "alpha" in one),
        backgrounds=tuple(_opened_background(one) for one in assets if "alpha" not in one),
        models=_opened_scene_files(frozen, Asset.Kind.MODEL),
        lights=_opened_scene_files(frozen, Asset.Kind.LIGHT),
    )


def sources_of_plan(
    frozen: dict[str, Any] | list[dict[str, Any]], plan: Plan
) -> list[dict[str, Any]]:
    """Return provenance and rights of the pool entries whose frames or masks a plan reads.

    ``role`` is the name under which the plan holds the clip, e.g. foreground.
    """
    wanted = set(plan.inputs)
    roles = dict(_roles(plan))
    videos, assets = _entries(frozen)
    found = [
        *(_video_source(entry, wanted, roles) for entry in videos),
        *(_asset_source(entry, wanted, roles) for entry in assets),
        *(
            _rights("asset", one, one["kind"])
            for one in _scene_files(frozen)
            if one["digest"] in wanted
        ),
    ]
    kept = [source for source in found if source is not None]
    return sorted(kept, key=lambda source: (source["digest"], source["id"]))


def source_paths(digests: Iterable[str]) -> dict[str, Any]:
    """Return where each input of a plan lies, linked files verified.

    Raises Corrupt when a linked file changed since it was brought in.
    """
    blobs = Blob.objects.in_bulk(list(digests))
    return {digest: blob_path(blob) for digest, blob in blobs.items()}


def _entries(
    frozen: dict[str, Any] | list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the frozen videos and the frozen assets."""
    if isinstance(frozen, list):
        return frozen, []
    return frozen["videos"], frozen["assets"]


def _scene_files(frozen: dict[str, Any] | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the frozen models and pictures of light; older runs have none."""
    return [] if isinstance(frozen, list) else frozen.get("scene_files", [])


def _roles(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield each file that the plan names, with the name of the field that names it; a field may
    hold one reference, several, or parts that hold one each under ``source``."""
    for name, value in plan:
        for part in value if isinstance(value, tuple) else (value,):
            ref = getattr(part, "source", part)
            if isinstance(ref, ClipRef):
                yield ref.digest, name
            elif isinstance(ref, AssetRef):
                yield from ((digest, name) for digest in (*ref.files, ref.cutout) if digest)


def _video_source(
    entry: dict[str, Any], wanted: set[str], roles: dict[str, str]
) -> dict[str, Any] | None:
    masks = [mask for mask in entry["masks"] if mask["digest"] in wanted]
    if entry["digest"] not in wanted and not masks:
        return None
    return {
        **_rights("video", entry, roles.get(entry["digest"], "mask")),
        "masks": [{"id": mask["id"], "digest": mask["digest"]} for mask in masks],
    }


def _asset_source(
    entry: dict[str, Any], wanted: set[str], roles: dict[str, str]
) -> dict[str, Any] | None:
    files = [entry[name] for name in ("digest", "alpha", "cutout") if name in entry]
    if not wanted.intersection(files):
        return None
    role = next((roles[digest] for digest in files if digest in roles), "asset")
    return _rights("asset", entry, role)


def _rights(kind: str, entry: dict[str, Any], role: str) -> dict[str, Any]:
    copied = ("id", "name", "digest", "group", "licence", "licence_url", "attribution")
    return {"kind": kind, "role": role} | {name: entry[name] for name in copied}


def _frozen_source(row: Video | Asset, caption: str) -> dict[str, Any]:
    noun = "video" if isinstance(row, Video) else "asset"
    return {
        "id": row.pk,
        "digest": frames_blob(row).digest,
        "group": row.source_group or f"{noun}-{row.pk}",
        "name": row.name,
        "frames": row.frames,
        "width": row.width,
        "height": row.height,
        "fps": [row.fps_num, row.fps_den],
        "caption": caption,
        "split": row.split,
        "licence": row.licence,
        "licence_url": row.licence_url,
        "attribution": row.attribution,
    }


def _frozen_video(video: Video) -> dict[str, Any]:
    captions = {caption.length: caption.text for caption in video.captions.all()}
    caption = next((captions[length] for length in _CAPTION_ORDER if length in captions), "")
    masks = [_frozen_mask(mask) for mask in video.masks.all() if mask.kind != MaskKind.INDEX]
    return {**_frozen_source(video, caption), "masks": masks}


def _frozen_mask(mask: Mask) -> dict[str, Any]:
    return {
        "id": mask.pk,
        "name": mask.name,
        "kind": mask.kind,
        "digest": mask.master_id,
        "planning": mask.planning_id,
        "frames": mask.frames,
        "width": mask.width,
        "height": mask.height,
    }


def _frozen_asset(asset: Asset) -> dict[str, Any]:
    frozen = {**_frozen_source(asset, ""), "still": asset.is_still}
    if not asset.is_foreground:
        return frozen
    alpha = next(layer for layer in asset.layers.all() if layer.name == "alpha")
    return frozen | {
        "alpha": alpha.master_id,
        "index": asset.index_id,
        "cutout": asset.cutout_id,
        "measures": asset.measures,
    }


def _frozen_scene_file(asset: Asset) -> dict[str, Any]:
    copied = ("digest", "group", "licence", "licence_url", "attribution", "id", "name", "split")
    source = _frozen_source(asset, "")
    ending = PurePosixPath(asset.filename).suffix.lower()
    return {name: source[name] for name in copied} | {
        "kind": asset.kind,
        "ending": ending,
    }


def _opened_scene_files(
    frozen: dict[str, Any] | list[dict[str, Any]], kind: str
) -> tuple[PoolSceneFile, ...]:
    copied = ("id", "digest", "name", "ending", "split")
    return tuple(
        PoolSceneFile(**{name: one[name] for name in copied})
        for one in _scene_files(frozen)
        if one["kind"] == kind
    )


def _opened_clip(entry: dict[str, Any]) -> PoolClip:
    """Open a video; masks whose names have a meaning of their own are no subjects."""
    named = {mask["name"].casefold(): mask for mask in entry["masks"]}
    depths = [mask for name, mask in named.items() if DEPTH_NAME.fullmatch(name)]
    depth, garbage = max(depths, key=lambda mask: mask["id"], default=None), named.get(GARBAGE)
    subjects = [mask for mask in entry["masks"] if mask not in (*depths, garbage)]
    return PoolClip(
        id=entry["id"],
        digest=entry["digest"],
        group=entry["group"],
        name=entry["name"],
        frames=entry["frames"],
        width=entry["width"],
        height=entry["height"],
        fps=Fraction(*entry["fps"]),
        masks=tuple(_opened_mask(mask) for mask in subjects),
        caption=entry["caption"],
        depth=None if depth is None else _opened_mask(depth),
        garbage=None if garbage is None else _opened_mask(garbage),
        split=entry.get("split", ""),
    )


def _opened_mask(entry: dict[str, Any]) -> PoolMask:
    def load_small() -> Any:
        return read_planning_stack(blob_path(Blob.objects.get(digest=entry["planning"])))

    return PoolMask(
        id=entry["id"],
        digest=entry["digest"],
        name=entry["name"],
        frames=entry["frames"],
        width=entry["width"],
        height=entry["height"],
        soft=entry["kind"] == MaskKind.ALPHA,
        load_small=load_small,
    )


def _opened_foreground(entry: dict[str, Any]) -> PoolForeground:
    def load_small() -> Any:
        return read_index(blob_path(Blob.objects.get(digest=entry["index"]))).small

    return PoolForeground(
        alpha_digest=entry["alpha"],
        soft=True,
        facts=AssetFacts.from_json(entry["measures"]),
        cutout=entry["cutout"],
        load_small=load_small,
        **_opened_asset(entry),
    )


def _opened_background(entry: dict[str, Any]) -> PoolBackground:
    return PoolBackground(**_opened_asset(entry))


def _opened_asset(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what foregrounds and backgrounds have in common."""
    copied = ("id", "digest", "group", "name", "frames", "width", "height", "caption", "split")
    return {name: entry[name] for name in copied} | {
        "kind": "still" if entry["still"] else "clip",
        "fps": None if entry["still"] else Fraction(*entry["fps"]),
        "origin": "asset",
    }

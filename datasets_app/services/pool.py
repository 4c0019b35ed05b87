"""What a run draws from, frozen into JSON when the run is made and opened again when it plans."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from datasets_app.domain.media.mask_planning import read_planning_stack
from datasets_app.domain.recipes.base import ClipRef, Plan, PoolClip, PoolMask
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.caption import CaptionLength
from datasets_app.models.mask import MaskKind
from datasets_app.selectors.footage import frames_blob
from datasets_app.services.blobs import blob_path

# The order in which a caption is chosen for a sample: the trainer reads the short one.
_CAPTION_ORDER = [
    CaptionLength.SHORT,
    CaptionLength.PROMPT,
    CaptionLength.SUMMARY,
    CaptionLength.VERBOSE,
]


def pool_freeze(videos: Iterable[Video]) -> list[dict[str, Any]]:
    """Return the pool as JSON: videos with their masks, by digest, with rights and captions.

    Masks with several objects are left out: a recipe that reads them asks for them by itself.
    """
    return [_frozen_video(video) for video in videos]


def pool_open(frozen: list[dict[str, Any]]) -> tuple[PoolClip, ...]:
    """Rebuild the pool, sorted by digest so that the order of import changes no sample.

    Cost: nothing is decoded; a planning stack is read when a planner first asks for it.
    """
    clips = [
        PoolClip(
            id=entry["id"],
            digest=entry["digest"],
            group=entry["group"],
            name=entry["name"],
            frames=entry["frames"],
            width=entry["width"],
            height=entry["height"],
            fps=Fraction(*entry["fps"]),
            masks=tuple(_opened_mask(mask) for mask in entry["masks"]),
            caption=entry["caption"],
        )
        for entry in frozen
    ]
    return tuple(sorted(clips, key=lambda clip: (clip.digest, clip.id)))


def sources_of_plan(frozen: list[dict[str, Any]], plan: Plan) -> list[dict[str, Any]]:
    """Return provenance and rights of the pool entries whose frames or masks a plan reads.

    ``role`` is the name under which the plan holds the clip, e.g. foreground.
    """
    wanted = set(plan.inputs)
    roles = {ref.digest: name for name, ref in plan if isinstance(ref, ClipRef)}
    found = []
    for entry in frozen:
        masks = [mask for mask in entry["masks"] if mask["digest"] in wanted]
        if entry["digest"] not in wanted and not masks:
            continue
        found.append(
            {
                "kind": "video",
                "id": entry["id"],
                "name": entry["name"],
                "digest": entry["digest"],
                "role": roles.get(entry["digest"], "mask"),
                "group": entry["group"],
                "licence": entry["licence"],
                "licence_url": entry["licence_url"],
                "attribution": entry["attribution"],
                "masks": [{"id": mask["id"], "digest": mask["digest"]} for mask in masks],
            }
        )
    return sorted(found, key=lambda source: (source["digest"], source["id"]))


def source_paths(digests: Iterable[str]) -> dict[str, Any]:
    """Return where each input of a plan lies, linked files verified.

    Raises Corrupt when a linked file changed since it was brought in.
    """
    blobs = Blob.objects.in_bulk(list(digests))
    return {digest: blob_path(blob) for digest, blob in blobs.items()}


def _frozen_video(video: Video) -> dict[str, Any]:
    captions = {caption.length: caption.text for caption in video.captions.all()}
    caption = next((captions[length] for length in _CAPTION_ORDER if length in captions), "")
    return {
        "id": video.pk,
        "digest": frames_blob(video).digest,
        "group": video.source_group or f"video-{video.pk}",
        "name": video.name,
        "frames": video.frames,
        "width": video.width,
        "height": video.height,
        "fps": [video.fps_num, video.fps_den],
        "caption": caption,
        "licence": video.licence,
        "licence_url": video.licence_url,
        "attribution": video.attribution,
        "masks": [_frozen_mask(mask) for mask in video.masks.all() if mask.kind != MaskKind.INDEX],
    }


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

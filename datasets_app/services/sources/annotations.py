"""What was drawn on videos: stored with its video, and given a meaning label by label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from datasets_app.domain.annotation.checking import drawn_findings, misplaced_findings
from datasets_app.domain.annotation.cvat_xml import read_cvat, write_cvat
from datasets_app.domain.annotation.relabel import Relabelling, labels_of
from datasets_app.domain.annotation.tracks import Tracks
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.frames import FrameSize
from datasets_app.models import Annotation, Video
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_bytes, blob_path
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import BadInput


@transaction.atomic
def annotation_store(
    *,
    video: Video,
    tracks: Tracks,
    name: str,
    actor: Actor,
    findings: Sequence[Finding] = (),
) -> tuple[Annotation, bool]:
    """Keep the tracks of a video, and what reading their file found; return the row and whether it
    is new. The same tracks are the same row, with the mapping that a person has given it since."""
    blob = blob_from_bytes(write_cvat(tracks))
    labels = labels_of(tracks)
    facts = {
        "labels": labels,
        "tracks": len(tracks.tracks),
        "frames": tracks.frames or 0,
        "shapes": sum(len(track.shapes) for track in tracks.tracks),
    }
    mapping = Relabelling.suggested(labels).model_dump(mode="json")
    row, new = Annotation.objects.get_or_create(
        video=video,
        original=blob,
        defaults={
            "name": name[:200],
            "facts": facts,
            "mapping": mapping,
            "findings": [finding.as_json() for finding in findings],
            "created_by": actor.user,
        },
    )
    if new:
        _audit_annotation(row, actor, "add", {"name": name, "tracks": facts["tracks"]})
    return row, new


def annotation_tracks(annotation: Annotation) -> Tracks:
    """Return the tracks as they were stored. Raises BadInput when the stored file is damaged."""
    return read_cvat(blob_path(annotation.original), [], name=annotation.name)


def annotation_findings(annotation: Annotation, tracks: Tracks) -> list[Finding]:
    """Return what reading the file found, and what is wrong with its tracks: those over the video
    once that is ready."""
    found = [Finding.from_json(one) for one in annotation.findings]
    where, video = f"{annotation.name}.xml", annotation.video
    found += drawn_findings(tracks, where)
    if video.state == IngestState.READY and video.frames and video.width and video.height:
        size = FrameSize(video.width, video.height)
        found += misplaced_findings(tracks, where, frames=video.frames, size=size)
    return found


def annotation_rule(annotation: Annotation) -> Relabelling:
    """Return what its labels mean now."""
    return Relabelling.read(annotation.mapping)


@transaction.atomic
def annotation_map(*, annotation: Annotation, mapping: dict[str, Any], actor: Actor) -> None:
    """Give the labels another meaning. Pictures that were cut before keep theirs.

    Raises BadInput for a mapping that makes no sense, or speaks of labels and tracks that are not
    there.
    """
    rule = Relabelling.read(mapping)
    tracks = annotation_tracks(annotation)
    unknown = sorted(set(rule.labels) - set(labels_of(tracks)))
    if unknown:
        raise BadInput(f"{annotation.name} has no label {unknown[0]!r}")
    missing = sorted(set(rule.overrides) - {track.number for track in tracks.tracks})
    if missing:
        raise BadInput(f"{annotation.name} has no track {missing[0]}")
    annotation.mapping = rule.model_dump(mode="json")
    annotation.save(update_fields=["mapping"])
    _audit_annotation(annotation, actor, "map", annotation.mapping)


def _audit_annotation(row: Annotation, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=row.video.project,
        action=f"annotation.{verb}",
        target_kind="annotation",
        target_id=row.pk,
        detail=detail,
    )

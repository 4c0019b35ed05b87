"""Videos and stills: brought in, read, decided about, described."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.assets.scene_files import survey_scene_file
from datasets_app.domain.bundles.splits import split_name
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.findings import check_answer, same_bytes, undecided
from datasets_app.domain.media.footage import footage_kind, stream_footage, survey_footage
from datasets_app.domain.media.probe import Limits
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Asset, Blob, Video
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import same_bytes_as
from datasets_app.services.blobs import blob_from_file, blob_link, blob_path
from datasets_app.services.sources.sample_gaps import rights_fill
from datasets_app.services.sources.scene_posters import scene_poster
from datasets_app.services.sources.subject_ingest import subject_ingest
from datasets_app.services.space import space_require
from datasets_app.services.state_moves import INGEST, state_move
from datasets_app.services.streams import stream_store
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, MatteError
from matteweb.jobs.services import job_create

Footage = Video | Asset

_MODELS: dict[str, type[Footage]] = {"clip": Video, "sequence": Video, "still": Asset}


@dataclass(frozen=True, slots=True)
class Rights:
    """Whose the footage is and what may be done with it; ``licence`` is SPDX or free text."""

    licence: str = ""
    licence_url: str = ""
    attribution: str = ""


def footage_add(
    *,
    project: Project,
    path: Path,
    actor: Actor,
    name: str = "",
    rights: Rights | None = None,
    link: bool = False,
    decisions: dict[str, str] | None = None,
    source_group: str = "",
) -> Footage:
    """Bring in one file of this server: a clip, a zip of numbered pictures, or a still.

    ``link`` references the file where it lies, otherwise it is copied. Raises as `footage_create`,
    and NoSpace when there is no room for the copy.
    """
    footage_kind(path.name)
    if not link:
        space_require(project=project, needed=path.stat().st_size, purpose=path.name)
    blob = blob_link(path) if link else blob_from_file(path, move=False)
    return footage_create(
        project=project,
        blob=blob,
        filename=path.name,
        actor=actor,
        name=name,
        rights=rights,
        decisions=decisions,
        source_group=source_group,
    )


@transaction.atomic
def footage_create(
    *,
    project: Project,
    blob: Blob,
    filename: str,
    actor: Actor,
    name: str = "",
    rights: Rights | None = None,
    decisions: dict[str, str] | None = None,
    source_group: str = "",
) -> Footage:
    """Make the row of stored bytes and queue their ingest.

    ``decisions`` answers findings in advance, e.g. {"frame_rate": "24"}. Raises Unsupported for a
    file name whose ending is not read here.
    """
    rights = rights or Rights()
    model = _MODELS[footage_kind(filename)]
    extra: dict[str, Any] = {"kind": Asset.Kind.STILL} if model is Asset else {}
    footage = model.objects.create(
        project=project,
        name=name or Path(filename).stem,
        filename=filename,
        original=blob,
        licence=rights.licence,
        licence_url=rights.licence_url,
        attribution=rights.attribution,
        decisions=decisions or {},
        source_group=source_group,
        created_by=actor.user,
        **extra,
    )
    footage_enqueue(footage, actor)
    _audit_footage(footage, actor, "add", {"filename": filename, "digest": blob.digest})
    return footage


def footage_ingest(*, kind: str, pk: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Probe the file, then make what the pages show; a worker's kill is healed by running again.

    What a person must decide first leaves the row in ``needs_decision``; what cannot be used
    leaves it ``failed`` with the cause, and the error is raised for the job's own page.
    """
    footage = footage_row(kind, pk)
    if footage.state != IngestState.ARRIVING or footage.original is None:
        return
    try:
        _ingest(footage, blob_path(footage.original), progress, should_stop)
    except Cancelled:
        raise  # the row stays as it is: its job can be resumed
    except MatteError as error:
        state_move(footage, IngestState.FAILED, INGEST, error=error.message, hint=error.hint)
        raise


def footage_decide(*, footage: Footage, code: str, choice: str, actor: Actor) -> None:
    """Answer one finding; when it was the last, ingest goes on.

    The answer ``discard`` archives the row. Raises BadInput when there is no such finding or
    choice.
    """
    findings = [Finding.from_json(raw) for raw in footage.findings]
    finding = next((one for one in findings if one.code == code), None)
    if finding is None:
        raise BadInput(f"{footage.name} has no open question {code!r}")
    check_answer(finding, choice)
    with transaction.atomic():
        footage.decisions = {**footage.decisions, code: choice}
        footage.save(update_fields=["decisions"])
        _audit_footage(footage, actor, "decide", {"code": code, "choice": choice})
        if choice == "discard":
            model = type(footage)
            model._default_manager.filter(pk=footage.pk).update(archived_at=timezone.now())
        elif not undecided(findings, footage.decisions):
            state_move(footage, IngestState.ARRIVING, INGEST)
            footage_enqueue(footage, actor)
            if isinstance(footage, Video):
                _masks_enqueue(footage, actor)


def _masks_enqueue(video: Video, actor: Actor) -> None:
    """Queue the masks that waited with their video for an answer; an archived one may come back."""
    for mask in video.masks.filter(state=IngestState.NEEDS_DECISION):
        state_move(mask, IngestState.ARRIVING, INGEST, error="", hint="")
        job_create(
            project=video.project,
            kind="ingest_mask",
            title=f"Read mask {mask.name} of {video.name}",
            target_id=mask.pk,
            actor=actor,
        )


@transaction.atomic
def footage_retry(*, footage: Footage, actor: Actor) -> None:
    """Read a failed file once more, with the same decisions."""
    state_move(footage, IngestState.ARRIVING, INGEST, error="", hint="")
    footage_enqueue(footage, actor)
    _audit_footage(footage, actor, "retry", {})


@transaction.atomic
def footage_edit(
    *,
    footage: Footage,
    actor: Actor,
    name: str | None = None,
    rights: Rights | None = None,
    tags: list[str] | None = None,
    source_group: str | None = None,
) -> None:
    """Change what a person says of footage; None leaves a field as it is.

    Samples made before keep the rights they were planned with, if there were any. Raises BadInput
    for an empty name.
    """
    changes: dict[str, Any] = {}
    if name is not None:
        if not name.strip():
            raise BadInput(f"{footage.name} needs a name")
        changes["name"] = name.strip()
    if rights is not None:
        changes |= {
            "licence": rights.licence.strip(),
            "licence_url": rights.licence_url.strip(),
            "attribution": rights.attribution.strip(),
        }
    if tags is not None:
        changes["tags"] = sorted({tag.strip() for tag in tags if tag.strip()})
    if source_group is not None:
        changes["source_group"] = source_group.strip()
    for field, value in changes.items():
        setattr(footage, field, value)
    footage.save(update_fields=list(changes))
    _audit_footage(footage, actor, "edit", changes)
    rights_fill(footage=footage, actor=actor)


@transaction.atomic
def video_place(*, video: Video, split: str, actor: Actor) -> None:
    """Put a video into a split, under the name that bundles have for it; "" into none."""
    name = split_name(split.strip())
    if name == video.split:
        return
    video.split = name
    video.save(update_fields=["split"])
    _audit_footage(video, actor, "place", {"split": name})


def media_limits() -> Limits:
    """Return the bounds that the settings put on files from outside."""
    return Limits(
        max_side=settings.MAX_FRAME_SIDE,
        max_frames=settings.MAX_FRAMES,
        memory_mib=settings.PROBE_MEMORY_MIB,
        cpu_seconds=settings.PROBE_CPU_SECONDS,
    )


def footage_row(kind: str, pk: int) -> Footage:
    """Return the row of ``kind``: a video for a clip or a sequence, an asset for a still."""
    model = _MODELS[kind]
    return model._default_manager.select_related("project", "original").get(pk=pk)


def _ingest(footage: Footage, path: Path, progress: Progress, should_stop: ShouldStop) -> None:
    if isinstance(footage, Asset) and footage.is_foreground:
        subject_ingest(
            asset=footage,
            path=path,
            limits=media_limits(),
            progress=progress,
            should_stop=should_stop,
        )
        return
    if isinstance(footage, Asset) and footage.is_scene_file:
        facts = survey_scene_file(path, footage.filename, should_stop=should_stop)
        poster, told = scene_poster(asset=footage, path=path, should_stop=should_stop)
        found = [finding.as_json() for finding in told]
        state_move(footage, IngestState.READY, INGEST, facts=facts, findings=found, poster=poster)
        return
    kind = footage_kind(footage.filename)
    surveyed = survey_footage(
        path,
        kind,
        name=footage.filename,
        limits=media_limits(),
        decisions=footage.decisions,
        progress=progress,
        should_stop=should_stop,
    )
    findings = list(surveyed.findings)
    if isinstance(footage, Video) and (twin := same_bytes_as(footage)) is not None:
        findings.append(same_bytes(twin.name))
    noted = {
        "facts": surveyed.facts,
        "findings": [finding.as_json() for finding in findings],
    }
    if undecided(findings, footage.decisions):
        state_move(footage, IngestState.NEEDS_DECISION, INGEST, **noted)
        return
    with work_folder(f"{footage.noun}-{kind}-{footage.pk}") as folder:
        files = stream_footage(
            path, kind, surveyed, folder, progress=progress, should_stop=should_stop
        )
        fields = stream_store(files)
    state_move(footage, IngestState.READY, INGEST, **noted, **fields)


def footage_enqueue(footage: Footage, actor: Actor) -> None:
    """Queue the reading of a row that arrives; ``still`` in its job stands for any asset."""
    job_create(
        project=footage.project,
        kind="ingest_footage",
        title=f"Read {footage.filename}",
        target_id=footage.pk,
        params={"kind": "still" if isinstance(footage, Asset) else footage_kind(footage.filename)},
        actor=actor,
    )


def _audit_footage(footage: Footage, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    noun = "video" if isinstance(footage, Video) else "asset"
    audit(
        actor=actor,
        project=footage.project,
        action=f"{noun}.{verb}",
        target_kind=noun,
        target_id=footage.pk,
        detail=detail,
    )

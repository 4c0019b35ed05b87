"""Whole trees brought in at once: a paste source becomes footage, a training tree becomes samples.

Everything is found again by its bytes, so an import that was killed, stopped or run twice goes on
where it was and doubles nothing.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.archives.tree_archive import unpack_tree, unpacked_bytes
from datasets_app.domain.captions import LENGTHS
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.layouts import find_layout
from datasets_app.domain.layouts.base import SourceClip, SourceMask
from datasets_app.domain.media.footage import footage_kind
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.models import Blob, Caption, Mask, Video
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_file, blob_link, blob_path
from datasets_app.services.captions import caption_set
from datasets_app.services.footage import Rights, footage_create
from datasets_app.services.imported_samples import sample_import
from datasets_app.services.masks import mask_create
from datasets_app.services.space import space_require
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project, User
from matteweb.errors import BadInput, Cancelled, NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE

IMPORT_JOB = "folder_import"


@dataclass(slots=True)
class ImportReport:
    """What a tree became: ids of its rows, those of an earlier import included; ``added`` counts
    what is new. ``findings`` is what had no partner or could not be used."""

    layout: str
    videos: list[int] = field(default_factory=list)
    masks: list[int] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)
    added: dict[str, int] = field(
        default_factory=lambda: {"videos": 0, "masks": 0, "captions": 0, "samples": 0}
    )
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as they stand in the job's checkpoint and in a command's answer."""
        return {
            "layout": self.layout,
            "videos": self.videos,
            "masks": self.masks,
            "samples": self.samples,
            "added": self.added,
            "findings": [finding.as_json() for finding in self.findings],
        }


def folder_import_start(
    *,
    project: Project,
    actor: Actor,
    folder: Path | None = None,
    archive: Blob | None = None,
    filename: str = "",
    rights: Rights | None = None,
    link: bool = False,
    fps: str = "",
) -> Job:
    """Queue the import of a folder of this server, or of a stored ZIP called ``filename``.

    Returns the job that does it already when there is one. Raises BadInput for a folder that is
    not there or has no known layout.
    """
    rights = rights or Rights()
    if folder is not None:
        folder = folder.expanduser().resolve()
        if not folder.is_dir():
            raise BadInput(f"there is no folder {folder}", hint="give it as this server sees it")
        find_layout(folder)
    params: dict[str, Any] = {
        "folder": str(folder or ""),
        "archive": archive.digest if archive else "",
        "filename": filename,
        "link": link,
        "fps": fps,
        "licence": rights.licence,
        "attribution": rights.attribution,
        "user": actor.user.pk if actor.user else None,
    }
    live = Job.objects.filter(project=project, kind=IMPORT_JOB, state__in=LIVE, params=params)
    title = f"Import {filename or Path(params['folder']).name}"
    return live.first() or job_create(
        project=project, kind=IMPORT_JOB, title=title, params=params, actor=actor
    )


def folder_import_run(
    *, project_id: int, params: dict[str, Any], progress: Progress, should_stop: ShouldStop
) -> ImportReport:
    """Do what `folder_import_start` queued; safe to repeat. Raises as `folder_import` does."""
    project = Project.objects.get(pk=project_id)
    user = User.objects.filter(pk=params["user"]).first()
    options: dict[str, Any] = {
        "project": project,
        "actor": Actor(user, AuditEntry.Channel.JOB),
        "rights": Rights(licence=params["licence"], attribution=params["attribution"]),
        "link": params["link"],
        "fps": params["fps"],
        "progress": progress,
        "should_stop": should_stop,
    }
    if not params["archive"]:
        return folder_import(folder=Path(params["folder"]), **options)
    name, blob = params["filename"], Blob.objects.filter(pk=params["archive"]).first()
    if blob is None:
        raise NotFound(f"the bytes of {name} are gone", hint="send it again")
    archive = blob_path(blob)
    needed = unpacked_bytes(archive, name=name)
    space_require(project=project, needed=needed, purpose=f"unpacking {name}")
    with work_folder(f"import-{project_id}-{blob.digest[:16]}") as scratch:
        tree = scratch / Path(name).stem
        tree.mkdir()
        unpack_tree(archive, tree, name=name, should_stop=should_stop)
        return folder_import(folder=tree, **options)


def folder_import(
    *,
    project: Project,
    folder: Path,
    actor: Actor,
    rights: Rights | None = None,
    link: bool = False,
    fps: str = "",
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> ImportReport:
    """Bring in every clip and every ready tuple of a tree; progress counts them.

    Videos and masks are then read by their own jobs. ``link`` references their files where they
    lie. ``fps`` answers for clips that are numbered pictures. An entry that cannot be used becomes
    a finding and does not stop the others. Raises BadInput for an unknown layout, NoSpace,
    Cancelled: what is in stays.
    """
    layout, inside = find_layout(folder)
    contents = layout.read(inside)
    rights = rights or Rights()
    report = ImportReport(layout.info.slug, findings=list(contents.findings))
    total = len(contents.clips) + len(contents.tuples)
    way = _ClipImport(project, actor, rights, link, fps, report)
    for done, clip in enumerate(contents.clips, 1):
        _require_going(should_stop, done, total)
        with Collecting(report.findings, "clip_unusable", clip.name):
            way.take(clip)
        progress(done, total)
    for done, one in enumerate(contents.tuples, 1 + len(contents.clips)):
        _require_going(should_stop, done, total)
        where = f"{one.category}/{one.name}"
        with Collecting(report.findings, "tuple_unusable", where):
            sample, new = sample_import(
                project=project, one=one, rights=rights, actor=actor, should_stop=should_stop
            )
            report.samples.append(sample.pk)
            report.added["samples"] += new
        progress(done, total)
    return report


def _require_going(should_stop: ShouldStop, done: int, total: int) -> None:
    if should_stop():
        raise Cancelled(f"the import stopped before entry {done} of {total}")


@dataclass(slots=True)
class _ClipImport:
    """The way of a clip, its masks and its captions into the library."""

    project: Project
    actor: Actor
    rights: Rights
    link: bool
    fps: str
    report: ImportReport

    def take(self, clip: SourceClip) -> None:
        """Bring in one clip, or find it, and what of its masks and captions is not there yet."""
        video = self._video(clip)
        self.report.videos.append(video.pk)
        for mask in clip.masks:
            with Collecting(self.report.findings, "mask_unusable", mask.name):
                self._mask(video, mask)
        for length in LENGTHS if clip.captions else ():
            self._caption(video, length, getattr(clip.captions, length))

    def _video(self, clip: SourceClip) -> Video:
        blob, filename = self._blob(clip.video)
        known = Video.objects.filter(
            project=self.project, original=blob, filename=filename, archived_at=None
        )
        found = known.order_by("pk").first()
        if found is not None:
            return found
        made = footage_create(
            project=self.project,
            blob=blob,
            filename=filename,
            actor=self.actor,
            name=clip.name,
            rights=self.rights,
            decisions={"frame_rate": self.fps, "variable_frame_rate": self.fps} if self.fps else {},
        )
        if not isinstance(made, Video):
            raise BadInput(f"{filename} is a still", hint="a clip has more than one frame")
        self.report.added["videos"] += 1
        return made

    def _mask(self, video: Video, mask: SourceMask) -> None:
        blob, filename = self._blob(mask.path)
        found = Mask.objects.filter(video=video, name=mask.name, original=blob).first()
        if found is None:
            found = mask_create(
                video=video, blob=blob, filename=filename, actor=self.actor, name=mask.name
            )
            self.report.added["masks"] += 1
        self.report.masks.append(found.pk)

    def _caption(self, video: Video, length: str, text: str) -> None:
        # What a person has typed since the last import stays.
        if text and not Caption.objects.filter(video=video, length=length).exists():
            origin = Caption.Origin.IMPORTED
            caption_set(video=video, length=length, text=text, actor=self.actor, origin=origin)
            self.report.added["captions"] += 1

    def _blob(self, path: Path) -> tuple[Blob, str]:
        """Return the stored or linked bytes; a folder of pictures is packed, which needs a copy."""
        if not path.is_dir():
            footage_kind(path.name)
            if self.link:
                return blob_link(path), path.name
            space_require(project=self.project, needed=path.stat().st_size, purpose=path.name)
            return blob_from_file(path, move=False), path.name
        needed = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
        space_require(project=self.project, needed=needed, purpose=path.name)
        with work_folder(f"pack-{self.project.pk}-{path.name}") as scratch:
            return blob_from_file(_packed(path, scratch / f"{path.name}.zip")), f"{path.name}.zip"


def _packed(folder: Path, target: Path) -> Path:
    """Store the files of a folder in a ZIP that has the same bytes each time."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(entry for entry in folder.iterdir() if entry.is_file()):
            entry = zipfile.ZipInfo(file.name)
            with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as out:
                while piece := source.read(1 << 20):
                    out.write(piece)
    return target


def rows_unready(report: dict[str, Any]) -> list[Video | Mask]:
    """Return the videos and masks of a report that are not ready: failed, asking, still read."""
    videos = Video.objects.filter(pk__in=report["videos"]).exclude(state=IngestState.READY)
    masks = Mask.objects.filter(pk__in=report["masks"]).exclude(state=IngestState.READY)
    return [*videos, *masks]

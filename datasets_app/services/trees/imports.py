"""Whole trees brought in at once: a paste source becomes footage, a training tree becomes samples.

Everything is found again by its bytes, so an import that was killed, stopped or run twice goes on
where it was and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.archives.split_zip import SplitArchive, join_archive, split_archives
from datasets_app.domain.archives.tree_archive import unpack_tree, unpacked_bytes
from datasets_app.domain.findings import Collecting
from datasets_app.domain.layouts import find_layout
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.trees.entries import KINDS, Kind, entry_place
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_path
from datasets_app.services.sources.footage import Rights
from datasets_app.services.space import space_require
from datasets_app.services.trees.image_sets import picture_take
from datasets_app.services.trees.import_assets import asset_take
from datasets_app.services.trees.import_clips import clip_take
from datasets_app.services.trees.import_faults import EntryCheck
from datasets_app.services.trees.import_way import ImportReport, ImportWay
from datasets_app.services.trees.imported_samples import sample_take
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project, User
from matteweb.errors import BadInput, Cancelled, NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE

IMPORT_JOB = "folder_import"


Take = Callable[[ImportWay, Any], None]

# Kind of entry -> code of the finding when one cannot be used, and what brings it in.
TAKERS: dict[Kind, tuple[str, Take]] = {
    "clips": ("clip_unusable", clip_take),
    "tuples": ("tuple_unusable", sample_take),
    "assets": ("asset_unusable", asset_take),
    "pictures": ("picture_unusable", picture_take),
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
        if not split_archives(folder):
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
        folder = Path(params["folder"])
        parts = split_archives(folder)
        return _parts_import(parts, options) if parts else folder_import(folder=folder, **options)
    name, blob = params["filename"], Blob.objects.filter(pk=params["archive"]).first()
    if blob is None:
        raise NotFound(f"the bytes of {name} are gone", hint="send it again")
    with work_folder(f"import-{project_id}-{blob.digest[:16]}") as scratch:
        return _archive_import(blob_path(blob), name, scratch, options)


def _archive_import(
    archive: Path, name: str, scratch: Path, options: dict[str, Any]
) -> ImportReport:
    """Unpack a ZIP into ``scratch`` and bring in what lies in it."""
    needed = unpacked_bytes(archive, name=name)
    space_require(project=options["project"], needed=needed, purpose=f"unpacking {name}")
    tree = scratch / Path(name).stem
    tree.mkdir()
    unpack_tree(archive, tree, name=name, should_stop=options["should_stop"])
    return folder_import(folder=tree, **options)


def _parts_import(parts: list[SplitArchive], options: dict[str, Any]) -> ImportReport:
    """Join split archives, one after the other, and bring in what lies in them."""
    # What is unpacked goes away again: nothing can be referenced there.
    options = options | {"link": False}
    reports: list[ImportReport] = []
    for one in parts:
        space_require(project=options["project"], needed=one.size, purpose=f"joining {one.name}")
        with work_folder(f"join-{options['project'].pk}-{one.name}") as scratch:
            joined = scratch / one.name
            join_archive(one, joined, should_stop=options["should_stop"])
            reports.append(_archive_import(joined, one.name, scratch, options))
    for other in reports[1:]:
        reports[0].join(other)
    return reports[0]


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
    """Bring in every entry of a tree; progress counts them.

    Videos and masks are then read by their own jobs. ``link`` references their files where they
    lie. ``fps`` answers for clips that are numbered pictures. An entry that cannot be used becomes
    a finding and does not stop the others. What came in is decoded once more for the faults that
    the layout knows, after a stop from the first entry on, so that the report is always whole.
    Raises BadInput for an unknown layout, NoSpace, Cancelled: what is in stays.
    """
    layout, inside = find_layout(folder)
    contents = layout.read(inside)
    report = ImportReport(layout.info.slug, findings=list(contents.findings))
    way = ImportWay(project, actor, rights or Rights(), report, should_stop, link, fps)
    check = EntryCheck(layout, inside, contents, should_stop)
    entries = [(kind, entry) for kind in KINDS for entry in getattr(contents, kind)]
    for done, (kind, entry) in enumerate(entries, 1):
        if should_stop():
            raise Cancelled(f"the import stopped before entry {done} of {len(entries)}")
        code, take = TAKERS[kind]
        with Collecting(report.findings, code, entry_place(entry)):
            take(way, entry)
            report.findings += check.findings(kind, entry)
        progress(done, len(entries))
    return report


def rows_unready(report: dict[str, Any]) -> list[Video | Mask]:
    """Return the videos and masks of a report that are not ready: failed, asking, still read.
    What somebody has discarded meanwhile is not missed."""
    videos = Video.objects.filter(pk__in=report["videos"], archived_at=None)
    masks = Mask.objects.filter(pk__in=report["masks"], archived_at=None, video__archived_at=None)
    unready = (rows.exclude(state=IngestState.READY) for rows in (videos, masks))
    return [row for rows in unready for row in rows]

"""Whether there is room, asked before the work and not found out in the middle of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, Sum

from datasets_app.adapters.disk import Disk, nearest_existing
from datasets_app.domain.byte_counts import in_words
from datasets_app.models import Upload
from datasets_app.models.upload import UploadState
from datasets_app.selectors.blob_references import project_bytes
from matteweb.accounts.models import Project
from matteweb.errors import NoSpace

_LONG_SECONDS = 0.5


def space_require(*, project: Project, needed: int, purpose: str) -> None:
    """Raise NoSpace unless ``needed`` bytes fit into the project's quota and on the data disk.

    ``purpose`` begins the sentence: "clip.mp4", "this run". With 0 bytes needed it asks only that
    neither limit is passed already.
    """
    _require_quota(project, needed, purpose)
    space_require_at(Path(settings.BLOB_DIR), needed, purpose=purpose)


def space_require_at(folder: Path, needed: int, *, purpose: str) -> None:
    """Raise NoSpace unless ``needed`` bytes fit on the disk that holds ``folder``.

    On a disk that holds the data, what uploads under way still have to write is counted as taken,
    and the reserve stays free.
    """
    free = Disk().free_bytes(folder)
    kept = promised = 0
    own = (Path(settings.BLOB_DIR), Path(settings.UPLOAD_DIR))
    if any(_same_disk(folder, place) for place in own):
        kept = settings.DISK_RESERVE_BYTES
        promised = _promised_to_uploads()
    if needed <= free - kept - promised:
        return
    parts = [f"{in_words(free)} free"]
    if kept:
        parts.append(f"{in_words(kept)} of it kept in reserve")
    if promised:
        parts.append(f"{in_words(promised)} of it promised to uploads under way")
    wish = f"{purpose} needs {in_words(needed)}" if needed else f"{purpose} cannot begin"
    raise NoSpace(
        f"{wish}, but the disk that holds {nearest_existing(folder)} has {', '.join(parts)}",
        hint="delete what is no longer needed, then run `manage.py collect`; or use a larger disk",
    )


def spaces_require(needs: Iterable[tuple[Path, int]], *, purpose: str) -> None:
    """Raise NoSpace unless all these bytes fit, of (folder, needed); what goes to one disk is
    added up. A disk that gets nothing may be full."""
    disks: dict[int, tuple[Path, int]] = {}
    for folder, needed in needs:
        if not needed:
            continue
        disk = nearest_existing(folder).stat().st_dev
        disks[disk] = (folder, disks.get(disk, (folder, 0))[1] + needed)
    for folder, needed in disks.values():
        space_require_at(folder, needed, purpose=purpose)


def project_quota(project: Project) -> int:
    """Return how many bytes the project may hold."""
    return settings.PROJECT_QUOTA_BYTES if project.quota_bytes is None else project.quota_bytes


def project_usage(project: Project) -> int:
    """Return how many bytes the project holds or will hold when its uploads are complete."""
    arriving = Upload.objects.filter(
        project=project, state__in=(UploadState.RECEIVING, UploadState.RECEIVED)
    ).aggregate(total=Sum("size"))["total"]
    return _held_bytes(project) + (arriving or 0)


def _require_quota(project: Project, needed: int, purpose: str) -> None:
    quota, used = project_quota(project), project_usage(project)
    if used + needed <= quota and used < quota:
        return
    wish = f"{purpose} needs {in_words(needed)}" if needed else f"{purpose} cannot begin"
    raise NoSpace(
        f"{wish}, but project {project.name} holds {in_words(used)} of its {in_words(quota)}",
        hint="delete what the project no longer needs, or have its quota raised",
    )


def _held_bytes(project: Project) -> int:
    """Measure what the project holds; keep the answer where measuring takes long.

    A large project takes seconds, and every rendered sample asks. So the answer is kept for a
    hundred times as long as it took: measuring then costs at most a hundredth of the time.
    """
    key = f"project-bytes-{project.pk}-{project.created_at.timestamp()}"
    kept: int | None = cache.get(key)
    if kept is not None:
        return kept
    begun = monotonic()
    held = project_bytes(project)
    took = monotonic() - begun
    if took > _LONG_SECONDS:
        cache.set(key, held, timeout=took * 100)
    return held


def _promised_to_uploads() -> int:
    rest = Upload.objects.filter(state=UploadState.RECEIVING).aggregate(
        total=Sum(F("size") - F("offset"))
    )["total"]
    return rest or 0


def _same_disk(one: Path, other: Path) -> bool:
    return nearest_existing(one).stat().st_dev == nearest_existing(other).stat().st_dev

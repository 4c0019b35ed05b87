"""Automatic masks as pages show them: what was asked for lately, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from datasets_app.models import Mask, Video
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import videos_of
from inference_app.domain.automatic import MAKERS
from matteweb.accounts.models import Project
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

MAKE_KIND: Final = "mask_make"
"""The kind of job that makes a mask."""

SHOWN: Final = 30
VIDEOS_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class MadeMask:
    """One job with the mask that came of it, if it is there. ``label``: of its maker."""

    job: Job
    label: str
    video: Video | None
    mask: Mask | None

    @property
    def live(self) -> bool:
        """Whether it changes by itself."""
        reading = self.mask is not None and self.mask.state == IngestState.ARRIVING
        return self.job.state in LIVE or reading


def mask_name(label: str, job_id: int) -> str:
    """Return what the mask of a job is called."""
    return f"{label} {job_id}"


def made_masks(project: Project) -> list[MadeMask]:
    """Return the newest jobs, newest first. Three queries."""
    jobs = list(Job.objects.filter(project=project, kind=MAKE_KIND).order_by("-pk")[:SHOWN])
    videos = Video.objects.in_bulk([job.target_id for job in jobs if job.target_id])
    masks = {
        (mask.video_id, mask.name): mask
        for mask in Mask.objects.filter(video__in=videos.values(), archived_at=None)
    }
    found = []
    for job in jobs:
        label = MAKERS[job.params["maker"]].info.label
        video = videos.get(job.target_id or 0)
        mask = masks.get((job.target_id or 0, mask_name(label, job.pk)))
        found.append(MadeMask(job, label, video, mask))
    return found


def maskable_videos(project: Project) -> list[Video]:
    """Return the newest videos that can be worked on."""
    ready = videos_of(project).filter(state=IngestState.READY, withdrawn_at=None)
    return list(ready[:VIDEOS_SHOWN])

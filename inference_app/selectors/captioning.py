"""Captions of many videos at once, as a page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from datasets_app.domain.captions import WORD_LIMITS
from datasets_app.models import Caption, Video
from datasets_app.models.caption import CaptionLength
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import videos_of
from matteweb.accounts.models import Project
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

CAPTION_KIND: Final = "captions_make"
"""The kind of job that describes videos."""

Show: TypeAlias = Literal["missing", "waiting", "approved", "all"]
PER_PAGE: Final = 20
JOBS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class CaptionField:
    """One length of one video. ``limit``: words, 0 for none; ``origin``: "" while there is none."""

    length: str
    label: str
    text: str
    limit: int
    origin: str
    approved: bool


@dataclass(frozen=True, slots=True)
class CaptionedVideo:
    """A video with all its lengths, there or not."""

    video: Video
    fields: tuple[CaptionField, ...]

    @property
    def waits(self) -> bool:
        """Whether something of it is to be approved."""
        return any(field.text and not field.approved for field in self.fields)


def captioned_videos(project: Project, show: Show) -> QuerySet[Video]:
    """Return the project's videos of that standing, newest first. ``missing``: a length is not
    there; ``waiting``: a text is not approved."""
    own = Caption.objects.filter(video=OuterRef("pk"))
    waiting = Exists(own.filter(approved=False))
    rows = videos_of(project).filter(state=IngestState.READY, withdrawn_at=None)
    if show == "missing":
        return rows.annotate(lengths=Count("captions")).filter(lengths__lt=len(CaptionLength))
    if show == "waiting":
        return rows.filter(waiting)
    if show == "approved":
        return rows.filter(Exists(own)).exclude(waiting)
    return rows


def show_named(given: str) -> Show:
    """Return the standing of that name, ``all`` for any other."""
    return next((one for one in get_args(Show) if one == given), "all")


def caption_counts(project: Project) -> Mapping[str, int]:
    """Return how many videos there are of each standing."""
    return {show: captioned_videos(project, show).count() for show in get_args(Show)}


def captioned(video: Video) -> CaptionedVideo:
    """Return the fields of a video whose captions were fetched with it."""
    have = {caption.length: caption for caption in video.captions.all()}
    fields = []
    for length in CaptionLength:
        known = have.get(length.value)
        fields.append(
            CaptionField(
                length=length.value,
                label=str(length.label),
                text=known.text if known else "",
                limit=WORD_LIMITS.get(length.value, 0),
                origin=known.get_origin_display() if known else "",
                approved=bool(known and known.approved),
            )
        )
    return CaptionedVideo(video, tuple(fields))


def captioning_jobs(project: Project) -> list[Job]:
    """Return the newest jobs that describe videos, newest first."""
    rows = Job.objects.filter(Q(project=project), kind=CAPTION_KIND)
    return list(rows.order_by("-pk")[:JOBS_SHOWN])


def is_under_way(jobs: list[Job]) -> bool:
    """Whether one of them changes by itself."""
    return any(job.state in LIVE for job in jobs)

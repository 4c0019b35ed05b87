"""Describing many videos by a captioner: asked for at once, made one after the other, approved."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.progress import ShouldStop
from datasets_app.models import Caption, Video
from datasets_app.models.caption import CaptionLength
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import frames_blob
from datasets_app.services.blobs import blob_path
from datasets_app.services.sources.captions import caption_set
from inference_app.domain.captioners import CAPTIONERS, prompts
from inference_app.domain.captioners.base import Captioner, Described, TokenBudget
from inference_app.selectors.captioning import CAPTION_KIND
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.context import JobContext
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create

MOST_VIDEOS: Final = 10_000


@transaction.atomic
def captioning_start(
    *,
    project: Project,
    videos: Sequence[Video],
    captioner_slug: str,
    again: bool = False,
    actor: Actor,
) -> Job:
    """Queue one job that describes all of them; what a person wrote or approved stays as it is.

    ``again``: texts of a model that nobody approved are made anew. Raises BadInput without videos,
    Conflict for a video that is not ready or a captioner that cannot work here.
    """
    captioner = CAPTIONERS[captioner_slug]
    if why_not := captioner.unavailable():
        raise Conflict(f"{captioner.info.label} cannot work here: {why_not}")
    if not 0 < len(videos) <= MOST_VIDEOS:
        raise BadInput(
            f"{len(videos)} videos were chosen", hint=f"choose from 1 to {MOST_VIDEOS} at once"
        )
    for video in videos:
        if video.state != IngestState.READY:
            raise Conflict(f"{video.name} is {video.state}", hint="wait until it is ready")
    wish = {
        "captioner": captioner.info.slug,
        "version": captioner.info.version,
        "videos": [video.pk for video in videos],
        "again": again,
    }
    job = job_create(
        project=project,
        kind=CAPTION_KIND,
        title=f"{captioner.info.label}: {len(videos)} videos",
        params=wish,
        actor=actor,
    )
    audit(
        actor=actor,
        project=project,
        action="captions.make",
        target_kind="job",
        target_id=job.pk,
        detail=wish,
    )
    return job


def captions_make(*, context: JobContext) -> None:
    """Describe the videos of a job that are not described yet. Safe after a kill: a video is done
    when its captions are written, and what was spent is in the checkpoint.

    A video that cannot be described is told in the job's log and left out. Raises Conflict when the
    service does not answer or the budget is spent: what is finished stays, and the job goes on
    there when it is tried again; BadInput when not one could be described.
    """
    job = Job.objects.select_related("project", "created_by").get(pk=context.job_id)
    captioner = CAPTIONERS[job.params["captioner"]]
    state: dict[str, Any] = {"done": [], "failed": 0, "spent": 0, **context.checkpoint}
    budget = TokenBudget(settings.CAPTION_TOKENS_PER_JOB, spent=state["spent"])
    pending = [pk for pk in job.params["videos"] if pk not in set(state["done"])]
    for pk in pending:
        context.progress(len(state["done"]), len(job.params["videos"]))
        if context.should_stop():
            raise Cancelled("captioning was stopped", hint="what is finished is kept")
        video = Video.objects.filter(pk=pk, archived_at=None).first()
        if video is not None:
            state["failed"] += not _describe(video, captioner, job, budget, context)
        state |= {
            "done": [*state["done"], pk],
            "spent": budget.spent,
        }
        context.save_checkpoint(state)
    context.progress(len(state["done"]), len(job.params["videos"]))
    if state["failed"] == len(job.params["videos"]):
        raise BadInput("no video could be described", hint="the job's log says why for each")


def captions_write(*, video: Video, texts: dict[str, str], approve: bool, actor: Actor) -> None:
    """Write the lengths of ``texts`` as a person left them. A text that was not changed keeps its
    origin; ``approve``: all that are there are approved."""
    have = {caption.length: caption for caption in video.captions.all()}
    for length, text in texts.items():
        known = have.get(length)
        if text.strip() != (known.text if known else ""):
            caption_set(video=video, length=length, text=text, actor=actor, approved=approve)
    if approve:
        captions_approve(videos=[video], actor=actor)


@transaction.atomic
def captions_approve(*, videos: Sequence[Video], actor: Actor) -> int:
    """Approve every text of these videos, which are of one project; return how many it were."""
    waiting = Caption.objects.filter(video__in=videos, approved=False)
    changed = list(waiting.values_list("pk", flat=True))
    if changed:
        waiting.filter(pk__in=changed).update(approved=True, edited_by=actor.user)
        audit(
            actor=actor,
            project=videos[0].project,
            action="captions.approve",
            target_kind="video",
            target_id=videos[0].pk,
            detail={"captions": changed},
        )
    return len(changed)


def _describe(
    video: Video, captioner: Captioner, job: Job, budget: TokenBudget, context: JobContext
) -> bool:
    """Write the captions of one video; return whether they are there."""
    wanted = _lengths_to_write(video, again=bool(job.params["again"]))
    if not wanted:
        return True
    try:
        pictures = _pictures(video, captioner.pictures, context.should_stop)
        described = captioner.describe(pictures, budget, context.should_stop)
    except BadInput as error:
        context.log(f"{video.name}: {error.message}")
        return False
    context.confirm_claim()
    _store(video, wanted, described, captioner, job)
    return True


@transaction.atomic
def _store(
    video: Video, wanted: Sequence[str], described: Described, captioner: Captioner, job: Job
) -> None:
    source = frames_blob(video)
    made_from = {
        "by": captioner.info.slug,
        "version": captioner.info.version,
        "model": described.model,
        "prompts": prompts.VERSION,
        "job": job.pk,
        "sources": [source.digest] if source else [],
        "code_version": settings.VERSION,
    }
    actor = Actor(job.created_by, AuditEntry.Channel.JOB)
    # Somebody may have written one meanwhile.
    for length in set(wanted) & set(_lengths_to_write(video, again=True)):
        text: str = getattr(described.captions, length)
        written = caption_set(
            video=video, length=length, text=text, actor=actor, origin=Caption.Origin.MODEL
        )
        if written is not None:
            Caption.objects.filter(pk=written.pk).update(made_from=made_from)


def _lengths_to_write(video: Video, *, again: bool) -> list[str]:
    kept = Caption.objects.filter(video=video)
    if again:
        kept = kept.exclude(origin=Caption.Origin.MODEL, approved=False)
    have = set(kept.values_list("length", flat=True))
    return [length for length in CaptionLength.values if length not in have]


def _pictures(video: Video, count: int, should_stop: ShouldStop) -> list[RgbFrame]:
    """Return ``count`` frames spread evenly over the video, or all of a shorter one."""
    path, frames = blob_path(frames_blob(video)), video.frames or 1
    count = min(count, frames)
    found: list[RgbFrame] = []
    for number in range(count):
        if should_stop():
            raise Cancelled("captioning was stopped", hint="what is finished is kept")
        at = (2 * number + 1) * frames // (2 * count)
        with closing(read_rgb(path, start=at, stop=at + 1)) as one:
            found += list(one)
    return found

"""Carrying masks that nobody watches: a job does it."""

from __future__ import annotations

from inference_app.models import MaskSession
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, User
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import JobState


def carrying_hand_over(*, session: MaskSession, frame: int, user: int | None) -> Job:
    """Queue what is left of a propagation, once; returns the job that is queued already if so."""
    waiting = Job.objects.filter(
        kind="mask_carry",
        target_id=session.pk,
        params={"frame": frame},
        state=JobState.QUEUED,
    ).first()
    if waiting is not None:
        return waiting
    person = None if user is None else User.objects.filter(pk=user).first()
    actor = Actor(person, AuditEntry.Channel.JOB)
    return job_create(
        project=session.video.project,
        kind="mask_carry",
        title=f"Carry masks of {session.video.name} from frame {frame}",
        target_id=session.pk,
        params={"frame": frame},
        actor=actor,
    )

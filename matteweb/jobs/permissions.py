"""Who may stop a job and start it again."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from matteweb.accounts.access import require
from matteweb.accounts.models import Role, User
from matteweb.jobs.models import Job


def require_steering(user: User | AnonymousUser, job: Job) -> None:
    """Check that ``user`` may steer the job: their own from annotator on, any from lead on.

    Raises NotFound for somebody outside the project, else NotAllowed.
    """
    own = job.created_by_id is not None and job.created_by_id == user.pk
    require(user, job.project, Role.ANNOTATOR if own else Role.LEAD)

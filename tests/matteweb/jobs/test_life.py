"""Whatever happens in whatever order, a job only moves as the table allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matteweb.errors import Conflict
from matteweb.jobs.holding import job_beat, job_claim, job_finish, job_orphaned, job_write
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel, job_move, job_retry
from matteweb.jobs.states import ALLOWED, JobState
from tests import factories
from tests.matteweb.jobs.conftest import MakeJob
from tests.scale import scale

pytestmark = pytest.mark.django_db

TOKENS = ("host-1-1-a", "host-2-2-b")


def refused(act: Callable[..., Job], job: Job) -> None:
    try:
        act(job=job, actor=factories.actor())
    except Conflict:
        assert Job.objects.get(pk=job.pk).state == job.state


ACTS: dict[str, Callable[[Job, str], object]] = {
    "claim": lambda job, token: job_claim(job.pk, token),
    "beat": lambda job, token: job_beat(job.pk, token),
    "write": lambda job, token: job_write(job.pk, token, done=1),
    "done": lambda job, token: job_finish(job.pk, token, JobState.DONE),
    "fail": lambda job, token: job_finish(job.pk, token, JobState.FAILED, error="x"),
    "wait": lambda job, token: job_finish(job.pk, token, JobState.WAITING),
    "again": lambda job, token: job_finish(job.pk, token, JobState.QUEUED),
    "room": lambda job, _: job_move(job.pk, source=JobState.WAITING, to=JobState.QUEUED),
    "cancel": lambda job, _: refused(job_cancel, job),
    "retry": lambda job, _: refused(job_retry, job),
    "die": lambda job, _: job.state == JobState.RUNNING and job_orphaned(job, "it died"),
}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=scale(30, 300),
)
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from(TOKENS)), max_size=25))
def test_a_job_moves_only_as_the_table_allows(
    make_job: MakeJob, acts: list[tuple[str, str]]
) -> None:
    job = make_job()
    for act, token in acts:
        before = Job.objects.get(pk=job.pk)
        ACTS[act](before, token)
        after = Job.objects.get(pk=job.pk)
        assert after.seq >= before.seq
        if after.state != before.state:
            assert after.state in ALLOWED[JobState(before.state)]
            assert after.seq > before.seq
        if before.state == JobState.RUNNING and before.claim != token and act not in NOT_OWNERS:
            assert after.done == before.done
            assert (after.state, after.claim) == (before.state, before.claim)


NOT_OWNERS = {"cancel", "die"}

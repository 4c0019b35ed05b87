"""Creating, cancelling, retrying, and the table of moves."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django_q.models import OrmQ

from matteweb.accounts.models import AuditEntry
from matteweb.errors import Conflict
from matteweb.jobs.holding import job_claim
from matteweb.jobs.models import Job
from matteweb.jobs.services import RUN_JOB, job_cancel, job_create, job_move, job_retry
from matteweb.jobs.states import ALLOWED, JobState
from tests import factories
from tests.matteweb.jobs.conftest import MakeJob

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_job_enters_the_queue_when_its_transaction_commits(make_job: MakeJob) -> None:
    with transaction.atomic():
        job = make_job()
        assert not OrmQ.objects.exists()
    (call,) = OrmQ.objects.all()
    assert (call.func(), call.args()) == (RUN_JOB, (job.pk,))


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_fails_was_never_there(make_job: MakeJob) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        make_job()
        raise RuntimeError
    assert not OrmQ.objects.exists()
    assert not Job.objects.exists()


def test_a_kind_without_a_handler_is_refused() -> None:
    with pytest.raises(ValueError, match="unheard_of"):
        job_create(
            project=factories.project(),
            kind="unheard_of",
            title="x",
            actor=factories.actor(),
        )


def test_only_moves_of_the_table_are_possible(make_job: MakeJob) -> None:
    job = make_job()
    for source, to in product(JobState, JobState):
        if to not in ALLOWED[source]:
            with pytest.raises(ValueError, match="never becomes"):
                job_move(job.pk, source=source, to=to)


def test_a_move_from_another_state_changes_nothing(make_job: MakeJob) -> None:
    job = make_job()
    assert not job_move(job.pk, source=JobState.FAILED, to=JobState.QUEUED)
    assert Job.objects.get(pk=job.pk).seq == job.seq


def test_the_database_itself_wants_a_claim_exactly_while_running(make_job: MakeJob) -> None:
    job = make_job()
    for wrong in ({"state": JobState.RUNNING}, {"claim": "host-1-1-x"}, {"state": "dreaming"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(**wrong)


def test_changes_are_numbered_in_the_order_of_their_commits(make_job: MakeJob) -> None:
    first, second = make_job(), make_job()
    job_cancel(job=first, actor=factories.actor())
    assert first.seq > second.seq > 0


def test_a_queued_job_is_cancelled_at_once_and_on_record(make_job: MakeJob) -> None:
    person, job = factories.user(), make_job()
    job_cancel(job=job, actor=factories.actor(person))
    assert job.state == JobState.CANCELLED
    assert job.finished_at is not None
    entry = AuditEntry.objects.get(action="job.cancel")
    assert (entry.actor, entry.target_id) == (person, str(job.pk))


def test_a_cancelled_job_cannot_be_claimed(make_job: MakeJob) -> None:
    job = make_job()
    job_cancel(job=job, actor=factories.actor())
    assert job_claim(job.pk, "host-1-1-x") is None


def test_a_running_job_is_asked_to_stop(make_job: MakeJob) -> None:
    job = make_job()
    job_claim(job.pk, "host-1-1-x")
    job_cancel(job=job, actor=factories.actor())
    assert (job.state, job.cancel_requested) == (JobState.RUNNING, True)


def test_what_has_ended_cannot_be_cancelled(make_job: MakeJob) -> None:
    job = make_job()
    job_cancel(job=job, actor=factories.actor())
    with pytest.raises(Conflict, match="cancelled"):
        job_cancel(job=job, actor=factories.actor())
    assert AuditEntry.objects.filter(action="job.cancel").count() == 1


def test_a_retried_job_keeps_its_checkpoint_and_forgets_its_failure(make_job: MakeJob) -> None:
    job = make_job()
    job_claim(job.pk, "host-1-1-x")
    job_move(
        job.pk,
        source=JobState.RUNNING,
        to=JobState.FAILED,
        held_by="host-1-1-x",
        error="it broke",
        crashes=5,
        checkpoint={"at": 3},
    )
    job.refresh_from_db()
    job_retry(job=job, actor=factories.actor())
    assert (job.state, job.error, job.crashes) == (JobState.QUEUED, "", 0)
    assert job.checkpoint == {"at": 3}


def test_a_queued_job_cannot_be_retried(make_job: MakeJob) -> None:
    with pytest.raises(Conflict, match="queued"):
        job_retry(job=make_job(), actor=factories.actor())

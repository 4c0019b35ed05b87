"""What deaths leave behind is put right."""

from __future__ import annotations

import os
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from matteweb.jobs import room
from matteweb.jobs.claims import claim_owner, claim_token, owner_here, surely_dead
from matteweb.jobs.context import JobContext
from matteweb.jobs.holding import job_claim, job_finish, job_orphaned
from matteweb.jobs.models import Job, WorkerPool
from matteweb.jobs.runner import run_here
from matteweb.jobs.services import workers_alive
from matteweb.jobs.states import JobState
from matteweb.jobs.sweeper import housekeep, sweep
from matteweb.jobs.workers import pool_beat, pool_gone
from tests.matteweb.jobs.conftest import MakeJob

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dead_token() -> str:
    """Return a claim of a process of this host that has died."""
    with subprocess.Popen(["sleep", "60"]) as process:  # noqa: S607
        token = f"{owner_here(process.pid)}-0123456789abcdef"
        assert not surely_dead(claim_owner(token))
        process.kill()
    assert surely_dead(claim_owner(token))
    return token


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def test_a_number_that_was_given_to_another_process_is_dead() -> None:
    host, pid, started, rest = claim_token().split("-")
    assert int(pid) == os.getpid()
    assert surely_dead(claim_owner(f"{host}-{pid}-{int(started) - 1}-{rest}"))


def test_of_another_host_nobody_is_surely_dead() -> None:
    assert not surely_dead(claim_owner("00000000-1-1-x"))


def test_the_job_of_a_dead_process_is_queued_at_once(make_job: MakeJob, dead_token: str) -> None:
    job = make_job()
    job_claim(job.pk, dead_token)
    sweep()
    assert (state_of(job), job.claim, job.crashes) == (JobState.QUEUED, "", 1)
    assert job.log[-1]["text"] == "its process died"
    assert OrmQ.objects.count() == 2


def test_a_living_process_keeps_its_job(make_job: MakeJob) -> None:
    job = make_job()
    job_claim(job.pk, claim_token())
    sweep()
    assert state_of(job) == JobState.RUNNING


@pytest.mark.parametrize("owner", ["here", "00000000-1-1-x"])
def test_a_silent_process_loses_its_job(make_job: MakeJob, settings: Any, owner: str) -> None:
    job = make_job()
    job_claim(job.pk, claim_token() if owner == "here" else owner)
    silence = timedelta(seconds=settings.JOB_DEAD_AFTER_SECONDS + 1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - silence)
    sweep()
    assert state_of(job) == JobState.QUEUED
    assert "nothing was heard" in job.log[-1]["text"]


def test_a_death_after_a_wish_to_cancel_cancels(make_job: MakeJob, dead_token: str) -> None:
    job = make_job()
    job_claim(job.pk, dead_token)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    sweep()
    assert state_of(job) == JobState.CANCELLED


def test_deaths_without_progress_fail_the_job_in_plain_words(
    make_job: MakeJob, settings: Any, dead_token: str
) -> None:
    job = make_job()
    for _ in range(settings.JOB_CRASHES_ALLOWED):
        assert state_of(job) == JobState.QUEUED
        job_claim(job.pk, dead_token)
        sweep()
    assert state_of(job) == JobState.FAILED
    assert job.error.startswith("The process that ran this job died 5 times in a row")


def test_deaths_with_progress_in_between_go_on_for_ever(
    make_job: MakeJob, settings: Any, dead_token: str
) -> None:
    job = make_job()
    for life in range(3 * settings.JOB_CRASHES_ALLOWED):
        claimed = job_claim(job.pk, dead_token)
        assert claimed is not None
        context = JobContext(claimed, lambda: False)
        context.step("work")
        context._written_at = 0
        context.progress(life + 1, 100)
        sweep()
        assert state_of(job) == JobState.QUEUED


def test_the_same_progress_again_is_none(make_job: MakeJob, settings: Any, dead_token: str) -> None:
    job = make_job()
    for _ in range(settings.JOB_CRASHES_ALLOWED):
        claimed = job_claim(job.pk, dead_token)
        assert claimed is not None
        context = JobContext(claimed, lambda: False)
        context.step("work")
        context._written_at = 0
        context.progress(7, 100)
        sweep()
    assert state_of(job) == JobState.FAILED
    assert "than 7 frames of “work”" in job.error


def test_a_death_that_is_no_fault_of_the_job_does_not_count(
    make_job: MakeJob, settings: Any, dead_token: str
) -> None:
    job = make_job()
    for _ in range(3 * settings.JOB_CRASHES_ALLOWED):
        claimed = job_claim(job.pk, dead_token)
        assert claimed is not None
        assert job_orphaned(claimed, "the pool was stopped", counts=False)
    assert (state_of(job), job.crashes) == (JobState.QUEUED, 0)


def test_a_job_is_taken_from_its_dead_owner_once(make_job: MakeJob, dead_token: str) -> None:
    job = make_job()
    claimed = job_claim(job.pk, dead_token)
    assert claimed is not None
    assert job_orphaned(claimed, "first")
    assert not job_orphaned(claimed, "second")
    assert state_of(job) == JobState.QUEUED
    assert job.crashes == 1


def test_who_lost_the_claim_cannot_finish(make_job: MakeJob, dead_token: str) -> None:
    job = make_job()
    job_claim(job.pk, dead_token)
    sweep()
    assert not job_finish(job.pk, dead_token, JobState.DONE)
    assert state_of(job) == JobState.QUEUED


def test_waiting_jobs_go_on_when_there_is_room(make_job: MakeJob, settings: Any) -> None:
    job = run_here(make_job("no_room").pk)
    sweep()
    assert state_of(job) == JobState.WAITING  # not at once: it has just found that there is none
    settings.JOB_WAITS_AT_LEAST_SECONDS = 0
    settings.DISK_RESERVE_BYTES = room.disk_free() * 2
    sweep()
    assert state_of(job) == JobState.WAITING
    settings.DISK_RESERVE_BYTES = 0
    sweep()
    assert (state_of(job), job.error) == (JobState.QUEUED, "")


def test_a_lost_call_is_repeated_and_a_waiting_one_is_not_doubled(
    make_job: MakeJob, settings: Any
) -> None:
    settings.JOB_CALL_LOST_AFTER_SECONDS = 0
    lost, waiting = make_job(), make_job()
    OrmQ.objects.filter(pk=min(call.pk for call in OrmQ.objects.all())).delete()
    for _ in range(3):
        sweep()
    assert sorted(call.args()[0] for call in OrmQ.objects.all()) == [lost.pk, waiting.pk]


def test_a_call_that_a_dead_pool_had_fetched_is_repeated(make_job: MakeJob, settings: Any) -> None:
    settings.JOB_CALL_LOST_AFTER_SECONDS = 0
    job = make_job()
    OrmQ.objects.update(lock=timezone.now() + timedelta(days=30))
    sweep()
    (again,) = OrmQ.objects.filter(lock__lte=timezone.now())
    assert again.args() == (job.pk,)


def test_housekeeping_forgets_calls_of_ended_jobs_and_pools_of_old(make_job: MakeJob) -> None:
    live, ended = make_job(n=0), make_job(n=0)
    OrmQ.objects.update(lock=timezone.now() + timedelta(days=30))
    run_here(ended.pk)
    pool_beat(2)
    WorkerPool.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    housekeep()
    assert [call.args()[0] for call in OrmQ.objects.all()] == [live.pk]
    assert not WorkerPool.objects.exists()


def test_housekeeping_of_an_application_that_fails_stops_nothing(settings: Any) -> None:
    settings.HOUSEKEEPING = [
        "matteweb.jobs.absent.function",
        "matteweb.jobs.workers.pool_gone",
    ]
    pool_beat(2)
    housekeep()
    assert not workers_alive()


def test_workers_are_there_from_the_first_beat_to_the_end(settings: Any) -> None:
    assert not workers_alive()
    pool_beat(2)
    pool_beat(2)
    assert workers_alive()
    assert WorkerPool.objects.count() == 1
    pool_gone()
    assert not workers_alive()


def test_a_pool_that_was_killed_is_not_there(dead_token: str) -> None:
    identity = str(claim_owner(dead_token))
    WorkerPool.objects.create(identity=identity, host="x", slots=2, seen_at=timezone.now())
    assert not workers_alive()

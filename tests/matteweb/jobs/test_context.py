"""What a handler sees of its job."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from matteweb.jobs import context as context_module
from matteweb.jobs.context import ClaimLost, JobContext
from matteweb.jobs.holding import LOG_LINES_KEPT, job_claim, job_finish
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel
from matteweb.jobs.states import JobState
from tests import factories
from tests.matteweb.jobs.conftest import MakeJob

pytestmark = pytest.mark.django_db

TOKEN = "host-1-1-a"


class Clock:
    """A clock that the test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(context_module, "monotonic", clock)
    return clock


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    return make_job()


@pytest.fixture
def context(job: Job, clock: Clock) -> JobContext:
    claimed = job_claim(job.pk, TOKEN)
    assert claimed is not None
    return JobContext(claimed, lambda: False)


def test_progress_is_written_at_most_four_times_a_second(
    context: JobContext, clock: Clock, job: Job
) -> None:
    context.step("render")
    seen = set()
    for frame in range(300):
        clock.now = frame * 0.01
        context.progress(frame, 300)
        seen.add(Job.objects.get(pk=job.pk).seq)
    assert 10 <= len(seen) <= 13


def test_the_last_progress_is_never_lost(context: JobContext) -> None:
    context.step("render")
    context.progress(1, 9)
    assert context.last_words()["done"] == 1


def test_the_rate_is_told_in_units_per_second(context: JobContext, clock: Clock, job: Job) -> None:
    context.step("render")
    for frame in range(100):
        clock.now = frame * 0.1
        context.progress(frame, 100)
    assert Job.objects.get(pk=job.pk).rate == pytest.approx(10)


def test_a_step_that_is_taken_again_keeps_its_place_and_adds_its_time(
    context: JobContext, clock: Clock, job: Job
) -> None:
    for name in ("plan", "render", "plan"):
        context.step(name)
        clock.now += 2
    words = context.last_words()
    assert [(step["name"], step["seconds"]) for step in words["steps"]] == [
        ("plan", 4.0),
        ("render", 2.0),
    ]


def test_another_turn_at_a_step_does_not_jump_back_to_nothing(
    context: JobContext, clock: Clock, job: Job
) -> None:
    context.step("render")
    clock.now += 1
    context.progress(40, 100)
    job_finish(job.pk, TOKEN, JobState.QUEUED, **context.last_words())
    claimed = job_claim(job.pk, TOKEN)
    assert claimed is not None
    again = JobContext(claimed, lambda: False)
    again.step("render")
    job.refresh_from_db()
    assert (job.done, job.total) == (40, 100)
    again.step("encode")
    again.step("render")
    job.refresh_from_db()
    assert (job.done, job.total) == (0, None)


def test_a_wish_to_stop_is_seen_within_half_a_second(
    context: JobContext, clock: Clock, job: Job
) -> None:
    assert not context.should_stop()
    job_cancel(job=job, actor=factories.actor())
    clock.now += 0.5
    assert context.should_stop()
    assert context.cancelled


def test_asking_often_costs_no_queries(context: JobContext, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        for _ in range(1000):
            context.should_stop()
            context.progress(0, None)


def test_a_checkpoint_is_stored_at_once(context: JobContext, job: Job) -> None:
    context.save_checkpoint({"next": 7})
    assert Job.objects.get(pk=job.pk).checkpoint == {"next": 7}


def test_every_write_tells_that_the_claim_was_lost(
    context: JobContext, clock: Clock, job: Job
) -> None:
    Job.objects.filter(pk=job.pk).update(claim="host-2-2-b")
    with pytest.raises(ClaimLost):
        context.save_checkpoint({"a": 1})
    with pytest.raises(ClaimLost):
        context.step("render")
    with pytest.raises(ClaimLost), transaction.atomic():
        context.confirm_claim()
    clock.now += 1
    with pytest.raises(ClaimLost):
        context.should_stop()
    clock.now += 1
    with pytest.raises(ClaimLost):
        context.progress(1, 2)
    job.refresh_from_db()
    assert (job.checkpoint, job.step, job.done) == ({}, "", 0)


def test_the_log_keeps_its_last_lines(context: JobContext) -> None:
    for number in range(LOG_LINES_KEPT + 5):
        context.log(f"line {number}")
    log = context.last_words()["log"]
    assert len(log) == LOG_LINES_KEPT
    assert log[-1]["text"] == f"line {LOG_LINES_KEPT + 4}"

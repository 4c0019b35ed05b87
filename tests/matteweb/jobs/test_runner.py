"""How each way in which a handler can end is told to people."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from matteweb.jobs import room
from matteweb.jobs.holding import job_claim
from matteweb.jobs.models import Job
from matteweb.jobs.runner import _turn, run_here, run_job, wait_for
from matteweb.jobs.services import job_cancel
from matteweb.jobs.states import JobState
from tests import factories
from tests.matteweb.jobs.conftest import MakeJob
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_handler_that_returns_makes_its_job_done(make_job: MakeJob) -> None:
    job = run_here(make_job(n=7).pk)
    assert job.state == JobState.DONE
    assert (job.step, job.done, job.total, job.unit) == ("count", 7, 7, "steps")
    assert (job.attempt, job.claim, job.rate) == (1, "", None)
    assert job.finished_at is not None
    assert [entry["name"] for entry in job.steps] == ["count"]
    assert job.steps[0]["done"] == 7


def test_django_q_runs_a_job_by_the_same_turn(make_job: MakeJob) -> None:
    job = make_job(n=2)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_second_delivery_does_nothing(make_job: MakeJob) -> None:
    job = make_job(n=1)
    assert job_claim(job.pk, "host-1-1-x")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.claim, job.attempt) == (JobState.RUNNING, "host-1-1-x", 1)


def test_an_error_for_people_is_kept_in_its_own_words(make_job: MakeJob) -> None:
    job = run_here(make_job("bad_input").pk)
    assert job.state == JobState.FAILED
    assert (job.error, job.hint) == ("clip 12 has no frames", "upload it again")
    assert job.traceback == ""


def test_an_unexpected_error_names_the_step_and_keeps_the_traceback(make_job: MakeJob) -> None:
    job = run_here(make_job("broken").pk)
    assert job.state == JobState.FAILED
    assert "during “divide”: ZeroDivisionError" in job.error
    assert "handlers.py" in job.traceback
    assert job.hint


def test_too_little_memory_is_said_plainly(make_job: MakeJob) -> None:
    job = run_here(make_job("memory").pk)
    assert job.error.startswith("The machine ran out of memory")
    assert "MATTEWEB_WORKERS" in job.hint


def test_a_full_disk_elsewhere_fails_and_is_said_plainly(make_job: MakeJob) -> None:
    job = run_here(make_job("full_disk").pk)
    assert job.state == JobState.FAILED
    assert job.error.startswith("A disk or a quota is full during “write”")


def test_a_full_data_disk_makes_the_job_wait(make_job: MakeJob, settings: Any) -> None:
    settings.DISK_RESERVE_BYTES = room.disk_free() * 2
    job = run_here(make_job("full_disk").pk)
    assert job.state == JobState.WAITING
    assert "kept in reserve" in job.error


def test_a_job_without_room_waits_and_a_command_is_told_so(make_job: MakeJob) -> None:
    job = wait_for(make_job("no_room").pk)
    assert (job.state, job.error) == (JobState.WAITING, "the disk has 3 MiB free")
    assert job.finished_at is None


def test_a_job_that_gives_up_its_turn_goes_on_without_counting_attempts(
    make_job: MakeJob,
) -> None:
    job = make_job("in_turns")
    assert run_here(job.pk).state == JobState.QUEUED
    job = wait_for(job.pk)
    assert (job.state, job.attempt, job.checkpoint) == (JobState.DONE, 1, {"units": 3})
    assert [line["text"][:16] for line in job.log] == ["attempt 1 begins", "done"]


def test_cancelling_stops_a_running_job_at_its_next_look(
    make_job: MakeJob, allowed: threading.Semaphore
) -> None:
    job = make_job("count_as_allowed", n=9)
    runner = threading.Thread(target=_run_in_thread, args=[job.pk])
    runner.start()
    allowed.release(3)
    wait_until(lambda: Job.objects.get(pk=job.pk).done == 3, 60, "three steps are done")
    job_cancel(job=job, actor=factories.actor())
    allowed.release(6)
    runner.join()
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 3)


def test_an_interrupt_at_the_keyboard_puts_the_job_back(make_job: MakeJob) -> None:
    job = make_job("interrupted")
    with pytest.raises(KeyboardInterrupt):
        run_here(job.pk)
    job.refresh_from_db()
    assert (job.state, job.claim) == (JobState.QUEUED, "")


def test_an_owner_that_lost_its_claim_writes_nothing_more(make_job: MakeJob) -> None:
    job = run_here(make_job("lose_claim").pk)
    assert (job.state, job.claim) == (JobState.RUNNING, "other-1-1-x")
    assert job.checkpoint == {}
    assert all(line["text"] != "went on" for line in job.log)


def test_an_owner_learns_by_its_heartbeat_that_the_job_has_gone(
    make_job: MakeJob, allowed: threading.Semaphore, settings: Any
) -> None:
    settings.JOB_HEARTBEAT_SECONDS = 0.05
    job, lost = make_job("count_as_allowed", n=9), threading.Event()

    def own() -> None:
        _turn(job.pk, leaving=lambda: False, claim_lost=lost.set)
        connection.close()

    owner = threading.Thread(target=own)
    owner.start()
    allowed.release(3)
    wait_until(lambda: Job.objects.get(pk=job.pk).done == 3, 60, "three steps are done")
    Job.objects.filter(pk=job.pk).update(claim="other-1-1-x")
    assert lost.wait(60)  # while the handler neither writes nor looks
    allowed.release(6)
    owner.join()
    job.refresh_from_db()
    assert (job.claim, job.done) == ("other-1-1-x", 3)


def test_the_heart_beats_while_the_main_thread_is_busy(
    make_job: MakeJob, allowed: threading.Semaphore, settings: Any
) -> None:
    settings.JOB_HEARTBEAT_SECONDS = 0.05
    job = make_job("count_as_allowed", n=1)
    runner = threading.Thread(target=_run_in_thread, args=[job.pk])
    runner.start()
    beats = set()

    def has_beaten() -> bool:
        beats.add(Job.objects.get(pk=job.pk).heartbeat_at)
        return len(beats) >= 8  # three at most come from elsewhere

    wait_until(has_beaten, 60, "the heart has beaten five times")
    allowed.release()
    runner.join()


def _run_in_thread(job_id: int) -> None:
    run_here(job_id)
    connection.close()

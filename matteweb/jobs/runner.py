"""Runs one turn at a job: the only place where the errors of background work are caught."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from time import sleep
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string

from matteweb.errors import Cancelled
from matteweb.jobs import room
from matteweb.jobs.claims import claim_token
from matteweb.jobs.context import Again, ClaimLost, JobContext, Wait
from matteweb.jobs.failures import explain, lacks_room
from matteweb.jobs.holding import Standing, job_beat, job_claim, job_finish
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE, JobState
from matteweb.jobs.sweeper import sweep
from matteweb.jobs.workers import workers_alive

# The exit code of a worker whose job was given to another; it held no lock of its pool.
FENCED = 75
LOOKS_APART_SECONDS = 0.2

logger = logging.getLogger(__name__)
_leaving = False


def run_job(job_id: int) -> None:
    """Run a turn in a worker; django-q2 calls this by name. Does nothing if the job is taken."""
    if _leaving:
        return  # the sweeper enters the job again
    signal.signal(signal.SIGTERM, _leave)
    _turn(job_id, leaving=lambda: _leaving, claim_lost=_die)
    if _leaving:
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def run_here(job_id: int) -> Job:
    """Run a turn in this process, for commands when no worker lives; return the job afterwards.

    An interrupt puts the job back into the queue and is raised again.
    """
    _turn(job_id, leaving=lambda: False, claim_lost=lambda: None)
    return Job.objects.get(pk=job_id)


def wait_for(job_id: int) -> Job:
    """Return the job when it has ended, or when it waits for room on the disk.

    Runs it here whenever no worker lives.
    """
    while True:
        if not workers_alive():
            sweep()  # an owner that died, or room that came back, is nobody else's business then
            run_here(job_id)
        job = Job.objects.get(pk=job_id)
        if job.state not in LIVE or job.state == JobState.WAITING:
            return job
        if job.state == JobState.RUNNING or workers_alive():
            sleep(LOOKS_APART_SECONDS)


def _turn(job_id: int, *, leaving: Callable[[], bool], claim_lost: Callable[[], None]) -> None:
    token = claim_token()
    job = job_claim(job_id, token)
    if job is None:
        return
    context = JobContext(job, leaving)
    _log_beginning(job, context)
    try:
        with _Heartbeat(job_id, token, claim_lost):
            to, changes = _outcome(job, context)
    except ClaimLost as lost:
        logger.warning("%s", lost)
        return
    except BaseException:
        job_finish(job_id, token, JobState.QUEUED, **context.last_words())
        raise
    if not job_finish(job_id, token, to, **changes):
        logger.warning("job %s went to another process as it ended", job_id)


def _log_beginning(job: Job, context: JobContext) -> None:
    """Say it once per attempt: a job that gives up its turn often would fill its log with it."""
    words = f"attempt {job.attempt} begins"
    if not any(line["text"].startswith(words) for line in job.log):
        context.log(f"{words} in process {os.getpid()}")


def _outcome(job: Job, context: JobContext) -> tuple[JobState, dict[str, Any]]:
    """Call the handler; return the state that its end means and the fields that go with it."""
    try:
        handler: Callable[[JobContext], None] = import_string(settings.JOB_HANDLERS[job.kind])
        handler(context)
    except Again:
        return JobState.QUEUED, {**context.last_words(), "attempt": job.attempt - 1}
    except Wait as wait:
        return _waiting(context, wait.reason)
    except Cancelled:
        # A worker that is to end interrupts its handler in the same way as a person does.
        interrupted = context.leaving and not context.cancelled
        context.log("interrupted: the worker ends" if interrupted else "stopped")
        to = JobState.QUEUED if interrupted else JobState.CANCELLED
        return to, context.last_words()
    except Exception as error:
        if lacks_room(error):
            return _waiting(context, room.shortage())
        failure = explain(error, context.step_name)
        logger.warning("job %s failed: %s", job.pk, failure.message)
        context.log(failure.message)
        return JobState.FAILED, {**context.last_words(), **failure.as_fields()}
    context.log("done")
    return JobState.DONE, context.last_words()


def _waiting(context: JobContext, reason: str) -> tuple[JobState, dict[str, Any]]:
    context.log(reason)
    hint = "It goes on by itself when there is room: delete or archive what is not needed."
    return JobState.WAITING, {**context.last_words(), "error": reason, "hint": hint}


def _leave(*_: object) -> None:
    # A plain flag: an Event would lock, and a second signal in its handler would wait for ever.
    global _leaving
    _leaving = True


def _die() -> None:
    """End this process before it writes anything for a job that another one has taken over."""
    logger.critical("the job of process %s was taken over; the process ends", os.getpid())
    os._exit(FENCED)


class _Heartbeat(threading.Thread):
    """Says every two seconds that the owner lives, however busy its main thread is."""

    def __init__(self, job_id: int, token: str, claim_lost: Callable[[], None]) -> None:
        super().__init__(name=f"heartbeat of job {job_id}", daemon=True)
        self._job_id, self._token, self._claim_lost = job_id, token, claim_lost
        self._ended = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Beat until the turn ends."""
        while not self._ended.wait(settings.JOB_HEARTBEAT_SECONDS):
            try:
                standing = job_beat(self._job_id, self._token)
            except DatabaseError:
                logger.warning("a heartbeat of job %s was missed", self._job_id, exc_info=True)
                continue
            if standing is Standing.LOST and not self._ended.is_set():
                self._claim_lost()
                break
        connection.close()

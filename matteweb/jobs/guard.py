"""The guard of a pool: starts the worker processes and replaces those that die.

django-q2 gives its workers tasks through a ``multiprocessing`` queue. A worker that waits holds the
queue's lock, and so do the processes at its ends for moments; one that is killed then takes the
lock with it and leaves the others waiting for ever. django-q2's own guard starts a new worker and
sees nothing. This one tells the two deaths apart: a worker that was busy with a job holds no lock
and is replaced, after any other sudden death the whole pool begins anew.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterable
from datetime import timedelta
from multiprocessing.process import BaseProcess
from time import monotonic, sleep

from django.conf import settings
from django.db import connections
from django.utils import timezone
from django_q.cluster import Sentinel
from django_q.conf import Conf

from matteweb.jobs.claims import this_host
from matteweb.jobs.holding import job_orphaned
from matteweb.jobs.models import Job
from matteweb.jobs.runner import FENCED
from matteweb.jobs.states import JobState

# For so long after a job began, the result of the one before may still be on its way.
SETTLED_AFTER = timedelta(seconds=0.2)

logger = logging.getLogger(__name__)


class Guard(Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's guard with another idea of death. Its constructor runs it to the end."""

    def guard(self) -> None:
        """Replace dead workers until the parent says stop, then stop."""
        signal.signal(signal.SIGTERM, lambda *_: self.stop_event.set())
        self.start_event.set()
        while not self.stop_event.wait(Conf.GUARD_CYCLE):
            self._replace_dead()
            if not (self.pusher.is_alive() and self.monitor.is_alive()):
                self._break_down("a process of the queue died")
        self.stop()

    def stop(self) -> None:
        """End all processes.

        1. Ask: an idle worker ends at once, a busy one has its handler stop and queues its job.
        2. After the time of grace, kill what is left; its jobs are queued and it is not held
           against them.
        """
        workers = list(self.pool)
        for process in (*workers, self.pusher, self.monitor):
            process.terminate()
        deadline = monotonic() + settings.JOB_STOP_GRACE_SECONDS
        while any(process.is_alive() for process in workers) and monotonic() < deadline:
            sleep(0.05)
        self._kill((*workers, self.pusher, self.monitor))
        for process in workers:
            _bury(process, "its worker was stopped", counts=False)

    def _replace_dead(self) -> None:
        for process in [process for process in self.pool if not process.is_alive()]:
            self.pool.remove(process)
            had_job = _bury(process, f"its worker died ({_manner(process)})")
            if process.exitcode not in (0, FENCED) and not had_job:
                self._break_down(f"an idle worker died ({_manner(process)})")
            connections.close_all()  # a fork must not share an open database
            self.spawn_worker()

    def _break_down(self, cause: str) -> None:
        """End this process and its children, so that the parent starts a new pool."""
        logger.warning("%s; the pool starts anew", cause)
        workers = list(self.pool)
        self._kill((*workers, self.pusher, self.monitor))
        for process in workers:
            _bury(process, f"its pool started anew, since {cause}", counts=False)
        os._exit(1)

    @staticmethod
    def _kill(processes: Iterable[BaseProcess]) -> None:
        for process in processes:
            process.kill()
            process.join()


def _bury(process: BaseProcess, cause: str, *, counts: bool = True) -> bool:
    """Take the job from a dead worker; return whether it surely was at work on one."""
    claims = f"{this_host()}-{process.pid}-"
    job = Job.objects.filter(state=JobState.RUNNING, claim__startswith=claims).first()
    if job is None or not job_orphaned(job, cause, counts=counts):
        return False
    return job.started_at is not None and timezone.now() - job.started_at > SETTLED_AFTER


def _manner(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"

"""A pool of workers: keeps a guard alive, beats for it, and sweeps up after any death."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import uuid
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Event
from time import monotonic, sleep

from django.conf import settings
from django.db import DatabaseError, connections
from django_q.signals import post_execute_in_worker, post_spawn

from matteweb.jobs.allocator import give_back_memory, keep_freed_memory
from matteweb.jobs.guard import Guard
from matteweb.jobs.lifeline import tie_every_fork
from matteweb.jobs.priority import stand_back
from matteweb.jobs.sweeper import housekeep, sweep
from matteweb.jobs.workers import pool_beat, pool_gone

SWEEPS_APART_SECONDS = 1.0
HOUSEKEEPING_APART_SECONDS = 600.0
NICENESS = 10  # pages, and masks while somebody draws, are answered first

logger = logging.getLogger(__name__)
_fork = multiprocessing.get_context("fork")


class Pool:
    """The parent of the guard. One per process; ``run`` returns after a clean stop."""

    def __init__(self) -> None:
        self._leaving = False
        self._stop_guard: Event = _fork.Event()
        self._guard: ForkProcess | None = None
        self._housekept_at = float("-inf")

    def run(self) -> None:
        """Work until SIGTERM, SIGINT or SIGHUP; running jobs then go back to the queue."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._leave)
        stand_back(NICENESS)
        _one_thread_each()
        keep_freed_memory()
        tie_every_fork()
        post_spawn.connect(_begin_worker, dispatch_uid="matteweb.worker")
        post_execute_in_worker.connect(_end_task, dispatch_uid="matteweb.worker")
        while not self._leaving:
            self._keep_guard()
            self._look_after_jobs()
            self._pause(SWEEPS_APART_SECONDS)
        self._stop()

    def _leave(self, *_: object) -> None:
        self._leaving = True

    def _keep_guard(self) -> None:
        if self._guard is not None:
            if self._guard.is_alive():
                return
            logger.warning("the guard of the workers died; a new one starts")
        # Its locks may have died with the old guard: nothing of it is used again.
        self._stop_guard = _fork.Event()
        arguments = (self._stop_guard, _fork.Event(), uuid.uuid4(), None, None)
        connections.close_all()  # a fork must not share an open database
        self._guard = _fork.Process(target=_run_guard, args=arguments, name="guard")
        self._guard.start()

    def _look_after_jobs(self) -> None:
        try:
            pool_beat(settings.JOB_WORKERS)
            sweep()
            if monotonic() - self._housekept_at > HOUSEKEEPING_APART_SECONDS:
                self._housekept_at = monotonic()
                housekeep()
        except DatabaseError:
            logger.warning("the sweep failed; it is repeated", exc_info=True)

    def _pause(self, seconds: float) -> None:
        """Sleep, but not for long after a signal or the guard's death."""
        until = monotonic() + seconds
        while monotonic() < until and not self._leaving:
            sleep(0.1)
            if self._guard is not None and not self._guard.is_alive():
                return

    def _stop(self) -> None:
        self._stop_guard.set()
        if self._guard is not None:
            self._guard.join(settings.JOB_STOP_GRACE_SECONDS + 2)
            if self._guard.is_alive():
                self._guard.kill()
        pool_gone()


def _run_guard(*arguments: object) -> None:
    Guard(*arguments)


def _begin_worker(**_: object) -> None:
    """Undo what a worker inherits from the guard: an idle worker ends when it is asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_task(**_: object) -> None:
    """Hold nothing of the last job while waiting for the next."""
    give_back_memory()


def _one_thread_each() -> None:
    """There is one process per core; threads inside each would only fight. Forks inherit it."""
    import cv2

    cv2.setNumThreads(1)

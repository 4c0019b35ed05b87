"""What a handler sees of its job: report progress, ask whether to stop, keep a checkpoint."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.db import OperationalError
from django.utils import timezone

from matteweb.jobs.holding import LOG_LINES_KEPT, Standing, job_standing, job_write
from matteweb.jobs.models import Job
from matteweb.jobs.pace import Pace

WRITES_APART_SECONDS = 0.25
LOOKS_APART_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Again(Exception):
    """A handler raises it to give up its turn: the job is queued behind the others and goes on
    from its checkpoint. It does not count as an attempt."""


class Wait(Exception):
    """A handler raises it when the disk has no room now; the job goes on when there is some."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ClaimLost(BaseException):
    """The job belongs to another process now. Not an Exception, so that no handler takes it for a
    failure of the work that it was doing."""


class JobContext:
    """One turn at one job. Not for use by several threads.

    ``progress`` and ``should_stop`` fit the callables of the same name in the domain. They are
    cheap: what they know is exchanged with the database at most four times a second.
    """

    def __init__(self, job: Job, leaving: Callable[[], bool]) -> None:
        self.job_id: int = job.pk
        self.project_id: int = job.project_id
        self.target_id = job.target_id
        self.params: dict[str, Any] = job.params
        self.attempt = job.attempt
        self.checkpoint: dict[str, Any] = job.checkpoint
        self._token = job.claim
        self._leaving = leaving
        self._standing = Standing.MINE
        self._unwritten: dict[str, Any] = {}
        self._log: list[dict[str, str]] = job.log
        self._steps: list[dict[str, Any]] = job.steps
        self._step: dict[str, Any] = {"name": ""}  # an entry of _steps, except before the first
        self._step_number = 0
        self._left_in = job.step
        self._step_began = self._written_at = self._looked_at = monotonic()
        self._furthest = (job.furthest_step, job.furthest_done)
        self._pace = Pace()

    @property
    def target(self) -> int:
        """The id of the object that the job is about; only for kinds of jobs that have one."""
        if self.target_id is None:
            raise ValueError(f"job {self.job_id} was made without a target")
        return self.target_id

    def step(self, name: str, unit: str = "frames") -> None:
        """Begin a named part of the work. Use a few fixed names, in the same order each time."""
        self._close_step()
        names = [entry["name"] for entry in self._steps]
        if name not in names:
            self._steps.append({"name": name, "seconds": 0.0})
            names.append(name)
        self._step_number = names.index(name) + 1
        self._step = self._steps[self._step_number - 1]
        fresh: dict[str, Any] = {"done": 0, "total": None, "unit": unit}
        if name == self._left_in:
            # Another turn at the same step: the bar must not jump back to nothing in between.
            fresh |= {key: self._step[key] for key in ("done", "total") if key in self._step}
        self._left_in = ""
        self._step.update(fresh)
        self._unwritten.update(step=name, rate=None, steps=self._steps, **fresh)
        self._step_began, self._pace = monotonic(), Pace()
        self._write()

    def progress(self, done: int, total: int | None) -> None:
        """Report ``done`` of ``total`` units of the step; call it as often as you like."""
        now = monotonic()
        self._step.update(done=done, total=total)
        self._unwritten.update(done=done, total=total, rate=self._pace.report(now, done))
        position = (self._step_number, done)
        if position > self._furthest:
            self._furthest = position
            # Work that gets further each time may go on being killed for ever.
            self._unwritten.update(furthest_step=position[0], furthest_done=position[1], crashes=0)
        if now - self._written_at >= WRITES_APART_SECONDS:
            self._write()

    def should_stop(self) -> bool:
        """Whether to raise ``Cancelled``: somebody cancelled, or this process is to end.

        Raises ClaimLost when the job has gone to another process.
        """
        now = monotonic()
        if now - self._looked_at >= LOOKS_APART_SECONDS:
            self._looked_at = now
            self._take(job_standing(self.job_id, self._token))
        return self._leaving() or self._standing is Standing.CANCELLED

    def log(self, text: str) -> None:
        """Add a line to the log that people see beside the job; the last 200 are kept."""
        at = timezone.now().isoformat(timespec="seconds")
        self._log = [*self._log, {"at": at, "step": self.step_name, "text": text}][-LOG_LINES_KEPT:]
        self._unwritten["log"] = self._log

    def save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store at once what the next attempt goes on from; must survive JSON."""
        if checkpoint != self.checkpoint:
            self._unwritten["crashes"] = 0
        self.checkpoint = dict(checkpoint)
        self._unwritten["checkpoint"] = self.checkpoint
        self._write(must=True)

    def confirm_claim(self) -> None:
        """Raise ClaimLost unless the job is still this process's.

        Call it in the transaction that stores a result: then no result is stored twice, even by a
        process that slept through its own death.
        """
        self._take(job_standing(self.job_id, self._token, lock=True))

    @property
    def step_name(self) -> str:
        """Name of the current step, "" before the first."""
        return str(self._step["name"])

    @property
    def leaving(self) -> bool:
        """Whether this process is to end."""
        return self._leaving()

    @property
    def cancelled(self) -> bool:
        """Whether a person asked to stop, as far as is known."""
        return self._standing is Standing.CANCELLED

    def last_words(self) -> dict[str, Any]:
        """Return the fields that were not yet written, for the write that ends the turn."""
        self._close_step()
        words, self._unwritten = self._unwritten, {}
        return words

    def _write(self, *, must: bool = False) -> None:
        self._written_at = self._looked_at = monotonic()
        try:
            standing = job_write(self.job_id, self._token, **self._unwritten)
        except OperationalError:
            # Progress may come late; the work must not fail because the database is busy.
            if must:
                raise
            logger.warning("progress of job %s was not written", self.job_id, exc_info=True)
            return
        self._unwritten = {}
        self._take(standing)

    def _take(self, standing: Standing) -> None:
        self._standing = standing
        if standing is Standing.LOST:
            raise ClaimLost(f"job {self.job_id} went to another process")

    def _close_step(self) -> None:
        if self._step_number:
            seconds = self._step["seconds"] + monotonic() - self._step_began
            self._step["seconds"] = round(seconds, 1)
            self._step_began = monotonic()
            self._unwritten["steps"] = self._steps

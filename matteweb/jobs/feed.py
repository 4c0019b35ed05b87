"""Tells sockets of changed jobs: one poller per web process, whatever the number of sockets.

Workers are other processes and write to the database only. The poller looks four times a second
for changes above the last number that it knows, by index, and only while somebody listens.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import DatabaseError

from matteweb.jobs.events import JobNews, job_news
from matteweb.jobs.selectors import all_jobs_changed, sequence_now

LOOKS_APART_SECONDS = 0.25
CHANGES_PER_LOOK = 500

logger = logging.getLogger(__name__)
_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, Feed] = WeakKeyDictionary()


class Subscription:
    """What one socket has still to send: the newest news of each job, never more.

    A slow socket therefore skips intermediate progress and holds at most one entry per job.
    """

    def __init__(self) -> None:
        self._unsent: dict[int, JobNews] = {}
        self._some = asyncio.Event()

    def put(self, job_id: int, news: JobNews) -> None:
        """Take in news, instead of older news of the same job."""
        self._unsent.pop(job_id, None)
        self._unsent[job_id] = news
        self._some.set()

    async def news(self) -> AsyncIterator[JobNews]:
        """Yield news as they come, in the order of their numbers; never ends."""
        while True:
            await self._some.wait()
            batch, self._unsent = self._unsent, {}
            self._some.clear()
            for item in batch.values():
                yield item


class Feed:
    """The poller of one event loop and those who listen to it."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Subscription]] = defaultdict(set)
        self._poller: asyncio.Task[None] | None = None
        self._last = 0

    @contextmanager
    def subscribe(self, project_id: int, known: int) -> Iterator[Subscription]:
        """Listen to the jobs of a project, from the change after number ``known``."""
        subscription = Subscription()
        self._listeners[project_id].add(subscription)
        if self._poller is None:
            self._last = known
            self._poller = asyncio.create_task(self._poll())
        try:
            yield subscription
        finally:
            self._listeners[project_id].discard(subscription)
            if not self._listeners[project_id]:
                del self._listeners[project_id]
            if not self._listeners and self._poller is not None:
                self._poller.cancel()
                self._poller = None

    async def _poll(self) -> None:
        while True:
            try:
                await self._look()
            except DatabaseError:
                logger.warning("a look for changed jobs failed", exc_info=True)
            await asyncio.sleep(LOOKS_APART_SECONDS)

    async def _look(self) -> None:
        now = await database_sync_to_async(sequence_now)()
        if now < self._last:
            self._last = 0  # an older database was restored
        if now == self._last:
            return
        changed = await database_sync_to_async(all_jobs_changed)(self._last, CHANGES_PER_LOOK)
        for job in changed:
            self._last = job.seq
            for subscription in self._listeners.get(job.project_id, ()):
                subscription.put(job.pk, job_news(job))
        if len(changed) < CHANGES_PER_LOOK:
            # The numbers in between were of jobs that are gone, or of moves that did not happen.
            self._last = max(self._last, now)


def feed() -> Feed:
    """Return the feed of the running event loop."""
    return _feeds.setdefault(asyncio.get_running_loop(), Feed())

"""Which pools of workers live: each beats a row of its own."""

from __future__ import annotations

import socket
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from matteweb.jobs.claims import ClaimOwner, owner_here, surely_dead
from matteweb.jobs.models import WorkerPool


def pool_beat(slots: int) -> None:
    """Say that the pool whose parent is the calling process lives and runs ``slots`` jobs."""
    WorkerPool.objects.update_or_create(
        identity=str(owner_here()),
        defaults={"host": socket.gethostname(), "slots": slots, "seen_at": timezone.now()},
    )


def pool_gone() -> None:
    """Say that the pool of the calling process has ended."""
    WorkerPool.objects.filter(identity=str(owner_here())).delete()


def pools_alive() -> list[WorkerPool]:
    """Return the pools that live: seen lately, and not known to be dead on this host."""
    since = timezone.now() - timedelta(seconds=settings.JOB_DEAD_AFTER_SECONDS)
    recent = WorkerPool.objects.filter(seen_at__gte=since)
    return [pool for pool in recent if not surely_dead(_owner(pool))]


def workers_alive() -> bool:
    """Whether anybody is there to run a job."""
    return bool(pools_alive())


def _owner(pool: WorkerPool) -> ClaimOwner:
    host, pid, started = pool.identity.split("-")
    return ClaimOwner(host, int(pid), int(started))

"""Whether the disk of the data folder has room for work."""

from __future__ import annotations

import shutil

from django.conf import settings

# A job that waits must not start for every byte that somebody deletes.
RESUME_FACTOR = 1.1


def disk_free() -> int:
    """Return the free bytes of the disk that holds the data folder."""
    return shutil.disk_usage(settings.DATA_DIR).free


def reserve_reached() -> bool:
    """Whether less is free than the reserve that is kept for the database."""
    return disk_free() < settings.DISK_RESERVE_BYTES


def room_again() -> bool:
    """Whether so much is free that waiting jobs may go on."""
    return disk_free() > settings.DISK_RESERVE_BYTES * RESUME_FACTOR


def shortage() -> str:
    """Return the sentence for a job that waits."""
    return (
        f"The disk of the data folder has {_mib(disk_free())} free; "
        f"{_mib(settings.DISK_RESERVE_BYTES)} are kept in reserve."
    )


def _mib(size: int) -> str:
    return f"{size / 1024**2:,.0f} MiB" if size < 10 * 1024**3 else f"{size / 1024**3:,.1f} GiB"

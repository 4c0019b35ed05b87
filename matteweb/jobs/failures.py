"""The cause of a failure in words that a person can act on."""

from __future__ import annotations

import errno
import traceback
from dataclasses import dataclass

import psutil
from django.db import OperationalError

from matteweb.errors import Fault, MatteError, NoSpace, OutOfMemory
from matteweb.jobs import room

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Failure:
    """What is stored with a failed job. ``code`` names the kind of error; ``traceback`` is "" where
    the sentence says it all."""

    code: str
    message: str
    hint: str
    traceback: str

    def as_fields(self) -> dict[str, str]:
        """Return the fields of the job's row."""
        return {
            "error": self.message,
            "error_code": self.code,
            "hint": self.hint,
            "traceback": self.traceback,
        }


def explain(error: Exception, step: str) -> Failure:
    """Return the plain words for ``error``, which ended the step called ``step``."""
    where = f" during “{step}”" if step else ""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, MatteError):
        return Failure(error.code, error.message, error.hint, "")
    if isinstance(error, MemoryError):
        free = psutil.virtual_memory().available / 1024**2
        return Failure(
            OutOfMemory.code,
            f"The machine ran out of memory{where}; {free:,.0f} MiB are free now.",
            "Close other programs or set MATTEWEB_WORKERS to a smaller number, then retry.",
            trace,
        )
    if isinstance(error, OSError) and error.errno in FULL_DISK:
        file = f" while writing {error.filename}" if error.filename else ""
        return Failure(
            NoSpace.code,
            f"A disk or a quota is full{where}{file}.",
            "Free some space, then retry.",
            trace,
        )
    if isinstance(error, OperationalError):
        return Failure(
            Fault.code,
            f"The database did not answer{where}: {error}.",
            "Retry. When it happens often, put the data folder on a faster local disk.",
            trace,
        )
    return Failure(
        Fault.code,
        f"The program met something that it was not prepared for{where}: "
        f"{type(error).__name__}: {error}",
        "Retry. If it fails again, show the details to whoever looks after this server.",
        trace,
    )


def lacks_room(error: Exception) -> bool:
    """Whether the error is one of a full disk that will pass when there is room again."""
    full = isinstance(error, OSError) and error.errno in FULL_DISK
    return (full or isinstance(error, NoSpace)) and room.reserve_reached()

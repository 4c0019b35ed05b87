"""Causes in plain words."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest
from django.db import OperationalError

from matteweb.errors import BadInput, NoSpace
from matteweb.jobs import room
from matteweb.jobs.failures import explain, lacks_room


def test_errors_for_people_keep_their_words_and_have_no_traceback() -> None:
    failure = explain(BadInput("clip 12 is empty", hint="upload it again"), "read")
    assert (failure.message, failure.hint, failure.traceback) == (
        "clip 12 is empty",
        "upload it again",
        "",
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "ran out of memory during “read”"),
        (OSError(errno.ENOSPC, "x", "/data/a"), "full during “read” while writing /data/a"),
        (OSError(errno.EDQUOT, "x"), "quota is full during “read”"),
        (OperationalError("database is locked"), "database did not answer during “read”"),
        (KeyError("frames"), "not prepared for during “read”: KeyError: 'frames'"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "OSError: [Errno 5] Input/output error"),
    ],
)
def test_every_other_error_has_a_sentence_a_hint_and_a_traceback(
    error: Exception, said: str
) -> None:
    failure = explain(error, "read")
    assert said in failure.message
    assert failure.hint
    assert type(error).__name__ in failure.traceback


def test_before_the_first_step_no_step_is_named() -> None:
    assert "during" not in explain(MemoryError(), "").message


def test_a_job_waits_for_room_only_where_room_is_what_is_missing(settings: Any) -> None:
    full = OSError(errno.ENOSPC, "x")
    settings.DISK_RESERVE_BYTES = 0
    assert not lacks_room(full)
    assert not lacks_room(NoSpace("the quota of the project is used up"))
    settings.DISK_RESERVE_BYTES = room.disk_free() * 2
    assert lacks_room(full)
    assert lacks_room(NoSpace("the disk is full"))
    assert not lacks_room(OSError(errno.EACCES, "x"))

"""Handlers for jobs of tests, registered under their own names."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from threading import Semaphore

from matteweb.errors import BadInput, Cancelled
from matteweb.jobs.context import Again, JobContext, Wait


def count(context: JobContext) -> None:
    """Count to ``params["n"]``, ``params["pause"]`` seconds apart."""
    total = context.params["n"]
    context.step("count", unit="steps")
    for done in range(1, total + 1):
        if context.should_stop():
            raise Cancelled(f"stopped at {done}")
        time.sleep(context.params.get("pause", 0))
        context.progress(done, total)


allowed = Semaphore(0)


def count_as_allowed(context: JobContext) -> None:
    """Count to ``params["n"]``, each step when a test has released ``allowed`` for it."""
    total = context.params["n"]
    context.step("count", unit="steps")
    for done in range(1, total + 1):
        assert allowed.acquire(timeout=60), f"step {done} was never allowed"
        if context.should_stop():
            raise Cancelled(f"stopped at {done}")
        context.progress(done, total)


def in_turns(context: JobContext) -> None:
    """Do one unit per turn until the checkpoint holds three."""
    units = context.checkpoint.get("units", 0) + 1
    context.save_checkpoint({"units": units})
    if units < 3:
        raise Again


def no_room(context: JobContext) -> None:
    """Find the disk below the reserve."""
    raise Wait("the disk has 3 MiB free")


def bad_input(context: JobContext) -> None:
    """Find something that a person can mend."""
    context.step("read")
    raise BadInput("clip 12 has no frames", hint="upload it again")


def broken(context: JobContext) -> None:
    """Have a fault."""
    context.step("divide")
    context.progress(1 // int(context.params.get("zero", 0)), None)


def full_disk(context: JobContext) -> None:
    """Write to a device that is always full."""
    context.step("write")
    with Path("/dev/full").open("w") as device:
        device.write("x" * 100_000)


def memory(context: JobContext) -> None:
    """Want more memory than there is."""
    bytearray(1 << 60)


def interrupted(context: JobContext) -> None:
    """Be interrupted at the keyboard."""
    raise KeyboardInterrupt


def silent_device(context: JobContext) -> None:
    """Meet an error of the system that is not about room."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def lose_claim(context: JobContext) -> None:
    """See the job go to another owner, and go on working."""
    from matteweb.jobs.models import Job

    Job.objects.filter(pk=context.job_id).update(claim="other-1-1-x")
    try:
        context.save_checkpoint({"written": "by the old owner"})
    except Exception:  # what a careless handler does
        context.log("went on")


def write_files(context: JobContext) -> None:
    """Write ``n`` numbered files of known content, each once, noting who wrote it.

    Resumes by what exists. Each file is made in ten short steps under a temporary name.
    """
    folder, total = Path(context.params["folder"]), context.params["n"]
    context.step("write files", unit="files")
    for number in range(total):
        final = folder / f"{number:03d}.txt"
        if not final.exists():
            _write_slowly(context, final, number)
            with (folder / "journal").open("a") as journal:
                journal.write(json.dumps({"file": number, "pid": os.getpid()}) + "\n")
        context.progress(number + 1, total)


def _write_slowly(context: JobContext, final: Path, number: int) -> None:
    draft = final.with_suffix(f".{os.getpid()}.part")
    with draft.open("w") as stream:
        for line in range(10):
            if context.should_stop():
                raise Cancelled(f"stopped in file {number}")
            stream.write(f"{number} {line}\n")
            time.sleep(context.params.get("pause", 0))
    draft.rename(final)


def poison(context: JobContext) -> None:
    """Kill the process that runs it, after the same progress each time."""
    context.step("swallow")
    time.sleep(0.3)
    context.progress(1, 2)
    os.kill(os.getpid(), 9)

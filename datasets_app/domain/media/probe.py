"""Examines a file that nobody has vouched for, in a process that cannot harm this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from datasets_app.domain.media.clip_facts import ClipFacts, Limits
from datasets_app.domain.process_lines import lines_of
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import BadInput, Cancelled, MatteError, NotFound, Unsupported

__all__ = ["PROBLEMS", "ClipFacts", "Limits", "probe", "process_environment"]

_ROOT: Final = Path(__file__).parents[3]
PROBLEMS: Final[dict[str, type[MatteError]]] = {
    kind.code: kind for kind in (BadInput, Unsupported, NotFound)
}
"""What a decoding process may answer instead of facts or pixels, by code."""


def probe(
    path: Path,
    limits: Limits,
    *,
    name: str = "",
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> ClipFacts:
    """Decode the whole file in a subprocess under ``limits`` and return what it really is.

    The process is killed at its limits, when asked to stop, and when this one dies. ``name`` is
    what messages call the file. ``progress`` counts frames; their total is not known.

    Raises NotFound without the file; BadInput when it is empty, text, only sound, without frames,
    damaged or incomplete; Unsupported when it is beyond the limits, HDR, or turned by an angle
    that is no multiple of 90 degrees; Cancelled when asked to stop.
    """
    name = name or path.name
    request = {"path": str(path.absolute()), "name": name, "parent": os.getpid(), **asdict(limits)}
    process = subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.probe_process", json.dumps(request)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        env=process_environment(),
    )
    try:
        answer = _converse(process, name, limits, progress, should_stop)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if "facts" in answer:
        return ClipFacts.from_json(answer["facts"])
    code, message, hint = answer["problem"]
    raise PROBLEMS[code](message, hint=hint)


def process_environment() -> dict[str, str]:
    """Return the variables that a decoding process is started with: none of ours are among them."""
    # One thread per library: pools of threads would take address space from the limit.
    single = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    kept = {
        key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "LANG") if key in os.environ
    }
    return {**kept, **single, "PYTHONPATH": str(_ROOT)}


def _converse(
    process: subprocess.Popen[bytes],
    name: str,
    limits: Limits,
    progress: Progress,
    should_stop: ShouldStop,
) -> dict[str, Any]:
    """Follow the process to its answer. Raises when it ends without one or is stopped."""
    deadline = time.monotonic() + limits.wall_seconds

    def look(_: float) -> None:
        if should_stop():
            raise Cancelled(f"stopped while examining {name}")
        if time.monotonic() > deadline:
            raise _too_slow(name, limits.wall_seconds)

    for line in lines_of(process, look):
        message: dict[str, Any] = json.loads(line)
        if "frames" not in message:
            return message
        progress(message["frames"], None)
    raise _ended(process.wait(), name, limits)


def _too_slow(name: str, seconds: int) -> Unsupported:
    return Unsupported(
        f"{name} takes more than {seconds} s to be decoded",
        hint="cut it into shorter clips, or raise MATTEWEB_PROBE_CPU_SECONDS",
    )


def _ended(code: int, name: str, limits: Limits) -> MatteError:
    """Return what it means that the process ended with ``code`` and without an answer."""
    if code == -signal.SIGXCPU:
        return _too_slow(name, limits.cpu_seconds)
    if code == -signal.SIGKILL:
        return Unsupported(
            f"{name} needs more memory than there is to be decoded",
            hint="scale it down, or lower MATTEWEB_PROBE_MEMORY_MIB to what the machine has",
        )
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    return BadInput(
        f"{name} makes the decoder fail ({how})",
        hint="re-encode it; a file from a camera or an encoder does not do this",
    )

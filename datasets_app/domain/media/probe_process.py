"""Examines one file inside a process of its own, under limits that it first puts on itself.

Run as ``python -m datasets_app.domain.media.probe_process REQUEST``, with a JSON object of ``path``
and the fields of `Limits`. Prints one JSON object per line: ``{"frames": n}`` now and then, at
last ``{"facts": {...}}`` or ``{"problem": [code, message, hint]}``.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from datasets_app.domain.media.clip_facts import Limits

_PR_SET_PDEATHSIG: Final = 1
_REPORT_EVERY: Final = 0.25


def main() -> None:
    """Examine what ``sys.argv[1]`` asks for."""
    request = json.loads(sys.argv[1])
    path = Path(request.pop("path"))
    name, parent = request.pop("name"), request.pop("parent")
    limits = Limits(**request)
    _die_with(parent)
    _limit(limits)
    # Imported under the limits: these carry the decoders.
    from datasets_app.domain.media.examination import examine
    from matteweb.errors import MatteError

    last = 0.0

    def report(frames: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _REPORT_EVERY:
            last = now
            _say({"frames": frames})

    try:
        facts = examine(path, name, limits, report)
    except MatteError as error:
        _say({"problem": [error.code, error.message, error.hint]})
    except MemoryError:
        message = f"{name} needs more than {limits.memory_mib} MiB of memory to be decoded"
        _say({"problem": ["unsupported", message, "scale it down before bringing it in"]})
    else:
        _say({"facts": facts.as_json()})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _die_with(parent: int) -> None:
    # 1. Ask for a signal at the parent's end. 2. Check that it did not end before the asking.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def _limit(limits: Limits) -> None:
    memory = limits.memory_mib << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # At the soft limit the process ends with SIGXCPU, which tells this cause from all others.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()

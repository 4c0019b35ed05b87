"""Freed memory stays with a worker while it works, and goes back when it has nothing to do."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

FRAMES = """
import json, resource, sys
import numpy as np
from matteweb.jobs.allocator import give_back_memory, keep_freed_memory

kept = keep_freed_memory() if sys.argv[1] == "keep" else None

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

def frames(count):
    for _ in range(count):
        parts = [np.ones((384, 640, 4), np.float32) for _ in range(6)]

frames(2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
frames(20)
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
holding = resident()
give_back_memory()
print(json.dumps({"kept": kept, "faults": faults, "given_back": holding - resident()}))
"""


def measured(mode: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", FRAMES, mode], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_frame_costs_no_page_anew_and_what_was_kept_goes_back() -> None:
    kept, plain = measured("keep"), measured("plain")
    assert kept["kept"] is True
    # 20 frames of six arrays are 115,000 pages of 4 KiB.
    assert kept["faults"] < 1_000 < 10_000 < plain["faults"], (kept, plain)
    assert kept["given_back"] > 16 * 1024**2

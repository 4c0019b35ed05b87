"""Renders one scene for MatteWeb, inside Blender's own Python and nowhere else.

    python scene_renderer JOB.json                                (bpy from its own environment)
    blender -b --factory-startup --python scene_renderer/__main__.py -- JOB.json

Reads the job, writes each frame's layers into the job's folder and says so, a line of JSON behind
``MARK`` on standard output for each frame; Blender's own talk on that stream has no mark.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from job import RenderJob

MARK = "matteweb-scene "
PR_SET_PDEATHSIG = 1


def say(**words: object) -> None:
    """Write one line that the reader of this process understands."""
    sys.stdout.write("\n" + MARK + json.dumps(words) + "\n")
    sys.stdout.flush()


def die_with(parent: int) -> None:
    """End when ``parent`` ends, however it ends (Linux; elsewhere the reader ends this process)."""
    if sys.platform != "linux":
        return
    # 1. Ask for a signal at the parent's end. 2. Check that it did not end before the asking.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def main(path: str) -> int:
    """Render every frame of the job; 0 when all are written."""
    job = RenderJob.read(Path(path))
    die_with(job.parent)
    # Blender makes a folder of its own when it is loaded, and leaves it when it is killed.
    os.environ["TMPDIR"] = str(job.folder)
    try:
        from stage import build_stage
    except ImportError as error:
        version = ".".join(map(str, sys.version_info[:2]))
        say(event="absent", message=f"Python {version} cannot load Blender ({error})")
        return 1
    try:
        stage = build_stage(job.scene, job.files)
        facts = stage.simulate()
        say(event="simulated", cpu=time.process_time(), **facts)
        for number, made in enumerate(stage.render(job)):
            say(event="frame", frame=number, cpu=time.process_time(), **made)
    except Exception as error:  # the reader gets the sentence; the trace is for the log
        traceback.print_exc()
        say(event="failed", message=f"{type(error).__name__}: {error}")
        return 1
    say(event="done")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1]))

"""Asking a renderer for the frames of a scene: a process of its own, read line by line.

Blender is GPL and takes hundreds of megabytes, so no process of this program ever imports it: it
runs ``scene_renderer`` in the environment that ``make render-setup`` installs, or in a Blender
that is installed on the machine.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from datasets_app.domain.process_lines import lines_of
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.scenes.description import Scene
from datasets_app.domain.scratch import scratch_folder
from matteweb.errors import Cancelled, MatteError, OutOfMemory, Unsupported

SCRIPT = Path(__file__).parents[3] / "scene_renderer"
OWN_PYTHON = SCRIPT.parent / ".venv-render" / "bin" / "python"
"""Where `make render-setup` puts the Python that has bpy."""
MARK = b"matteweb-scene "
INSTALL_HINT = (
    "run `make render-setup` (Python 3.11; 0.4 GB to fetch), or set MATTEWEB_BLENDER to an "
    "installed Blender 4.2 to 4.5"
)
STALL_SECONDS = 1800
_LAST_WORDS = 12
_STARVED = ("bad_alloc", "malloc returns null", "calloc returns null", "out of memory")
"""What Blender says, in lower case, when it gets no memory."""
_Number = TypeVar("_Number", np.uint8, np.float32)


class NoRenderer(Unsupported):
    """There is no renderer here, or none that runs."""


class RendererEnded(Unsupported):
    """It ended or fell silent without a word about what it was asked for: not what is to be
    rendered need be at fault, and another try may go well."""


@dataclass(frozen=True, slots=True)
class RendererPlace:
    """Where a renderer may be: a Python that has bpy, and before it a Blender if one is named.
    ``scratch``: under which folder its files lie while they are read, None for the system's."""

    python: Path
    blender: str
    scratch: Path | None = None

    def command(self, job: Path) -> list[str]:
        """Return what to run for ``job``. Raises NoRenderer."""
        if missing := self.missing():
            raise NoRenderer(missing, hint=INSTALL_HINT)
        if self.blender:
            start = [self.blender, "-b", "--factory-startup", "--python-exit-code", "1"]
            return [*start, "--python", str(SCRIPT / "__main__.py"), "--", str(job)]
        return [str(self.python), "-s", str(SCRIPT), str(job)]

    def missing(self) -> str:
        """Return why nothing can be rendered here, or "" when it can."""
        if self.blender:
            usable = os.access(self.blender, os.X_OK)
            return "" if usable else f"MATTEWEB_BLENDER names {self.blender}, which cannot be run"
        has = any(self.python.parents[1].glob("lib/python3*/site-packages/bpy/__init__.*"))
        return "" if has else "no Blender is installed for MatteWeb"


_places: list[RendererPlace] = []


def use_renderer(place: RendererPlace) -> None:
    """Say where the renderer is; called once by whoever puts the program together."""
    _places[:] = [place]


def renderer() -> RendererPlace:
    """Return the place that was said, else the one inside the project's folder."""
    return _places[0] if _places else RendererPlace(python=OWN_PYTHON, blender="")


@contextmanager
def scene_folder() -> Iterator[Path]:
    """Yield an empty folder for the files of one scene. What a killed process left of its scene is
    removed by the next."""
    scratch = renderer().scratch
    if scratch is None:
        with TemporaryDirectory(prefix="matteweb-scene-") as place:
            yield Path(place)
        return
    with scratch_folder(scratch, "scene") as folder:
        yield folder


def render_events(
    scene: Scene,
    layers: tuple[str, ...],
    folder: Path,
    should_stop: ShouldStop,
    *,
    threads: int,
    denoise: bool = True,
    shortcut: bool = False,
    files: Mapping[str, Path] | None = None,
) -> Generator[dict[str, Any], None, None]:
    """Yield what the renderer says: ``simulated`` with facts, then ``frame`` with its files.

    The files lie in ``folder``; whoever has read them removes them. Without ``denoise`` pictures
    keep the noise of their samples. With ``shortcut`` a frame may name the ``box`` that alone was
    rendered of its second pictures (see `whole_picture`). ``files``: where each of the scene's own
    files lies, by digest. Closing the generator ends the process. Memory here: one line.
    Raises Cancelled when asked to stop, NoRenderer, Unsupported when the renderer fails,
    RendererEnded when it does without saying why, OutOfMemory when it asked for more memory than
    there is or the system ended it.
    """
    job = folder / "job.json"
    job.write_text(
        json.dumps(
            {
                "scene": scene.model_dump(mode="json"),
                "folder": str(folder),
                "layers": list(layers),
                "threads": threads,
                "parent": os.getpid(),
                "denoise": denoise,
                "shortcut": shortcut,
                "files": {digest: str(path) for digest, path in (files or {}).items()},
            }
        )
    )
    log: list[str] = []
    with _running(renderer().command(job)) as process:
        for line in lines_of(process, _stopping(should_stop)):
            if not line.startswith(MARK):
                log = [*log, line.decode(errors="replace")][-_LAST_WORDS:]
                continue
            event: dict[str, Any] = json.loads(line[len(MARK) :])
            if event["event"] == "done":
                return
            if event["event"] == "absent":
                raise NoRenderer(event["message"], hint=INSTALL_HINT)
            if event["event"] == "failed":
                raise Unsupported(f"the renderer stopped: {event['message']}", hint=_tail(log))
            yield event
        raise _ended(process.wait(), log)


def whole_picture(
    first: npt.NDArray[_Number], second: npt.NDArray[_Number], box: list[int] | None
) -> npt.NDArray[_Number]:
    """Return the second picture of a frame, (H, W, ...), of which only ``box`` (left, top, right,
    bottom) was rendered: elsewhere it is the first, bit for bit. None: all of it was."""
    if box is None:
        return second
    left, top, right, bottom = box
    whole = first.copy()
    whole[top:bottom, left:right] = second[top:bottom, left:right]
    return whole


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=SCRIPT.parent,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _stopping(should_stop: ShouldStop) -> Callable[[float], None]:
    """Return what looks, while lines are waited for, whether to go on."""

    def look(silent: float) -> None:
        if should_stop():
            raise Cancelled("stopped while rendering")
        if silent > STALL_SECONDS:
            raise RendererEnded(
                f"the renderer said nothing for {STALL_SECONDS // 60} minutes",
                hint="ask for a smaller picture or fewer samples per pixel",
            )

    return look


def _ended(code: int, log: list[str]) -> MatteError:
    """Return what it means that the renderer ended with ``code`` before it was through."""
    starved = any(words in line.lower() for line in log for words in _STARVED)
    if code == -signal.SIGKILL or starved:
        return OutOfMemory(
            "the renderer ran out of memory"
            if starved
            else "the renderer was ended by the system, which was probably out of memory",
            hint="ask for a smaller picture, or give the machine more memory",
        )
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    return RendererEnded(f"the renderer ended early ({how})", hint=_tail(log))


def _tail(log: list[str]) -> str:
    words = [line.strip() for line in log if line.strip()]
    return f"its last words: {' | '.join(words[-3:])}" if words else INSTALL_HINT

"""Processes that carry masks, one direction each, so that two cores work at once."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.interactive.chain import ChainFrame, unpacked
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.pictures import ClipPictures, Pictures
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.scribble import ScribbleSession
from inference_app.domain.interactive.spans import LegTask, run_leg
from matteweb.errors import Cancelled, MatteError
from matteweb.jobs.allocator import give_back_memory, keep_freed_memory

_LOOKS_APART: Final = 0.05
_KEPT_SECONDS: Final = 60.0
"""So long a process that has nothing to do holds the frames of the clip that it worked on."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A video file as the engine reads it. ``flow_folder``: where its motion is kept."""

    path: Path
    frames: int
    size: FrameSize
    flow_folder: Path

    def pictures(self) -> ClipPictures:
        """Open the frames."""
        return ClipPictures(self.path, self.frames, self.size)

    def flow(self, pictures: Pictures) -> FlowSource:
        """Open the motion between them."""
        return FlowSource(pictures, self.flow_folder)


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    clip: Clip
    references: dict[int, dict[int, Any]]
    task: LegTask


@dataclass(frozen=True, slots=True)
class _Look:
    """What may be asked for next: frames around one, which take a while to decode."""

    clip: Clip
    frame: int


class Lanes:
    """Two waiting processes. One round of work at a time; others wait for their turn."""

    def __init__(self, count: int = 2) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._lanes: list[tuple[BaseProcess, Connection]] = []
        self._looked: _Look | None = None

    def warm(self) -> None:
        """Start the processes, so that the first frame need not wait for them."""
        with self._lock:
            self._ensure()

    def run(
        self,
        clip: Clip,
        references: Mapping[int, Mapping[int, SoftMask]],
        tasks: Sequence[LegTask],
        should_stop: ShouldStop,
    ) -> Iterator[tuple[LegTask, ChainFrame]]:
        """Yield the frames of all ``tasks`` as they are made.

        Raises Cancelled when asked to stop, MatteError when a process failed or died.
        """
        small = {
            frame: {n: np.round(mask * 255).astype(np.uint8) for n, mask in masks.items()}
            for frame, masks in references.items()
        }
        while not self._lock.acquire(timeout=_LOOKS_APART):
            if should_stop():
                raise Cancelled("carrying masks was stopped before it began")
        try:
            yield from self._run([_Order(clip, small, task) for task in tasks], should_stop)
        finally:
            self._lock.release()

    def look(self, clip: Clip, frame: int) -> None:
        """Have the frames around ``frame`` ready where processes wait; does not wait itself."""
        look = _Look(clip, frame)
        if look == self._looked or not self._lock.acquire(blocking=False):
            return
        try:
            for _, pipe in self._lanes:
                pipe.send(look)
            self._looked = look
        except OSError:
            return  # one has died: the next round starts others
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            self._drop()

    def _run(
        self, orders: list[_Order], should_stop: ShouldStop
    ) -> Iterator[tuple[LegTask, ChainFrame]]:
        self._ensure()
        waiting, busy = list(orders), dict[Connection, _Order]()
        finished = False
        try:
            while waiting or busy:
                for _, pipe in self._lanes:
                    if waiting and pipe not in busy:
                        busy[pipe] = waiting.pop(0)
                        pipe.send(busy[pipe])
                if should_stop():
                    raise Cancelled("carrying masks was stopped")
                for ready in wait(list(busy), timeout=_LOOKS_APART):
                    assert isinstance(ready, Connection)  # noqa: S101
                    found = _received(ready)
                    if found is None:
                        del busy[ready]
                    else:
                        yield busy[ready].task, found
            finished = True
        finally:
            if not finished:
                # What they still send belongs to nobody; new ones are ready for the next round.
                self._drop()
                self._ensure()

    def _ensure(self) -> None:
        if all(process.is_alive() for process, _ in self._lanes) and self._lanes:
            return
        self._drop()
        context = multiprocessing.get_context("spawn")
        for _ in range(self._count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_process, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._lanes.append((process, ours))

    def _drop(self) -> None:
        for process, pipe in self._lanes:
            pipe.close()
            process.kill()
            process.join()
        self._lanes, self._looked = [], None


class LaneSession(ScribbleSession):
    """The built-in engine on a video file, over several processes when there are ``lanes``."""

    def __init__(self, clip: Clip, lanes: Lanes | None) -> None:
        pictures = clip.pictures()
        super().__init__(pictures, clip.flow(pictures))
        self._clip, self._lanes = clip, lanes

    def run_legs(
        self, tasks: Sequence[LegTask], should_stop: ShouldStop
    ) -> Iterator[tuple[LegTask, ChainFrame]]:
        """Yield the frames of all legs, of two at once."""
        if self._lanes is None:
            yield from super().run_legs(tasks, should_stop)
        else:
            yield from self._lanes.run(self._clip, self.references, tasks, should_stop)


def _received(pipe: Connection) -> ChainFrame | None:
    try:
        kind, content = pipe.recv()
    except (EOFError, OSError) as error:
        raise MatteError(
            "a process that carries masks died", hint="carry them once more; nothing is lost"
        ) from error
    if kind == "error":
        raise content
    if kind == "end":
        return None
    return unpacked(content)


class _Opened:
    """A clip in a lane: its frames and motion stay open from one order to the next."""

    def __init__(self, clip: Clip) -> None:
        self.clip, self.pictures = clip, clip.pictures()
        self.flow = clip.flow(self.pictures)

    def look(self, frame: int) -> None:
        """Decode a frame and its neighbours."""
        for number in (frame, frame + 1, frame - 1):
            if 0 <= number < self.clip.frames:
                self.pictures[number]


def _process(pipe: Connection) -> None:
    keep_freed_memory()
    _lane(pipe)


def _lane(pipe: Connection) -> None:
    """Do one order after the other until the parent is gone."""
    opened: _Opened | None = None
    try:
        while True:
            if not pipe.poll(_KEPT_SECONDS):
                opened = None
                give_back_memory()
            order: _Order | _Look = pipe.recv()
            try:
                if opened is None or opened.clip != order.clip:
                    opened = _Opened(order.clip)
                if isinstance(order, _Look):
                    opened.look(order.frame)
                else:
                    _carry(pipe, order, opened)
            except (MatteError, ValueError, OSError) as error:
                opened = None
                if isinstance(order, _Look):
                    continue  # whoever needs the frame is told then
                told = error if isinstance(error, MatteError) else MatteError(str(error))
                pipe.send(("error", MatteError(told.message, hint=told.hint)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _carry(pipe: Connection, order: _Order, opened: _Opened) -> None:
    references = {
        frame: {n: mask.astype(np.float32) / 255 for n, mask in masks.items()}
        for frame, masks in order.references.items()
    }
    objects, leg = order.task.objects, order.task.leg
    for found in run_leg(opened.pictures, opened.flow, references, objects, leg, lambda: False):
        pipe.send(("frame", found.packed()))
    pipe.send(("end", None))

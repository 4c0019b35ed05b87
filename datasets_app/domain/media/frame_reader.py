"""Single frames exactly as they are stored, without decoding anything in this process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from datasets_app.domain.media.measured import LayerKind
from datasets_app.domain.media.probe import PROBLEMS, process_environment
from matteweb.errors import BadInput, Unsupported

_ROOT: Final = Path(__file__).parents[3]

Kind = LayerKind


@dataclass(frozen=True, slots=True)
class FrameFile:
    """A file and how its frames are read: ``rgb`` as (H, W, 3), ``gray`` as (H, W), both uint8; of
    a measured kind the master alone."""

    path: Path
    kind: Kind


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """What one decoding process may take: MiB of memory, seconds for a request, CPU-seconds in its
    whole life."""

    memory_mib: int = 2048
    seconds: float = 10.0
    cpu_seconds: int = 600


class FrameReader:
    """One decoding process, started when it is needed and again after it has died.

    It stays for a minute after the last question, so that a pointer that moves over a picture gets
    its answers in milliseconds. Safe to use from several threads; one question at a time.
    """

    def __init__(self, limits: FrameLimits | None = None) -> None:
        self._limits = limits or FrameLimits()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def values(self, files: Sequence[FrameFile], frame: int, x: int, y: int) -> list[list[float]]:
        """Return the stored value of every file at a pixel of a frame: [r, g, b] or [v], 0..255; of
        a measured layer in its unit, and [] where nothing was measured.

        Raises NotFound beyond the clip or the picture, BadInput for a damaged file, Unsupported
        when a frame takes more than the limits.
        """
        header, _ = self._ask(files, frame, (x, y))
        values: list[list[float]] = header["values"]
        return values

    def picture(self, file: FrameFile, frame: int) -> bytes:
        """Return a frame as PNG: the pixels of the file, none changed; of a measured layer what it
        looks like. Raises as `values`."""
        _, body = self._ask([file], frame, None)
        return body

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(
        self, files: Sequence[FrameFile], frame: int, at: tuple[int, int] | None
    ) -> tuple[dict[str, Any], bytes]:
        listed = [[str(file.path.absolute()), file.kind] for file in files]
        line = json.dumps({"frame": frame, "files": listed, "at": at}).encode() + b"\n"
        with self._lock:
            # A process that has ended while idle is replaced once; a second end has a cause.
            answer = self._converse(line) or self._converse(line)
        if answer is None:
            raise BadInput(
                f"the decoder fails at frame {frame}",
                hint="the player shows the delivery; bring the file in again if that fails, too",
            )
        header, body = answer
        if "problem" in header:
            code, message, hint = header["problem"]
            raise PROBLEMS.get(code, Unsupported)(message, hint=hint)
        return header, body

    def _converse(self, line: bytes) -> tuple[dict[str, Any], bytes] | None:
        """Return header and body; None when the process has ended. Raises Unsupported when it was
        killed because it took too long."""
        process = self._running()
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        watchdog = threading.Timer(self._limits.seconds, give_up)
        watchdog.start()
        try:
            answer = _exchange(process, line)
        except BrokenPipeError:
            answer = None
        finally:
            watchdog.cancel()
        if answer is None:
            self._end()
        if answer is None and late.is_set():
            raise Unsupported(
                f"one frame takes more than {self._limits.seconds:.0f} s to be decoded",
                hint="look at the delivery instead",
            )
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            limits = self._limits
            module = f"{__package__}.frame_process"
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(limits.memory_mib), str(limits.cpu_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=_ROOT,
                env=process_environment(),
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> tuple[dict[str, Any], bytes] | None:
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process was started without pipes")
    process.stdin.write(line)
    process.stdin.flush()
    return _read_answer(process.stdout)


def _read_answer(stdout: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    line = stdout.readline()
    if not line.endswith(b"\n"):
        return None
    header: dict[str, Any] = json.loads(line)
    body = stdout.read(header["bytes"]) if "bytes" in header else b""
    return None if len(body) != header.get("bytes", 0) else (header, body)

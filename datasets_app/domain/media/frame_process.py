"""Reads single frames for a web server, in a process of its own that cannot harm it.

Run as ``python -m datasets_app.domain.media.frame_process MEMORY_MIB CPU_SECONDS``. Reads one JSON
object per line from its input: ``{"frame", "files": [[path, kind of layer], ...], "at": [x, y] or
null}``. Answers each with a line: ``{"values": [[r, g, b] or [v], ...]}``, or ``{"bytes": n}``
followed by n bytes of a PNG of the only file, or ``{"problem": [code, message, hint]}``. Ends with
its input, or when nothing was asked for a while.
"""

from __future__ import annotations

import json
import resource
import select
import sys
from pathlib import Path
from typing import Any, Final

_IDLE_SECONDS: Final = 60.0


def main() -> None:
    """Answer until the input ends."""
    memory, cpu_seconds = (int(argument) for argument in sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_AS, (memory << 20, memory << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # One question is there at a time, so nothing can wait unseen in the buffer behind `select`.
    while select.select([sys.stdin], [], [], _IDLE_SECONDS)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        header, body = _answer(json.loads(line))
        sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + body)
        sys.stdout.buffer.flush()


def _answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    # Imported under the limits: these carry the decoders.
    from matteweb.errors import MatteError

    try:
        if request["at"] is None:
            body = _picture(request)
            return {"bytes": len(body)}, body
        return {"values": _values(request)}, b""
    except MatteError as error:
        return {"problem": [error.code, error.message, error.hint]}, b""
    except MemoryError:
        message = f"frame {request['frame']} needs more memory than one frame may take"
        return {"problem": ["unsupported", message, "look at the delivery instead"]}, b""


def _values(request: dict[str, Any]) -> list[list[float]]:
    from datasets_app.domain.media.measured import measure_of
    from matteweb.errors import NotFound

    x, y = request["at"]
    found = []
    for path, kind in request["files"]:
        frame = _frame(Path(path), kind, request["frame"])
        height, width = frame.shape[:2]
        if not (0 <= x < width and 0 <= y < height):
            raise NotFound(f"there is no pixel {x}, {y} in a picture of {width}x{height}")
        measure = measure_of(kind)
        if measure is not None:
            known = [float(part) for part in measure.decoded(frame[y : y + 1, x : x + 1])[0, 0]]
            found.append([round(part, 4) for part in known if part == part])
            continue
        value = frame[y, x]
        found.append([int(part) for part in value] if value.ndim else [int(value)])
    return found


def _picture(request: dict[str, Any]) -> bytes:
    import cv2

    from datasets_app.domain.media.measured import measure_of

    ((path, kind),) = request["files"]
    frame = _frame(Path(path), kind, request["frame"])
    measure = measure_of(kind)
    if measure is not None:
        frame = measure.shown(frame)
    stored = frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    # The lightest compression: it is made for one look.
    done, encoded = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise MemoryError
    return bytes(encoded.tobytes())


def _frame(path: Path, kind: str, number: int) -> Any:
    from datasets_app.domain.media.reader import read_gray, read_measured, read_rgb
    from matteweb.errors import NotFound

    read: Any = {"gray": read_gray, "rgb": read_rgb}.get(kind, read_measured)
    frames = read(path, start=number, stop=number + 1)
    try:
        frame = next(frames, None)
    finally:
        frames.close()
    if frame is None:
        raise NotFound(f"there is no frame {number}")
    return frame


if __name__ == "__main__":
    main()

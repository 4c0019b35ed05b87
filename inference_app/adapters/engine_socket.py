"""Messages over a Unix socket: four bytes of length, a JSON head, then the bytes it announces.

One connection carries one request and its answers. Closing it means: nobody is listening.
"""

from __future__ import annotations

import asyncio
import json
import socket
import socketserver
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack, unpack
from typing import Any, Final

from matteweb.errors import BadInput, Cancelled, Conflict, MatteError, NotFound

_LARGEST_HEAD: Final = 1 << 20
_LARGEST_BODY: Final = 1 << 26
_PATIENCE_SECONDS: Final = 30.0
_KINDS: Final = {kind.code: kind for kind in (BadInput, Cancelled, Conflict, NotFound)}


@dataclass(frozen=True, slots=True)
class Message:
    """``head`` is small JSON, ``body`` any bytes."""

    head: dict[str, Any]
    body: bytes = field(default=b"")


Handler = Callable[[Message], Iterator[Message]]


class EngineAway(Conflict):
    """The live engine does not answer; it is started again by ``manage.py up``."""

    def __init__(self) -> None:
        super().__init__(
            "the engine for masks does not answer", hint="it starts again by itself; try once more"
        )


def packed(message: Message) -> bytes:
    """Return the bytes of a message."""
    head = json.dumps({**message.head, "bytes": len(message.body)}).encode()
    return pack(">I", len(head)) + head + message.body


def error_message(error: MatteError) -> Message:
    """Return an error as the last answer."""
    return Message({"error": error.message, "hint": error.hint, "code": error.code})


def ask(path: Path, head: dict[str, Any]) -> Message:
    """Send one request and return its only answer. Raises EngineAway, or what the engine raised."""
    try:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as pipe:
            pipe.settimeout(_PATIENCE_SECONDS)
            pipe.connect(str(path))
            pipe.sendall(packed(Message(head)))
            with pipe.makefile("rb") as stream:
                return _checked(_read(stream.read))
    except OSError as error:
        raise EngineAway from error


async def listen(path: Path, head: dict[str, Any]) -> AsyncIterator[Message]:
    """Send one request and yield its answers until the last, which has ``done``.

    Raises EngineAway when the connection breaks before that, or what the engine raised.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(str(path))
    except OSError as error:
        raise EngineAway from error
    try:
        writer.write(packed(Message(head)))
        await writer.drain()
        while True:
            size = unpack(">I", await reader.readexactly(4))[0]
            answer = json.loads(await reader.readexactly(size))
            body = await reader.readexactly(answer.pop("bytes"))
            yield _checked(Message(answer, body))
            if answer.get("done"):
                return
    except (OSError, asyncio.IncompleteReadError) as error:
        raise EngineAway from error
    finally:
        writer.close()


class EngineServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Listens at a path that only this user can reach; a thread per connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, handle: Handler) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A socket of a killed engine is in the way; a living one does not share its path.
        path.unlink(missing_ok=True)
        self.handle_message = handle
        super().__init__(str(path), _Connection)
        path.chmod(0o600)


class _Connection(socketserver.StreamRequestHandler):
    server: EngineServer

    def handle(self) -> None:
        try:
            request = _read(self.rfile.read)
        except (EngineAway, ValueError):
            return  # whoever it was has gone, or speaks something else
        answers = self.server.handle_message(request)
        try:
            for answer in answers:
                self.wfile.write(packed(answer))
                self.wfile.flush()
        except MatteError as error:
            self._say(error_message(error))
        except (BrokenPipeError, ConnectionResetError):
            # Closing the generator tells the work that nobody listens any more.
            answers.close()  # type: ignore[attr-defined]

    def _say(self, message: Message) -> None:
        try:
            self.wfile.write(packed(message))
        except OSError:
            return


def _read(read: Callable[[int], bytes]) -> Message:
    start = read(4)
    if len(start) < 4:
        raise EngineAway
    size = unpack(">I", start)[0]
    if size > _LARGEST_HEAD:
        raise ValueError(f"a head of {size} bytes is none of ours")
    head = json.loads(read(size))
    wanted = int(head.pop("bytes"))
    if not 0 <= wanted <= _LARGEST_BODY:
        raise ValueError(f"a body of {wanted} bytes is none of ours")
    body = read(wanted)
    if len(body) < wanted:
        raise EngineAway
    return Message(head, body)


def _checked(message: Message) -> Message:
    if "error" in message.head:
        kind = _KINDS.get(message.head.get("code", ""), MatteError)
        raise kind(message.head["error"], hint=message.head.get("hint", ""))
    return message

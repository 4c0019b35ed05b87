from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from matteweb.body_limit import BodyLimit, Receive, Send

Message = MutableMapping[str, Any]


async def echo_length(scope: Message, receive: Receive, send: Send) -> None:
    """Read the body to its end and answer with its length."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def ask(
    pieces: list[bytes], *, declared: bytes | None = None, endless: bool = False
) -> tuple[int, bytes, int]:
    """Send a body to an application limited to 10 bytes; return status, answer and pieces read."""
    sent: list[Message] = []
    waiting = list(pieces)
    read = 0

    async def receive() -> Message:
        nonlocal read
        if not waiting:
            await asyncio.sleep(60)
        read += 1
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": endless or bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if declared is None else [(b"content-length", declared)]
    limited = BodyLimit(echo_length, 10, linger_seconds=0.1 if endless else 30)
    await limited({"type": "http", "headers": headers}, receive, send)
    assert sent[-1].get("more_body", False) is False
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), read


async def test_a_body_within_the_limit_passes() -> None:
    assert await ask([b"12345", b"67890"], declared=b"10") == (200, b"10", 2)


async def test_a_body_that_is_declared_too_long_is_refused_with_a_hint() -> None:
    status, answer, _ = await ask([b"x" * 11], declared=b"11")
    assert status == 413
    said = json.loads(answer)
    assert said["code"] == "too_large"
    assert "chunks of 8 MiB" in said["hint"]


async def test_a_body_that_declares_nothing_is_counted() -> None:
    status, _, _ = await ask([b"12345", b"67890", b"1", b"more"])
    assert status == 413


async def test_a_refused_client_is_read_to_its_end_so_that_it_reads_why() -> None:
    assert (await ask([b"x" * 6] * 9, declared=b"54"))[2] == 9


async def test_a_refused_client_that_never_ends_is_left() -> None:
    assert (await ask([b"x" * 11], declared=b"11", endless=True))[0] == 413


async def test_what_is_no_http_passes() -> None:
    seen = []

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    await BodyLimit(application, 1)({"type": "websocket"}, nothing, nothing)
    assert seen == ["websocket"]

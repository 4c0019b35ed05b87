"""Refuses request bodies that are too long, before Django writes them to a temporary file.

Under ASGI Django spools a whole body to disk before any view or login check sees the request: one
endless request of a stranger would fill the disk.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from matteweb.accounts.api_errors import error_body

# How long a refused client may go on sending. One that is cut off at once often reports a broken
# connection and never reads why.
LINGER_SECONDS = 10.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class _TooLong(Exception):
    """More bytes came than are let through."""


class BodyLimit:
    """An ASGI application in front of another one: answers 413 to a body above ``most_bytes``."""

    def __init__(
        self,
        application: Application,
        most_bytes: int,
        *,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._application = application
        self._most_bytes = most_bytes
        self._linger_seconds = linger_seconds

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
        elif _declared_length(scope) > self._most_bytes:
            await self._refuse(receive, send)
        else:
            try:
                await self._application(scope, self._counted(receive), send)
            except _TooLong:
                await self._refuse(receive, send)

    def _counted(self, receive: Receive) -> Receive:
        """Count what a client sends that declares no length."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._most_bytes:
                raise _TooLong
            return message

        return counted

    async def _refuse(self, receive: Receive, send: Send) -> None:
        mib = self._most_bytes // 1024**2
        body = json.dumps(
            error_body(
                f"This request has more than {mib} MiB.",
                "Send a large file through the upload endpoint, in chunks of 8 MiB.",
                "too_large",
            )
        ).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        try:
            async with asyncio.timeout(self._linger_seconds):
                await _drain(receive)
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(receive: Receive) -> None:
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()


def _declared_length(scope: MutableMapping[str, Any]) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0

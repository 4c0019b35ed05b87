"""A websocket to the application without a server in between.

``channels.testing`` offers the same, but cannot be imported without daphne.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from asgiref.testing import ApplicationCommunicator

from matteweb.asgi import application


class Socket:
    """One connection; every wait ends with TimeoutError after ``timeout`` seconds."""

    def __init__(self, address: str, headers: dict[str, str], timeout: float = 30) -> None:
        parts = urlsplit(address)
        scope = {
            "type": "websocket",
            "path": unquote(parts.path),
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": [],
        }
        self._app = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
        self._timeout = timeout

    async def connect(self) -> bool:
        """Knock; return whether the application let us in."""
        await self._app.send_input({"type": "websocket.connect"})  # type: ignore[no-untyped-call]
        answer = await self.receive()
        return bool(answer["type"] == "websocket.accept")

    async def receive(self) -> dict[str, Any]:
        """Return the next message as ASGI has it."""
        message: dict[str, Any]
        message = await self._app.receive_output(self._timeout)  # type: ignore[no-untyped-call]
        return message

    async def receive_json(self) -> dict[str, Any]:
        """Return what the next message says."""
        said: dict[str, Any] = json.loads((await self.receive())["text"])
        return said

    async def disconnect(self) -> None:
        """Go, and wait until the application has noticed."""
        await self._app.send_input({"type": "websocket.disconnect", "code": 1000})  # type: ignore[no-untyped-call]
        await self._app.wait(self._timeout)  # type: ignore[no-untyped-call]

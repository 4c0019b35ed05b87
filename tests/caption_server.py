"""A real HTTP server on loopback that speaks the chat protocol of OpenAI, as a test wants it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, JSON body, headers."""


@dataclass
class CaptionServer:
    """``asked`` holds every request body with its headers; ``answers`` is called with its number,
    from 0, and its body."""

    answers: Callable[[int, dict[str, Any]], Answer | None]
    asked: list[tuple[dict[str, Any], dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


def said(text: str, tokens: int = 100, model: str = "eye-1") -> Answer:
    """Return an answer of the model."""
    body = {
        "model": model,
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"total_tokens": tokens},
    }
    return 200, body, {}


def failed(status: int, message: str, **headers: str) -> Answer:
    """Return an error as such services word it."""
    return status, {"error": {"message": message}}, headers


@contextmanager
def caption_server(
    answers: Callable[[int, dict[str, Any]], Answer | None],
) -> Iterator[CaptionServer]:
    """Serve until the block ends; an answer of None closes the connection without a word."""
    server = CaptionServer(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            body = json.loads(data)
            number = len(server.asked)
            server.asked.append((body, {**dict(self.headers), "path": self.path}))
            answer = server.answers(number, body)
            if answer is None:
                self.close_connection = True
                return
            status, said_back, headers = answer
            raw = json.dumps(said_back).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what matters is in ``asked``."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()

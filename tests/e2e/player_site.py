"""A small real site for the player: clips that carry their frame number, served with Range."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from fractions import Fraction
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from datasets_app.domain.media.frame_index import build_frame_index
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.writer import GrayDeliveryWriter, RgbDeliveryWriter

STATIC = Path(__file__).parents[2] / "frontend" / "static"
TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mp4": "video/mp4",
    ".svg": "image/svg+xml",
}
# As strict as the product's own pages.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'"
)
SIZE = FrameSize(192, 112)
BITS = 8
CELL = 24

STYLES = "".join(
    f'<link rel="stylesheet" href="/static/css/{name}.css">'
    for name in (
        "tokens",
        "base",
        "layout",
        *(
            f"components/{part}"
            for part in ("button", "form", "range", "tag", "panel", "overlay", "player")
        ),
    )
)
PAGE = f"""<!doctype html><html lang="en" data-theme="dark"><head><meta charset="utf-8">
<title>Player</title>{STYLES}
<script type="module" src="/static/mw/main.js"></script>
<script type="module" src="/static/mw/player/player.js"></script>
<script type="module" src="/static/mw/player/preload.js"></script></head>
<body><main class="page"><mw-player src="/pair/layers.json"></mw-player></main>
<div class="toasts" id="toasts"></div></body></html>"""


def numbered_rgb(number: int, tint: int) -> RgbFrame:
    """Return a frame whose top row of cells is its number in binary, over a soft gradient."""
    y, x = np.mgrid[: SIZE.height, : SIZE.width]
    frame = np.stack(
        [x * 255 // SIZE.width, y * 255 // SIZE.height, np.full_like(x, tint)], axis=-1
    )
    for bit in range(BITS):
        frame[:CELL, bit * CELL : (bit + 1) * CELL] = 255 * (number >> bit & 1)
    return frame.astype(np.uint8)


def numbered_gray(number: int) -> GrayFrame:
    """Return values 0 to 255 in a pattern that differs in every pixel from frame to frame."""
    y, x = np.mgrid[: SIZE.height, : SIZE.width]
    values: GrayFrame = ((x * 3 + y * 7 + number * 11) % 256).astype(np.uint8)
    return values


def write_sample(folder: Path, frames: int, fps: Fraction = Fraction(24)) -> None:
    """Write ``rgb_full``, ``rgb_removed`` and ``mask`` with their indexes and ``layers.json``."""
    folder.mkdir(parents=True)
    makers: dict[str, Callable[[int], RgbFrame]] = {
        "rgb_full": lambda number: numbered_rgb(number, 200),
        "rgb_removed": lambda number: numbered_rgb(number, 40),
    }
    for name, frame in makers.items():
        with RgbDeliveryWriter(folder / f"{name}.mp4", SIZE, fps) as rgb:
            for number in range(frames):
                rgb.write(frame(number))
    with GrayDeliveryWriter(folder / "mask.mp4", SIZE, fps) as gray:
        for number in range(frames):
            gray.write(numbered_gray(number))
    notes = {"rgb_full": "input", "rgb_removed": "target", "mask": "0 remove · 255 keep"}
    for name in notes:
        index = build_frame_index(folder / f"{name}.mp4")
        (folder / f"{name}.json").write_bytes(index.to_json_bytes())
    streams = [_stream(folder.name, name, note) for name, note in notes.items()]
    layers = {
        "name": folder.name,
        "fps": [fps.numerator, fps.denominator],
        "frames": frames,
        "width": SIZE.width,
        "height": SIZE.height,
        "footage_url": "/footage.json",
        "streams": streams,
    }
    (folder / "layers.json").write_text(json.dumps(layers))


def _stream(folder: str, name: str, note: str) -> dict[str, object]:
    return {
        "name": name,
        "kind": "gray" if name == "mask" else "rgb",
        "label": name,
        "note": note,
        "url": f"/{folder}/{name}.mp4",
        "index_url": f"/{folder}/{name}.json",
        "width": SIZE.width,
        "height": SIZE.height,
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the player gives up requests whose answer it no longer wants."""


class PlayerSite:
    """Serves ``folder`` and the frontend's static files; notes every request."""

    def __init__(self, folder: Path) -> None:
        self.requests: list[str] = []
        self.failing: set[str] = set()
        self.damaged: set[str] = set()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append(self.path)
                _answer(self, folder, site)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://localhost:{self.port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _answer(handler: BaseHTTPRequestHandler, folder: Path, site: PlayerSite) -> None:
    path = handler.path.partition("?")[0]
    if path in site.failing:
        handler.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        return
    if path == "/":
        _send(handler, HTTPStatus.OK, PAGE.encode(), ".html")
        return
    inside = path.removeprefix("/static/")
    file = STATIC / inside if inside != path else folder / path.lstrip("/")
    if not file.is_file():
        handler.send_error(HTTPStatus.NOT_FOUND)
        return
    body = bytes(file.stat().st_size) if path in site.damaged else file.read_bytes()
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
    if asked is None:
        _send(handler, HTTPStatus.OK, body, file.suffix)
        return
    first = int(asked[1])
    last = min(int(asked[2] or len(body) - 1), len(body) - 1)
    place = {"Content-Range": f"bytes {first}-{last}/{len(body)}"}
    _send(handler, HTTPStatus.PARTIAL_CONTENT, body[first : last + 1], file.suffix, place)


def _send(
    handler: BaseHTTPRequestHandler,
    status: HTTPStatus,
    body: bytes,
    suffix: str,
    more: dict[str, str] | None = None,
) -> None:
    handler.send_response(status)
    headers = {
        "Content-Type": TYPES.get(suffix, "application/octet-stream"),
        "Content-Length": str(len(body)),
        "Content-Security-Policy": POLICY,
        "Accept-Ranges": "bytes",
        # So that a request that is not there was answered out of the player's own memory.
        "Cache-Control": "no-store",
        **(more or {}),
    }
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)

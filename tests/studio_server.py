"""A small real HTTP server that speaks the studio's API for programs, and can be made to fail."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from datasets_app.domain.bundles.files import BundleFile

TOKEN = "mw_secret"


class StudioServer:
    """Context manager; serves one bundle as demo/casper and takes uploads to demo.

    ``requests`` records (method, path, headers). ``cut``: path -> how many bytes of each of the
    next answers are sent before the connection is closed. ``statuses``: refusals of the next
    requests whose path contains the key. ``redirect``: path -> another address. ``slow``: seconds
    between two parts of an answer.
    """

    def __init__(self, files: list[BundleFile] | None = None) -> None:
        self.contents = {file.path: file.data or b"" for file in files or []}
        self.digests = {file.path: file.sha256 for file in files or []}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.cut: dict[str, list[int]] = defaultdict(list)
        self.statuses: dict[str, list[int]] = defaultdict(list)
        self.redirect: dict[str, str] = {}
        self.uploads: dict[str, bytearray] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.lengths: dict[str, int] = {}
        self.ignore_ranges = False
        self.slow = 0.0

    def __enter__(self) -> Self:
        studio: StudioServer = self

        class Handler(_Handler):
            server_of_test = studio

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked(self, method: str, part: str) -> list[dict[str, str]]:
        """Return the headers of every request of that kind, names in lower case."""
        return [headers for m, path, headers in self.requests if m == method and part in path]


class _Handler(BaseHTTPRequestHandler):
    server_of_test: StudioServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self._turned_away():
            return
        base = "/api/projects/demo/bundles/casper/"
        if self.path == f"{base}manifest":
            self._send(200, self.server_of_test.contents["manifest.json"])
        elif self.path.startswith(f"{base}files/"):
            self._file(self.path.removeprefix(f"{base}files/"))
        else:
            self._error(404, "there is no such bundle")

    def do_POST(self) -> None:
        body = self._body()
        if self._turned_away(free=self.path == "/api/login"):
            return
        if self.path == "/api/login":
            self._login(json.loads(body))
        elif self.path == "/api/projects/demo/uploads/":
            self._begin()
        else:
            self._error(404, "there is no such project")

    def do_HEAD(self) -> None:
        uid = self.path.rpartition("/")[2]
        if self._turned_away():
            return
        if uid not in self.server_of_test.uploads:
            self._error(410, "the upload has expired")
            return
        self._send(200, b"", {"Upload-Offset": str(len(self.server_of_test.uploads[uid]))})

    def do_PATCH(self) -> None:
        studio, uid = self.server_of_test, self.path.rpartition("/")[2]
        at = int(self.headers["Upload-Offset"])
        short = studio.cut[uid].pop(0) if studio.cut[uid] else None
        if short is not None:
            kept = self.rfile.read(short)
            if at == len(studio.uploads[uid]):
                studio.uploads[uid] += kept
            self._record()
            self.close_connection = True
            self.connection.close()
            return
        data = self._body()
        if self._turned_away():
            return
        algorithm, _, expected = self.headers["Upload-Checksum"].partition(" ")
        if base64.b64encode(hashlib.new(algorithm, data).digest()).decode() != expected:
            self._error(460, "another checksum")
        elif at != len(studio.uploads[uid]):
            self._error(409, "another offset")
        else:
            studio.uploads[uid] += data
            self._send(204, b"", {"Upload-Offset": str(len(studio.uploads[uid]))})

    def _record(self) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.server_of_test.requests.append((self.command, self.path, headers))

    def _turned_away(self, *, free: bool = False) -> bool:
        """Answer what is no success: refusals and redirects that the test ordered, no token."""
        studio = self.server_of_test
        self._record()
        for part, statuses in studio.statuses.items():
            if part in self.path and statuses:
                self._error(statuses.pop(0), "not now")
                return True
        if self.path in studio.redirect:
            self._send(302, b"", {"Location": studio.redirect[self.path]})
            return True
        if not free and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._error(401, "send a token")
            return True
        return False

    def _login(self, given: dict[str, str]) -> None:
        if (given["username"], given["password"]) != ("ada", "right horse"):
            self._error(401, "Wrong username or password.")
            return
        self._send(201, json.dumps({"token": TOKEN, "name": given["name"]}).encode())

    def _begin(self) -> None:
        studio = self.server_of_test
        uid = f"upload{len(studio.uploads)}"
        pairs = (pair.split(" ") for pair in self.headers["Upload-Metadata"].split(","))
        studio.metadata[uid] = {key: base64.b64decode(text).decode() for key, text in pairs}
        studio.uploads[uid] = bytearray()
        studio.lengths[uid] = int(self.headers["Upload-Length"])
        self._send(201, b"", {"Location": uid})

    def _file(self, path: str) -> None:
        studio = self.server_of_test
        data = studio.contents.get(path)
        if data is None:
            self._error(404, "there is no such file")
            return
        headers = {"ETag": f'"{studio.digests[path]}"', "Accept-Ranges": "bytes"}
        asked = self.headers.get("Range", "")
        current = self.headers.get("If-Range", headers["ETag"]) == headers["ETag"]
        if asked and current and not studio.ignore_ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            self._send(206, data[start:], headers, cut=path)
        else:
            self._send(200, data, headers, cut=path)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _error(self, status: int, message: str) -> None:
        body = json.dumps({"message": message, "hint": "", "code": "x", "extra": {}}).encode()
        self._send(status, body, {"Retry-After": "0"})

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, cut: str = ""
    ) -> None:
        studio = self.server_of_test
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        cuts = studio.cut.get(cut, [])
        short = cuts.pop(0) if cuts else None
        for start in range(0, len(body if short is None else body[:short]), 1 << 14):
            self.wfile.write(body[:short][start : start + (1 << 14)])
            if studio.slow and cut:
                time.sleep(studio.slow)
        if short is not None:
            self.close_connection = True
            self.connection.close()

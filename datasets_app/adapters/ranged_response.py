"""Bodies of any length to clients of any speed: ranges, validators, at most 1 MiB in memory each.

Under ASGI a synchronous body is collected in memory before its first byte leaves, so every long
body here is an asynchronous iterator that reads in a thread. Source of the rules: RFC 9110,
sections 13 (conditions) and 14 (ranges).
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from datasets_app.adapters.blob_location import blob_location, blob_store
from datasets_app.domain.archives.virtual_zip import ZipLayout
from datasets_app.domain.byte_range import ByteRange, Unsatisfiable, parse_range
from datasets_app.models import Blob
from matteweb.errors import Corrupt

STEP_BYTES = 1024**2
_SHORTEST_VERSION = 8
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')

# What a browser may show. Anything that could run script in our origin (SVG, HTML, XML) is absent
# and leaves as a download.
SHOWN_TYPES = frozenset(
    {
        "application/json",
        "application/zip",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/plain",
        "video/mp4",
        "video/quicktime",
        "video/webm",
        "video/x-matroska",
    }
)

_ReadBlocks = Callable[[ByteRange], Generator[bytes, None, None]]


@dataclass(frozen=True, slots=True)
class _Content:
    """What can be sent: its length, its strong validator, its headers, and how to read it."""

    size: int
    tag: str
    headers: dict[str, str]
    read: _ReadBlocks
    handed_over: str = ""


def ranged_response(
    request: HttpRequest, blob: Blob, media_type: str, filename: str | None = None
) -> HttpResponseBase:
    """Answer GET or HEAD with the bytes of a blob, or with the range that is asked for.

    ``filename`` makes it a download under that name. A URL made by ``versioned`` is cached for
    good; any other is revalidated by its ETag, since it may show another blob tomorrow. Raises
    Corrupt when the bytes are gone or a linked file has changed.
    """
    path = blob_location(blob)
    handed_over = ""
    if settings.X_ACCEL_PREFIX and not blob.external_path:
        handed_over = settings.X_ACCEL_PREFIX + blob_store().relative_path(blob.digest)
    content = _Content(
        size=blob.size,
        tag=blob.digest,
        headers=_headers(request, blob.digest, media_type, filename),
        read=lambda wanted: _blocks(_file_pieces(path, wanted.start, wanted.stop)),
        handed_over=handed_over,
    )
    return _answer(request, content)


def ranged_zip_response(
    request: HttpRequest,
    layout: ZipLayout,
    locate: Callable[[str], Path],
    *,
    tag: str,
    filename: str,
) -> HttpResponseBase:
    """Answer GET or HEAD with an archive that exists only as ``layout``.

    ``locate`` turns an entry's source into the file that holds it; it is called from threads while
    the body is being sent, so it must not use the database. ``tag`` identifies the archive's bytes.
    """

    def pieces(wanted: ByteRange) -> Iterator[bytes]:
        for segment in layout.segments(wanted.start, wanted.stop):
            if isinstance(segment, bytes):
                yield segment
            else:
                yield from _file_pieces(locate(segment.source), segment.start, segment.stop)

    content = _Content(
        size=layout.size,
        tag=tag,
        headers=_headers(request, tag, "application/zip", filename),
        read=lambda wanted: _blocks(pieces(wanted)),
    )
    return _answer(request, content)


def versioned(url: str, digest: str) -> str:
    """Return the URL of a blob in the form that browsers may keep for ever."""
    return f"{url}?v={digest[:16]}"


def _headers(
    request: HttpRequest, tag: str, media_type: str, filename: str | None
) -> dict[str, str]:
    version = request.GET.get("v", "")
    fixed = len(version) >= _SHORTEST_VERSION and tag.startswith(version)
    shown = media_type in SHOWN_TYPES
    disposition = content_disposition_header(filename is not None or not shown, filename or "")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable" if fixed else "private, no-cache",
        "Content-Type": media_type if shown else "application/octet-stream",
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": f'"{tag}"',
        "X-Content-Type-Options": "nosniff",
    }
    if disposition:
        headers["Content-Disposition"] = disposition
    return headers


def _answer(request: HttpRequest, content: _Content) -> HttpResponseBase:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if _known_to_client(request, content.tag):
        return _without_body(content, status=304)
    if content.handed_over:
        response = _without_body(content, status=200)
        response["X-Accel-Redirect"] = content.handed_over
        return response
    if request.method == "HEAD":
        response = _without_body(content, status=200)
        response["Content-Length"] = str(content.size)
        return response
    try:
        wanted = _wanted_range(request, content)
    except Unsatisfiable:
        response = _without_body(content, status=416)
        response["Content-Range"] = f"bytes */{content.size}"
        response["Cache-Control"] = "no-store"
        return response
    part = wanted or ByteRange(0, content.size)
    answer = _with_body(content, part, status=206 if wanted else 200)
    if wanted:
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{content.size}"
    return answer


def _wanted_range(request: HttpRequest, content: _Content) -> ByteRange | None:
    """Return the range to send, or None for everything. Raises Unsatisfiable."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != f'"{content.tag}"':
        return None
    return parse_range(request.headers.get("Range", ""), content.size)


def _known_to_client(request: HttpRequest, tag: str) -> bool:
    condition = request.headers.get("If-None-Match", "")
    return condition.strip() == "*" or f'"{tag}"' in _ENTITY_TAG.findall(condition)


def _without_body(content: _Content, *, status: int) -> HttpResponse:
    response = HttpResponse(status=status, headers=content.headers)
    if status != 200:
        del response["Content-Disposition"]
    return response


def _with_body(content: _Content, part: ByteRange, *, status: int) -> HttpResponseBase:
    headers = content.headers | {"Content-Length": str(part.stop - part.start)}
    blocks = content.read(part)
    if part.stop - part.start <= STEP_BYTES:
        return HttpResponse(b"".join(blocks), status=status, headers=headers)
    return StreamingHttpResponse(_ReadInThreads(blocks), status=status, headers=headers)


class _ReadInThreads:
    """The blocks as an asynchronous iterator: each is read when the one before has left.

    Django calls ``close`` when the answer is over, also when the client has gone.
    """

    def __init__(self, blocks: Generator[bytes, None, None]) -> None:
        self._blocks = blocks
        self._over = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        block = await asyncio.to_thread(self._read)
        if not block:
            raise StopAsyncIteration
        return block

    def close(self) -> None:
        """Close the file, or leave that to the read that is under way in its thread.

        Waiting for its last reference instead would keep it open for as long as a traceback of the
        cancelled request lives.
        """
        self._over = True
        with suppress(ValueError):
            self._blocks.close()

    def _read(self) -> bytes:
        block = next(self._blocks, b"")
        if self._over:
            self._blocks.close()
        return block


def _blocks(pieces: Iterator[bytes]) -> Generator[bytes, None, None]:
    """Join small pieces, so that an archive of many small files is not sent in crumbs."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        if length + len(piece) > STEP_BYTES:
            yield b"".join(waiting)
            waiting, length = [], 0
        waiting.append(piece)
        length += len(piece)
    if waiting:
        yield b"".join(waiting)


def _file_pieces(path: Path, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes ``start`` to ``stop`` of a file, at most 1 MiB at a time."""
    with path.open("rb", buffering=0) as stream:
        while start < stop:
            piece = os.pread(stream.fileno(), min(STEP_BYTES, stop - start), start)
            if not piece:
                raise Corrupt(f"{path.name} is shorter than recorded", hint="restore it")
            yield piece
            start += len(piece)

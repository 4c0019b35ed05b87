"""Many slow readers of long bodies: the server stays small, pages stay quick, bytes stay right."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import quantiles
from threading import Event, Thread
from time import monotonic, sleep

import httpx
import pytest

from datasets_app.adapters.blob_store import BlobStore
from datasets_app.domain.archives.virtual_zip import ZipLayout
from datasets_app.domain.media.checksum import FileDigest
from tests.download_urls import archive_layout
from tests.scale import scale
from tests.web_server import WebServer, web_server

# At full size every client reads for 17 minutes.
pytestmark = [pytest.mark.processes, pytest.mark.timeout(scale(600, 2400))]

MIB = 1024**2
CLIENTS = 8
BLOB = scale(1, 16) * MIB + 12_345
COPIES = scale(12, 128)
PACE = scale(4, 2) * MIB  # bytes per second and client
LONG = scale(64, 1024) * MIB
SLOWEST_PAGE = 0.3  # seconds
# Of 20 pages so many must be as quick. A short run shares its processors with other tests.
QUICK_OF_20 = scale(10, 19)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    data = tmp_path_factory.mktemp("downloads")
    with web_server(data, settings="tests.settings_downloads") as running:
        yield running


@pytest.fixture(scope="module")
def stored(server: WebServer) -> tuple[bytes, FileDigest]:
    """A blob in the server's store, with its bytes."""
    data = Random(7).randbytes(BLOB)
    return data, BlobStore(server.installation.data / "blobs").put_bytes(data)


def archive_url(server: WebServer, blob: FileDigest) -> str:
    return f"{server.address}/downloads/{blob.sha256}/{blob.crc32}/{COPIES}.zip"


def layout_of(blob: FileDigest) -> ZipLayout:
    return archive_layout(blob.sha256, blob.size, blob.crc32, COPIES)


def expected_sha256(data: bytes, layout: ZipLayout) -> str:
    digest = hashlib.sha256()
    for piece in layout.segments():
        digest.update(piece if isinstance(piece, bytes) else data[piece.start : piece.stop])
    return digest.hexdigest()


def read_slowly(url: str, *, pace: float) -> tuple[int, str]:
    """Read a body at ``pace`` bytes per second; return its length and sha256."""
    digest, length, begun = hashlib.sha256(), 0, monotonic()
    with httpx.stream("GET", url, timeout=60) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw(64 * 1024):
            digest.update(piece)
            length += len(piece)
            sleep(max(0.0, length / pace - (monotonic() - begun)))
    return length, digest.hexdigest()


def page_seconds(server: WebServer, over: Event) -> list[float]:
    """Ask for a page again and again; return how long each answer took."""
    seconds = []
    with httpx.Client(base_url=server.address, headers=server.headers) as client:
        while not over.wait(0.1):
            begun = monotonic()
            assert client.get("/api/projects/p/uploads/").status_code == 200
            seconds.append(monotonic() - begun)
    return seconds


def test_eight_slow_readers_of_a_bundle_cost_little_memory_and_no_speed(
    server: WebServer, stored: tuple[bytes, FileDigest]
) -> None:
    data, blob = stored
    layout = layout_of(blob)
    over = Event()
    with server.growth() as growth, ThreadPoolExecutor(CLIENTS + 1) as pool:
        pages = pool.submit(page_seconds, server, over)
        url = archive_url(server, blob)
        readers = [pool.submit(read_slowly, url, pace=PACE) for _ in range(CLIENTS)]
        try:
            found = {reader.result() for reader in readers}
        finally:
            over.set()  # a reader that failed must not leave the pages being asked for ever
        seconds = pages.result()
    assert found == {(layout.size, expected_sha256(data, layout))}
    assert growth[0] < 100 * MIB
    assert quantiles(seconds, n=20)[QUICK_OF_20 - 1] < SLOWEST_PAGE


def test_a_reader_that_is_cut_off_goes_on_at_the_next_byte(
    server: WebServer, stored: tuple[bytes, FileDigest]
) -> None:
    data, blob = stored
    layout = layout_of(blob)
    url, random = archive_url(server, blob), Random(3)
    received, tag = io.BytesIO(), ""
    while received.tell() < layout.size:
        asked = {"Range": f"bytes={received.tell()}-", "If-Range": tag} if tag else {}
        stop = received.tell() + random.randrange(1, layout.size // 3)
        with httpx.stream("GET", url, headers=asked, timeout=60) as answer:
            assert answer.status_code == (206 if tag else 200)
            tag = answer.headers["ETag"]
            for piece in answer.iter_raw(64 * 1024):
                received.write(piece)
                if received.tell() >= stop:
                    break  # the connection is closed in the middle of the body
    assert hashlib.sha256(received.getvalue()).hexdigest() == expected_sha256(data, layout)


def test_the_length_is_told_without_a_body(
    server: WebServer, stored: tuple[bytes, FileDigest]
) -> None:
    _, blob = stored
    answer = httpx.head(archive_url(server, blob))
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(layout_of(blob).size)
    known = {"If-None-Match": answer.headers["ETag"]}
    assert httpx.get(archive_url(server, blob), headers=known).status_code == 304


def test_parts_that_are_fetched_side_by_side_make_the_whole(
    server: WebServer, stored: tuple[bytes, FileDigest]
) -> None:
    data, blob = stored
    layout = layout_of(blob)
    edges = [layout.size * part // 4 for part in range(5)]

    def fetch(part: int) -> bytes:
        asked = {"Range": f"bytes={edges[part]}-{edges[part + 1] - 1}"}
        return httpx.get(archive_url(server, blob), headers=asked, timeout=60).content

    with ThreadPoolExecutor(4) as pool:
        whole = b"".join(pool.map(fetch, range(4)))
    assert hashlib.sha256(whole).hexdigest() == expected_sha256(data, layout)


def test_a_long_blob_to_a_slow_reader_stays_on_the_disk(server: WebServer, tmp_path: Path) -> None:
    path = tmp_path / "long"
    with path.open("wb") as stream:
        stream.truncate(LONG)
    blob = BlobStore(server.installation.data / "blobs").put_file(path)
    checksum = 0
    url = f"{server.address}/downloads/{blob.sha256}"
    with server.growth() as growth, httpx.stream("GET", url, timeout=60) as answer:
        for number, piece in enumerate(answer.iter_raw(MIB)):
            checksum = zlib.crc32(piece, checksum)
            sleep(1.0 if number == 0 else 0.0)  # the server could run ahead here
    assert checksum == blob.crc32
    assert growth[0] < 50 * MIB


def test_readers_that_leave_are_forgotten(
    server: WebServer, stored: tuple[bytes, FileDigest]
) -> None:
    _, blob = stored

    def leave_early() -> None:
        with httpx.stream("GET", archive_url(server, blob), timeout=60) as answer:
            next(answer.iter_raw(64 * 1024))

    threads = [Thread(target=leave_early) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    path = server.installation.data / "blobs" / blob.sha256[:2] / blob.sha256[2:4] / blob.sha256
    deadline = monotonic() + 10
    while path in server.open_files():
        assert monotonic() < deadline, "files of readers that left are still open"
        sleep(0.1)

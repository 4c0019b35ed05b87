"""Uploads of a real client to a real server, over a line that breaks, with a server that dies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import httpx
import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.uploader.uploader import Uploader

from tests.processes import wait_until
from tests.proxy import BadLine, bad_line
from tests.scale import scale
from tests.web_server import WebServer, web_server

pytestmark = pytest.mark.processes

MIB = 1024**2
SIZE = scale(24 * MIB, 2 * 1024**3)
CHUNK = scale(MIB, 8 * MIB)
CUTS = 5
MOST_GROWTH = 50 * MIB


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(tmp_path_factory.mktemp("uploads")) as running:
        yield running


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "long take.mp4"
    random = Random(4)
    with path.open("wb") as stream:
        for _ in range(SIZE // MIB):
            stream.write(random.randbytes(MIB))
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tus_uploader(server: WebServer, line: BadLine, clip: Path) -> Uploader:
    client = TusClient(
        f"http://127.0.0.1:{line.port}/api/projects/p/uploads/", headers=server.headers
    )
    return client.uploader(
        str(clip),
        chunk_size=CHUNK,
        metadata={"filename": clip.name},
        upload_checksum=True,
        retries=200,
        retry_delay=0.5,
    )


def stored_file(server: WebServer, uploader: Uploader) -> Path:
    uid = str(uploader.url).rsplit("/", 1)[1]
    return server.installation.data / "uploads" / f"{uid}.part"


def recorded_offset(server: WebServer, uploader: Uploader) -> int:
    """Read the row beside the server, which may be dead."""
    uid = str(uploader.url).rsplit("/", 1)[1]
    upload = "SELECT offset FROM datasets_app_upload WHERE uid = ?"
    [row] = server.installation.query(upload, uid)
    return int(row["offset"])


def facts(server: WebServer, uploader: Uploader) -> dict[str, Any]:
    uid = str(uploader.url).rsplit("/", 1)[1]
    answer = httpx.get(f"{server.address}/api/projects/p/uploads/{uid}", headers=server.headers)
    return dict(answer.json())


def test_five_cuts_and_a_kill_cost_a_chunk_each_and_never_the_beginning(
    server: WebServer, clip: Path
) -> None:
    cuts = [SIZE * (2 * number + 1) // (2 * CUTS + 2) for number in range(CUTS)]
    with bad_line(("127.0.0.1", server.port), cuts) as line, server.growth() as growth:
        uploader = tus_uploader(server, line, clip)
        offsets: list[int] = []
        done = False
        while not done:
            try:
                while uploader.offset < SIZE:
                    uploader.upload_chunk()  # type: ignore[no-untyped-call]
                    offsets.append(uploader.offset)
                done = True
            except (TusCommunicationError, requests.ConnectionError):
                uploader.offset = uploader.get_offset()
                offsets.append(uploader.offset)
        assert line.made == CUTS
    assert offsets == sorted(offsets), "an offset went back"
    assert line.passed < SIZE + (CUTS + 1) * CHUNK * 1.1, "more than a chunk was sent again per cut"
    assert sha256(stored_file(server, uploader)) == sha256(clip)
    assert growth[0] < MOST_GROWTH


def test_a_killed_server_goes_on_at_the_last_chunk(server: WebServer, clip: Path) -> None:
    with bad_line(("127.0.0.1", server.port)) as line:
        uploader = tus_uploader(server, line, clip)
        sending = Thread(target=uploader.upload)
        sending.start()
        wait_until(lambda: line.passed > SIZE // 3, 600, "a third has passed")
        server.kill()
        kept = stored_file(server, uploader).stat().st_size
        claimed = recorded_offset(server, uploader)  # before the client finds the server again
        passed = line.passed
        server.start()
        assert claimed <= kept, "the row claims what is not on the disk"
        assert claimed > 0
        sending.join(900)
        assert not sending.is_alive()
    assert line.passed - passed < SIZE - claimed + 3 * CHUNK
    assert sha256(stored_file(server, uploader)) == sha256(clip)
    row = facts(server, uploader)
    assert (row["state"], row["offset"]) == ("received", SIZE)


def test_a_client_with_too_large_chunks_is_told_what_to_do(
    server: WebServer, tmp_path: Path
) -> None:
    with bad_line(("127.0.0.1", server.port)) as line, server.growth() as growth:
        path = tmp_path / "clip.mp4"
        with path.open("wb") as stream:
            stream.truncate(scale(40 * MIB, 2 * 1024**3))
        uploader = tus_uploader(server, line, path)
        uploader.chunk_size = path.stat().st_size
        uploader.retries = 0
        with pytest.raises(TusCommunicationError) as refused:
            uploader.upload()
    assert refused.value.status_code == 413
    assert b"chunks of 8 MiB" in refused.value.response_content
    assert growth[0] < MOST_GROWTH

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets_app.adapters.blob_location import blob_store
from datasets_app.adapters.ranged_response import (
    STEP_BYTES,
    ranged_response,
    ranged_zip_response,
    versioned,
)
from datasets_app.domain.archives.virtual_zip import ZipEntry, ZipLayout, zip_layout
from datasets_app.models import Blob
from matteweb.errors import Corrupt

DATA = bytes(range(251)) * 14_000  # 3.5 MB: longer than three steps


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blobs")


@pytest.fixture(autouse=True)
def own_store(root: Path, settings: Any) -> None:
    settings.BLOB_DIR = root


@pytest.fixture
def blob() -> Blob:
    digest = blob_store().put_bytes(DATA)
    return Blob(digest=digest.sha256, size=digest.size, crc32=digest.crc32)


def get(blob: Blob, *, path: str = "/x", kind: str = "video/mp4", **headers: str) -> Any:
    request = RequestFactory().get(path, headers=headers)
    return ranged_response(request, blob, kind)


async def body(response: HttpResponseBase) -> bytes:
    if isinstance(response, HttpResponse):
        return response.content
    assert isinstance(response, StreamingHttpResponse)
    assert response.is_async
    blocks = [block async for block in response]
    assert max(len(block) for block in blocks) <= STEP_BYTES
    return b"".join(blocks)


async def test_without_a_range_everything_comes_with_its_length(blob: Blob) -> None:
    response = get(blob)
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(DATA))
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{blob.digest}"'
    assert await body(response) == DATA


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, len(DATA) - 1), length=st.integers(1, len(DATA)))
async def test_a_range_is_that_part_and_says_which(blob: Blob, first: int, length: int) -> None:
    last = min(first + length, len(DATA)) - 1
    response = get(blob, Range=f"bytes={first}-{last}")
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert response["Content-Length"] == str(last - first + 1)
    assert await body(response) == DATA[first : last + 1]


async def test_the_last_bytes_and_the_rest_can_be_asked_for(blob: Blob) -> None:
    assert await body(get(blob, Range="bytes=-10")) == DATA[-10:]
    assert await body(get(blob, Range="bytes=3000000-")) == DATA[3_000_000:]


def test_a_range_behind_the_end_is_416_with_the_size_and_is_not_cached(blob: Blob) -> None:
    response = get(blob, path=versioned("/x", blob.digest), Range=f"bytes={len(DATA)}-")
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(DATA)}"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{tag}", 206), ('"other"', 200), ("W/{tag}", 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200)],
)
def test_a_range_of_another_version_is_answered_with_the_whole(
    blob: Blob, condition: str, status: int
) -> None:
    tag = f'"{blob.digest}"'
    headers = {"If-Range": condition.format(tag=tag), "Range": "bytes=0-9"}
    assert get(blob, **headers).status_code == status


@pytest.mark.parametrize("condition", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_what_the_client_has_is_not_sent_again(blob: Blob, condition: str) -> None:
    response = get(blob, **{"If-None-Match": condition.format(tag=f'"{blob.digest}"')})
    assert response.status_code == 304
    assert response.content == b""
    assert response["ETag"] == f'"{blob.digest}"'


def test_head_tells_the_length_without_a_body_and_ignores_ranges(blob: Blob) -> None:
    request = RequestFactory().head("/x", headers={"Range": "bytes=0-9"})
    response = ranged_response(request, blob, "video/mp4")
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(DATA))


def test_other_methods_are_refused(blob: Blob) -> None:
    response = ranged_response(RequestFactory().post("/x"), blob, "video/mp4")
    assert response.status_code == 405


def test_only_a_url_that_names_the_bytes_is_cached_for_good(blob: Blob) -> None:
    fixed = get(blob, path=versioned("/x", blob.digest))["Cache-Control"]
    assert fixed == "private, max-age=31536000, immutable"
    for path in ("/x", "/x?v=", "/x?v=0000000000000000", f"/x?v={blob.digest[:4]}"):
        assert get(blob, path=path)["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/xml", "nonsense"])
def test_what_could_run_script_leaves_as_a_download(blob: Blob, kind: str) -> None:
    response = get(blob, kind=kind)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_shown_type_is_shown_and_a_file_name_makes_a_download(blob: Blob) -> None:
    assert "Content-Disposition" not in get(blob)
    response = ranged_response(RequestFactory().get("/x"), blob, "video/mp4", "Größe 1.mp4")
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%201.mp4"


def test_a_proxy_gets_the_path_and_sends_the_bytes_itself(blob: Blob, settings: Any) -> None:
    settings.X_ACCEL_PREFIX = "/protected/"
    response = get(blob, Range="bytes=0-9")
    digest = blob.digest
    assert response["X-Accel-Redirect"] == f"/protected/{digest[:2]}/{digest[2:4]}/{digest}"
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == "video/mp4"


async def test_a_linked_file_is_never_handed_to_the_proxy(tmp_path: Path, settings: Any) -> None:
    settings.X_ACCEL_PREFIX = "/protected/"
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"frames")
    linked = Blob(
        digest="a" * 64,
        size=6,
        crc32=0,
        external_path=str(path),
        external_mtime_ns=path.stat().st_mtime_ns,
    )
    response = get(linked)
    assert "X-Accel-Redirect" not in response
    assert await body(response) == b"frames"


def test_missing_bytes_are_told_before_a_byte_leaves() -> None:
    with pytest.raises(Corrupt, match="missing"):
        get(Blob(digest="b" * 64, size=3, crc32=0))


async def test_a_file_that_is_cut_while_it_is_sent_breaks_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(DATA)
    linked = Blob(
        digest="c" * 64,
        size=len(DATA),
        crc32=0,
        external_path=str(path),
        external_mtime_ns=path.stat().st_mtime_ns,
    )
    response = get(linked)
    path.write_bytes(DATA[:100])
    with pytest.raises(Corrupt, match="shorter than recorded"):
        await body(response)


async def test_a_client_that_leaves_closes_the_file(blob: Blob) -> None:
    path = blob_store().path(blob.digest)
    response = get(blob)
    blocks: AsyncIterator[bytes] = aiter(response)
    await anext(blocks)
    assert path in open_files()
    response.close()
    assert path not in open_files()


def open_files() -> list[Path]:
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(link.readlink())
        except FileNotFoundError:
            continue  # the descriptor of the listing itself
    return found


def archive_of(contents: dict[str, bytes]) -> ZipLayout:
    entries = []
    for name, data in contents.items():
        digest = blob_store().put_bytes(data)
        entries.append(ZipEntry(name, len(data), zlib.crc32(data), digest.sha256))
    return zip_layout(entries)


async def test_an_archive_is_sent_as_it_is_laid_out() -> None:
    contents = {f"a/{number}.bin": bytes([number]) * 40_000 for number in range(60)}
    layout = archive_of({**contents, "manifest.json": b"{}"})
    request = RequestFactory().get("/x")
    response = ranged_zip_response(
        request, layout, blob_store().path, tag="t", filename="bundle.zip"
    )
    assert response["Content-Length"] == str(layout.size)
    assert response["Content-Disposition"] == 'attachment; filename="bundle.zip"'
    whole = await body(response)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.namelist()[0] == "manifest.json"
        assert all(archive.read(name) == data for name, data in contents.items())

    middle = RequestFactory().get("/x", headers={"Range": "bytes=39000-1900000"})
    part = ranged_zip_response(middle, layout, blob_store().path, tag="t", filename="bundle.zip")
    assert part.status_code == 206
    assert await body(part) == whole[39_000:1_900_001]

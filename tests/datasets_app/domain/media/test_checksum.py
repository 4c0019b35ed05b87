"""Digests of files."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import pytest

from datasets_app.domain.media.checksum import DigestWriter, digest_bytes, digest_file
from matteweb.errors import Cancelled

DATA = bytes(range(256)) * 9000


def test_the_digest_is_sha256_size_and_crc32(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    digest = digest_file(path)
    assert digest.sha256 == hashlib.sha256(DATA).hexdigest()
    assert digest.size == len(DATA)
    assert digest.crc32 == zlib.crc32(DATA)
    assert digest == digest_bytes(DATA)


def test_pieces_give_the_digest_of_the_whole() -> None:
    writer = DigestWriter()
    for start in range(0, len(DATA), 12345):
        writer.update(DATA[start : start + 12345])
    assert writer.result() == digest_bytes(DATA)


def test_progress_counts_bytes_and_a_stop_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    seen: list[tuple[int, int | None]] = []
    digest_file(path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(DATA), len(DATA))
    assert len(seen) == 3
    with pytest.raises(Cancelled):
        digest_file(path, should_stop=lambda: True)

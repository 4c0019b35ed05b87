"""A file is read again when it changed, and not before."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from inference_app.domain.remembered_digest import remembered_sha256


def test_a_file_that_changed_has_another_digest(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"first")
    assert remembered_sha256(path) == hashlib.sha256(b"first").hexdigest()
    path.write_bytes(b"other")
    os.utime(path, ns=(1, 1))
    assert remembered_sha256(path) == hashlib.sha256(b"other").hexdigest()

"""What was copied in is what was published: every vendored file has its row with its sha256."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "frontend" / "static" / "vendor"
TEXTS = {"VENDOR.md", "LICENSES.txt"}
FILES = sorted(path for path in VENDOR.rglob("*") if path.is_file() and path.name not in TEXTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_vendored_file_is_the_one_in_the_list(path: Path) -> None:
    name = path.relative_to(VENDOR).as_posix()
    (row,) = [
        line for line in (VENDOR / "VENDOR.md").read_text().splitlines() if f"| `{name}`" in line
    ]
    assert hashlib.sha256(path.read_bytes()).hexdigest() in row
    assert "https://" in row or "the same archive" in row

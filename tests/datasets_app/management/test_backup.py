"""Backup and restore by command: taken while people write, every byte the same afterwards."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Installation

pytestmark = pytest.mark.processes

CONFLICT, REFUSED, FINDINGS = 5, 3, 6

# Rows and bytes arrive all the time; each pair in one transaction, as the program writes them.
WRITING = """
import sys, time
from django.db import transaction
from datasets_app.models import Video
from datasets_app.services.blobs import blob_from_bytes
from matteweb.accounts.models import Project
project, _ = Project.objects.get_or_create(slug="p", defaults={"name": "P"})
print("writing", flush=True)
for number in range(10_000):
    with transaction.atomic():
        blob = blob_from_bytes(b"clip %d" % number * 5000)
        Video.objects.create(project=project, name=str(number), filename="x.mp4", original=blob)
    time.sleep(0.002)
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with a database, a key and two hundred clips."""
    made = Installation(tmp_path_factory.mktemp("backup") / "data")
    answer(made, "collect")
    made.python(WRITING.replace("10_000", "200"))
    return made


def answer(installation: Installation, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run a command with --json and return its answer."""
    done = installation.run(*arguments, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def blobs_of(folder: Path) -> dict[str, str]:
    """Return name -> sha256 of every stored blob; the store has files of its own beside them."""
    files = (path for path in (folder / "blobs").rglob("*") if len(path.name) == 64)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def rows_of(folder: Path) -> set[str]:
    """Return the digests that the database of a folder names."""
    found = Installation(folder).query("SELECT digest FROM datasets_app_blob")
    return {row["digest"] for row in found}


def test_a_backup_taken_while_somebody_writes_is_whole(
    installation: Installation, tmp_path: Path
) -> None:
    writer = subprocess.Popen(
        installation.command("shell", "--verbosity", "0", "-c", WRITING),
        env=installation.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        answer(installation, "backup", str(tmp_path / "saved"))
        assert writer.poll() is None, "it wrote all the time"
    finally:
        writer.kill()
        writer.wait()
    saved = blobs_of(tmp_path / "saved")
    assert all(name == digest for name, digest in saved.items())
    named = rows_of(tmp_path / "saved")
    assert named <= saved.keys()
    assert len(named) >= 200


def test_a_second_backup_copies_only_what_is_new(
    installation: Installation, tmp_path: Path
) -> None:
    first = answer(installation, "backup", str(tmp_path / "saved"))
    assert first["copied"] == first["blobs"]
    assert answer(installation, "backup", str(tmp_path / "saved"))["copied"] == 0


def test_a_restore_gives_the_same_rows_and_bytes(
    installation: Installation, tmp_path: Path
) -> None:
    answer(installation, "backup", str(tmp_path / "saved"))
    empty = Installation(tmp_path / "data")
    answer(empty, "restore", str(tmp_path / "saved"))
    named = rows_of(installation.data)
    assert rows_of(empty.data) == named
    restored = blobs_of(empty.data)
    assert {name: restored[name] for name in named} == {name: name for name in named}
    key = (empty.data / "secret_key").read_text()
    assert key == (installation.data / "secret_key").read_text()
    assert answer(empty, "collect")["deleted"] is False


def test_a_restore_never_overwrites(installation: Installation, tmp_path: Path) -> None:
    answer(installation, "backup", str(tmp_path / "saved"))
    said = answer(installation, "restore", str(tmp_path / "saved"), code=CONFLICT)
    assert "has a database already" in said["error"]["message"]


def test_a_folder_without_a_backup_is_refused(tmp_path: Path) -> None:
    said = answer(Installation(tmp_path / "data"), "restore", str(tmp_path), code=REFUSED)
    assert "holds no backup" in said["error"]["message"]


def test_a_damaged_backup_is_never_restored(installation: Installation, tmp_path: Path) -> None:
    answer(installation, "backup", str(tmp_path / "saved"))
    name = min(rows_of(tmp_path / "saved"))
    damaged = next((tmp_path / "saved" / "blobs").rglob(name))
    damaged.chmod(0o600)
    data = bytearray(damaged.read_bytes())
    data[-1] ^= 1
    damaged.write_bytes(data)
    empty = Installation(tmp_path / "data")
    answer(empty, "restore", str(tmp_path / "saved"), code=FINDINGS)
    assert not (empty.data / "db.sqlite3").exists()


def test_a_backup_into_the_data_folder_is_refused(installation: Installation) -> None:
    inside = str(installation.data / "saved")
    said = answer(installation, "backup", inside, code=REFUSED)
    assert "inside the data folder" in said["error"]["message"]

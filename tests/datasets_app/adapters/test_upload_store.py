from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from datasets_app.adapters.upload_store import PartBusy, PartMissing, UploadStore
from matteweb.errors import NoSpace
from tests.fakes import FullDisk, ShortWrites

UID = "0123456789abcdef" * 2


@pytest.fixture
def store(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


def test_bytes_are_appended_and_cut(store: UploadStore) -> None:
    store.create(UID)
    with store.writing(UID) as part:
        part.append(b"abc")
        part.append(b"def")
        part.cut(4)
        part.append(b"X")
        part.sync()
        assert part.size() == 5
    assert store.path(UID).read_bytes() == b"abcdX"
    assert store.size(UID) == 5
    assert list(store.uids()) == [UID]


def test_a_second_writer_is_refused_at_once(store: UploadStore) -> None:
    store.create(UID)
    outcome: list[str] = []

    def write() -> None:
        try:
            with store.writing(UID):
                outcome.append("in")
        except PartBusy:
            outcome.append("busy")

    with store.writing(UID):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    write()
    assert outcome == ["busy", "in"]


HOLDER = """
import sys, time
from pathlib import Path
from datasets_app.adapters.upload_store import UploadStore
with UploadStore(Path(sys.argv[1])).writing(sys.argv[2]) as part:
    part.append(b"half")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.processes
def test_a_writer_that_is_killed_holds_the_file_no_longer(store: UploadStore) -> None:
    store.create(UID)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store.root), UID],
        stdout=subprocess.PIPE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(PartBusy), store.writing(UID):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    with store.writing(UID) as part:
        assert part.size() == 4


def test_a_removed_file_is_missing_also_for_who_had_opened_it(store: UploadStore) -> None:
    store.create(UID)
    with store.writing(UID) as part:
        part.remove()
    with pytest.raises(PartMissing), store.writing(UID):
        pass
    assert store.size(UID) == 0


def test_a_file_is_made_once(store: UploadStore) -> None:
    store.create(UID)
    with pytest.raises(FileExistsError):
        store.create(UID)


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    store = UploadStore(tmp_path / "uploads", FullDisk(room=3))
    store.create(UID)
    with store.writing(UID) as part, pytest.raises(NoSpace, match="is full"):
        part.append(b"abcdef")


def test_a_system_that_writes_short_keeps_every_byte(tmp_path: Path) -> None:
    store = UploadStore(tmp_path / "uploads", ShortWrites(most=2))
    store.create(UID)
    with store.writing(UID) as part:
        part.append(b"abcdefg")
    assert store.path(UID).read_bytes() == b"abcdefg"


@pytest.mark.parametrize("uid", ["", "../x", "A" * 32, UID + "0"])
def test_only_a_uid_names_a_file(store: UploadStore, uid: str) -> None:
    with pytest.raises(ValueError, match="not the uid"):
        store.path(uid)

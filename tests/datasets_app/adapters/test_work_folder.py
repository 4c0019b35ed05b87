"""Scratch folders: one per attempt, left alone while in use, removed when their user was killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from datasets_app.adapters.work_folder import work_folder
from tests.processes import ROOT

KILLED = """
import os, signal
from django.conf import settings
settings.configure(WORK_DIR={root!r})
from datasets_app.adapters.work_folder import work_folder
with work_folder("export-1") as folder:
    (folder / "half.mp4").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.WORK_DIR = tmp_path / "work"
    return tmp_path / "work"


def test_two_of_one_purpose_live_side_by_side(root: Path) -> None:
    with work_folder("export-1") as first:
        (first / "one.txt").write_text("one")
        with work_folder("export-1") as second:
            assert list(second.iterdir()) == [] and first != second
            (second / "two.txt").write_text("two")
            assert (first / "one.txt").read_text() == "one"
        assert not second.exists()
        assert (first / "one.txt").read_text() == "one"
    assert list(root.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next_of_its_purpose(root: Path) -> None:
    code = KILLED.format(root=str(root))
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)
    (left_over,) = root.iterdir()
    assert (left_over / "half.mp4").is_file()
    with work_folder("export-2"):
        assert left_over.is_dir()
    with work_folder("export-1") as folder:
        assert list(root.iterdir()) == [folder]


def test_a_purpose_means_itself_and_is_no_pattern(root: Path) -> None:
    (root / "join-1-a.left").mkdir(parents=True)
    with work_folder("join-1-[a]") as folder:
        assert folder.is_dir() and (root / "join-1-a.left").is_dir()


def test_many_that_begin_at_once_get_a_folder_each(root: Path) -> None:
    """A folder that is made but not yet locked looks like a left-over to the others."""
    begin = threading.Barrier(8)
    failed: list[Exception] = []

    def use() -> None:
        begin.wait()
        for number in range(40):
            try:
                with work_folder("export-1") as folder:
                    (folder / "file").write_text(str(number))
                    assert (folder / "file").read_text() == str(number)
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and list(root.iterdir()) == []

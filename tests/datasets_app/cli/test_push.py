"""Footage is sent: in chunks, after any interruption, by another run of the program too."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.client import Home
from tests.studio_server import StudioServer

CLIP = random.Random(1).randbytes((5 << 20) + 7)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "kite wälk.mp4"
    path.write_bytes(CLIP)
    return path


def push(home: Home, clip: Path, *words: str) -> Any:
    return home.run("push", clip, "--project", "demo", "--chunk-mib", "1", "--json", *words)[0]


def test_a_file_is_sent_in_chunks(home: Home, studio: StudioServer, clip: Path) -> None:
    told = push(home, clip, "--set", "kind=mask", "--set", "video=7")
    assert studio.uploads == {"upload0": CLIP}
    assert studio.lengths == {"upload0": len(CLIP)}
    assert studio.metadata["upload0"] == {"filename": clip.name, "kind": "mask", "video": "7"}
    assert told["sent"] == [{"file": str(clip), "size": len(CLIP), "upload": "upload0"}]
    assert len(studio.asked("PATCH", "upload0")) == 6


def test_a_cut_upload_goes_on_where_the_server_stands(
    home: Home, studio: StudioServer, clip: Path
) -> None:
    studio.cut["upload0"] = [1000, 0, 70_000]
    push(home, clip)
    assert studio.uploads == {"upload0": CLIP}


def test_an_upload_begun_by_an_earlier_run_is_finished(
    home: Home, studio: StudioServer, clip: Path
) -> None:
    studio.statuses["upload0"] = [400]
    home.run("push", clip, "--project", "demo", "--chunk-mib", "1", code=3)
    studio.uploads["upload0"] += CLIP[: 3 << 20]
    studio.requests.clear()
    push(home, clip)
    assert studio.uploads == {"upload0": CLIP}
    assert studio.asked("POST", "uploads") == []
    assert json.loads((home.folder / ".config/matteweb/uploads.json").read_text()) == {}


def test_an_expired_upload_begins_anew(home: Home, studio: StudioServer, clip: Path) -> None:
    studio.statuses["upload0"] = [400]
    home.run("push", clip, "--project", "demo", code=3)
    del studio.uploads["upload0"]
    studio.uploads["other"] = bytearray()
    push(home, clip)
    assert studio.uploads["upload1"] == CLIP


def test_a_chunk_that_arrived_damaged_is_sent_again(
    home: Home, studio: StudioServer, clip: Path
) -> None:
    studio.statuses["upload0"] = [460, 423, 409]
    push(home, clip)
    assert studio.uploads == {"upload0": CLIP}


def test_a_changed_file_is_another_upload(home: Home, studio: StudioServer, clip: Path) -> None:
    studio.statuses["upload0"] = [400]
    home.run("push", clip, "--project", "demo", code=3)
    clip.write_bytes(CLIP[::-1])
    push(home, clip)
    assert studio.uploads["upload1"] == CLIP[::-1]


def test_an_empty_file_is_sent_too(home: Home, studio: StudioServer, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    push(home, tmp_path / "empty.mp4")
    assert studio.uploads == {"upload0": b""}

"""An image set by commands alone: cut, then written as a tree that anomaly detection reads."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from datasets_app.domain.layouts import LAYOUTS
from matteweb.errors import BadInput, NotFound
from tests.layout_cases import cvat_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


def run(command: str, *words: Any, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command(
        command, *words, project="lab", json=True, stdout=out, stderr=StringIO(), **options
    )
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_a_set_is_cut_and_written_by_commands(tmp_path: Path) -> None:
    run("import_folder", cvat_video.tree(tmp_path / "tree"))
    made = run("cut_image_set", "bottle", video=["1"], set=["test_share=0.5"], wait=True)
    assert sum(made["classes"].values()) == 14
    written = run("export_image_set", "bottle", folder=tmp_path / "out")
    assert (written["entries"], written["left_out"]) == (14, [])
    again = LAYOUTS["mvtec_ad"].read(tmp_path / "out")
    assert {f"{one.split}/{one.label}" for one in again.pictures} == set(made["classes"])

    with pytest.raises(NotFound, match="no annotated video 'nobody'"):
        run("cut_image_set", "other", video=["nobody"])
    with pytest.raises(BadInput, match="every"):
        run("cut_image_set", "other", set=["every=0"])
    with pytest.raises(BadInput, match="not key=value"):
        run("cut_image_set", "other", set=["every"])
    with pytest.raises(NotFound, match="no image set 'other'"):
        run("export_image_set", "other", folder=tmp_path / "none")

"""Commands of the main job: no option is passed over in silence, nothing half done is lost."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from datasets_app.management.commands.add_video import Command as AddVideo
from datasets_app.models import Caption, Video
from matteweb.accounts.models import Project
from matteweb.commands import Exit
from matteweb.errors import BadInput, MatteError
from tests import factories
from tests.footage import FRAMES, clip_file, mask_file, squares

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


def add(*paths: Path, **options: Any) -> tuple[dict[str, Any], int]:
    """Run ``add_video FILE --mask MASK...``; return its one JSON object and its exit code."""
    out, command = StringIO(), AddVideo(stdout=StringIO(), stderr=StringIO())
    clip, *masks = paths
    call_command(command, clip, project="lab", mask=masks, json=True, stdout=out, **options)
    return json.loads(out.getvalue()), command._exit


def export(*words: str) -> None:
    call_command("export_bundle", "first", "--project", "lab", *words)


@pytest.mark.parametrize(
    "words",
    [
        ("--zip", "a.zip", "--fps", "16"),
        ("--zip", "a.zip", "--lossless", "ffv1"),
        ("--zip", "a.zip", "--layout", "davis"),
        ("--folder", "a", "--layout", "davis", "--root", "/mnt"),
        ("--folder", "a", "--layout", "davis", "--fps", "16"),
        ("--folder", "a", "--layout", "davis", "--lossless", "png"),
    ],
)
def test_an_export_refuses_options_that_it_would_not_follow(words: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match=words[-2]):
        export(*words)


@pytest.mark.parametrize("command", ["add_video", "add_asset", "import_folder"])
def test_a_mistyped_path_makes_no_project(command: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no file or folder"):
        call_command(command, str(tmp_path / "camle.mp4"), "--project", "lab")
    assert not Project.objects.exists()


def test_a_run_beside_named_samples_is_refused() -> None:
    factories.project("lab")
    with pytest.raises(BadInput, match="--run"):
        call_command("review", "--project", "lab", "--accept", "1", "--run", "2")


def test_a_video_that_waits_for_a_decision_leaves_its_masks_out_and_says_so(tmp_path: Path) -> None:
    clip, mask = clip_file(tmp_path), mask_file(tmp_path, squares())
    assert add(clip, mask)[1] == Exit.OK
    answer, code = add(clip, mask)
    assert code == Exit.FINDINGS
    assert answer["state"] == "needs_decision"
    assert answer["findings"][0]["code"] == "duplicate"
    assert answer["masks_left_out"] == [str(mask)]


def test_a_caption_stays_when_a_mask_does_not_fit(tmp_path: Path) -> None:
    clip, mask = clip_file(tmp_path), mask_file(tmp_path, squares(FRAMES - 1))
    with pytest.raises(MatteError, match="frames"):
        add(clip, mask, caption="a square grows")
    assert Caption.objects.get(video=Video.objects.get()).text == "a square grows"

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from datasets_app.management.commands.import_folder import Command
from datasets_app.models import Mask, Sample, Video
from datasets_app.services.trees.imports import rows_unready
from matteweb.commands import Exit
from matteweb.errors import BadInput
from tests.layout_cases import davis, mvtec_ad
from tests.layout_trees import paste_source, train_casper
from tests.tuples import tuple_frames, write_videos

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


def run(folder: Path, **options: Any) -> tuple[dict[str, Any], int]:
    """Run the command as a script does; return its one JSON object and its exit code."""
    out, command = StringIO(), Command(stdout=StringIO(), stderr=StringIO())
    call_command(command, folder, project="lab", json=True, stdout=out, **options)
    return json.loads(out.getvalue()), command._exit


def test_a_paste_source_is_read_to_the_end_and_what_is_unpaired_gives_code_6(
    tmp_path: Path,
) -> None:
    folder = paste_source(tmp_path / "paste")
    (folder / "masks/camel.mp4").rename(folder / "masks/nobody.mp4")
    answer, code = run(folder, licence="CC0-1.0")
    assert answer["added"] == {"videos": 2, "masks": 1, "captions": 3, "samples": 0}
    assert answer["unready"] == []
    assert set(Video.objects.values_list("state", "licence")) == {("ready", "CC0-1.0")}
    assert {"mask_unpaired", "video_without_mask"} <= {one["code"] for one in answer["findings"]}
    assert code == Exit.FINDINGS


def test_a_clip_that_cannot_be_read_is_named_and_gives_code_6(tmp_path: Path) -> None:
    folder = paste_source(tmp_path / "paste")
    (folder / "videos/camel.mp4").write_text("no film\n" * 99)
    answer, code = run(folder)
    by_kind = {(row["kind"], row["name"]): row["error"] for row in answer["unready"]}
    assert by_kind["video", "camel"] == "camel.mp4 is a text file, not a video"
    assert by_kind["mask", "camel"] == "video camel is not ready: failed"
    assert code == Exit.FINDINGS


def test_a_clip_that_waits_for_an_answer_says_to_which_question(tmp_path: Path) -> None:
    answer, code = run(davis.tree(tmp_path / "tree"))
    (bear, *_) = [row for row in answer["unready"] if row["kind"] == "video"]
    assert bear["error"].endswith("numbered pictures have no frame rate.")
    assert bear["hint"]
    assert code == Exit.FINDINGS


def test_what_was_discarded_meanwhile_is_not_missed(tmp_path: Path) -> None:
    answer, _ = run(davis.tree(tmp_path / "tree"))
    assert {row.name for row in rows_unready(answer)} >= {"bear"}
    Video.objects.filter(name="bear").update(archived_at=timezone.now())
    left = rows_unready(answer)
    assert "bear" not in {row.name for row in left}
    assert not [row for row in left if isinstance(row, Mask) and row.video.name == "bear"]


def test_a_training_tree_gives_samples_and_a_second_run_nothing(tmp_path: Path) -> None:
    folder = train_casper(tmp_path / "train-casper")
    first, code = run(folder)
    assert (first["added"]["samples"], code) == (3, Exit.OK)
    again, code = run(folder)
    assert (again["samples"], again["added"]["samples"], code) == (first["samples"], 0, Exit.OK)
    write_videos(folder / "kubric/000002", tuple_frames(18, seed=9))
    assert run(folder)[0]["added"]["samples"] == 1
    assert Sample.objects.count() == 4


def test_an_unknown_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(BadInput, match="photos has no layout that is known here"):
        run(tmp_path / "photos")


def test_what_only_decoding_shows_is_in_the_answer_and_gives_code_6(tmp_path: Path) -> None:
    folder = mvtec_ad.tree(tmp_path / "tree")
    dict(mvtec_ad.FAULTS)["mask_empty"](folder)
    answer, code = run(folder)
    assert [one["code"] for one in answer["findings"]] == ["mask_empty"]
    assert (answer["added"]["pictures"], code) == (7, Exit.FINDINGS)

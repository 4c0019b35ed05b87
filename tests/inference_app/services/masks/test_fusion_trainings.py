"""Fusion networks of a project: cases and training as a job, by page, API and command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Video
from datasets_app.services.blobs import blob_from_bytes, blob_path
from inference_app.domain.networks.fusion_net import load_fusion
from inference_app.models import FusionTraining
from inference_app.services.masks.fusion_room import fusion_room
from inference_app.services.masks.fusion_trainings import (
    fusion_folder,
    fusion_training_create,
    fusion_training_delete,
    fusion_training_make,
)
from matteweb.accounts.models import AuditEntry, Project, Role
from matteweb.errors import BadInput, Cancelled
from matteweb.jobs.models import Job
from matteweb.jobs.states import JobState
from tests import factories
from tests.inference_app.domain.interactive.moving import davis_folder
from tests.inference_app.services.masks.project_masks import project_mask

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
FRAMES = 5
TINY = {"steps": 2, "batch": 1, "side": 32, "width": 8, "blocks": 1}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.EVALUATION_DIR = tmp_path / "evaluation"


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """One sequence in the DAVIS layout."""
    davis_folder(tmp_path / "evaluation" / "small", ["bear"], FRAMES)
    return "small"


def finished(project: Project) -> FusionTraining:
    """A training of stage 0 whose weights are a few bytes."""
    row = created(project, painted=1)
    FusionTraining.objects.filter(pk=row.pk).update(weights=blob_from_bytes(b"weights"))
    row.refresh_from_db()
    return row


def created(project: Project, **more: Any) -> FusionTraining:
    wish = {"name": "first", "values": TINY, "init": None} | more
    return fusion_training_create(project=project, actor=ACTOR, **wish)


def made(row: FusionTraining, should_stop: Any = never_stop) -> list[str]:
    steps: list[str] = []
    fusion_training_make(
        training_id=row.pk, step=steps.append, progress=ignore_progress, should_stop=should_stop
    )
    row.refresh_from_db()
    return steps


def test_a_job_makes_cases_and_trains_and_a_second_stage_begins_with_it(
    project: Project, folder: str
) -> None:
    zero = created(project, folder=folder)
    stops = iter([False] * 9 + [True] * 99)
    with pytest.raises(Cancelled):
        made(zero, lambda: next(stops))
    assert made(zero) == ["making cases", "training"]
    assert zero.weights is not None and zero.cases == 6  # two objects on three frames between
    assert zero.curve[-1]["step"] == 2 and zero.plan["data"]
    assert made(zero) == []  # done is done
    one = created(project, folder=folder, name="second", values=TINY | {"stage": 1}, init=zero)
    made(one)
    assert one.weights is not None and one.plan["init"] == zero.weights_id
    assert load_fusion(blob_path(one.weights))[1]["stage"] == "1"
    assert AuditEntry.objects.filter(action="fusion_training.create").count() == 2


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({}, "something to learn from"),
        ({"painted": 501}, "501 painted clips"),
        ({"painted": 1, "values": {"stage": 1}}, "the plan: stage 1 begins"),
        ({"painted": 1, "values": {"stpes": 1}}, "stpes"),
        ({"painted": 1, "name": " "}, "needs a name"),
        ({"folder": "../elsewhere"}, "no folder"),
    ],
)
def test_what_cannot_be_is_refused(project: Project, wish: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        created(project, **wish)
    assert not Job.objects.exists()


def test_a_stage_has_the_shape_of_the_one_before(project: Project) -> None:
    zero = finished(project)
    one = created(project, painted=1, values={"stage": 1}, init=zero)
    assert (one.plan["width"], one.plan["blocks"]) == (8, 1)
    with pytest.raises(BadInput, match=r"another shape.*set width=8 blocks=1"):
        created(project, painted=1, values={"stage": 1, "width": 16}, init=zero)
    with pytest.raises(BadInput, match="the plan: stage 0 begins from nothing"):
        created(project, painted=1, values={"stage": 0}, init=zero)
    assert Job.objects.count() == 2


def test_room_is_asked_for_by_the_size_of_what_it_learns_from(
    project: Project, folder: str
) -> None:
    few, many = (fusion_room({"painted": count, "every": 20}) for count in (1, 500))
    assert many - few > 499 * 20 * 240 * 160
    learned = fusion_room({"painted": 0, "every": 20, "folder": folder})
    assert learned > fusion_room({"painted": 0, "every": 20}) + FRAMES * 96 * 64


def test_room_for_masks_of_the_project_goes_by_their_frames_not_by_their_files(
    project: Project, tmp_path: Path
) -> None:
    mask = project_mask(project, tmp_path, FRAMES)
    Video.objects.filter(pk=mask.video_id).update(frames=300, width=1920, height=1080)
    masks = [{"id": mask.pk, "video": mask.video_id, "digest": mask.master_id}]
    pixels, nothing = 300 * 1920 * 1080, fusion_room({"painted": 0, "every": 20})
    room = fusion_room({"painted": 0, "every": 20, "masks": masks})
    assert pixels < room - nothing <= 4 * pixels


def test_a_clip_of_any_name_is_learned_from(project: Project, tmp_path: Path) -> None:
    mask = project_mask(project, tmp_path, FRAMES)
    Video.objects.filter(pk=mask.video_id).update(name="../shoot/take 1")
    row = created(project, masks=[mask])
    made(row)
    assert row.cases == 3 and row.weights is not None
    assert not list(tmp_path.glob("**/shoot"))


def test_a_training_that_has_ended_is_removed_with_all_that_it_left(
    project: Project, folder: str, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(factories.member(project, Role.LEAD))
    zero = finished(project)
    row = created(project, folder=folder, values=TINY | {"stage": 1}, init=zero)
    stops = iter([False] * 3 + [True] * 39)
    with pytest.raises(Cancelled):
        made(row, lambda: next(stops))
    assert fusion_folder(row.pk).is_dir()
    remove = reverse("fusion-training-delete", kwargs={"project": project.slug, "pk": row.pk})
    assert client.post(remove).status_code == 409  # its job waits
    Job.objects.filter(target_id=row.pk).update(state=JobState.CANCELLED)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(remove).status_code == 302
    assert not fusion_folder(row.pk).exists()
    Job.objects.filter(target_id=zero.pk).update(state=JobState.DONE)
    fusion_training_delete(training=zero, actor=ACTOR)
    assert not FusionTraining.objects.exists()
    assert AuditEntry.objects.filter(action="fusion_training.delete").count() == 2


def test_the_part_that_is_asked_again_needs_no_query_per_training(
    project: Project, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(factories.member(project, Role.VIEWER))
    address = reverse("fusion-trainings-part", kwargs={"project": project.slug})
    for number in range(12):
        created(project, name=f"number {number}", painted=1)
    with django_assert_max_num_queries(8):
        shown = client.get(address).content.decode()
    assert shown.count("number ") >= 12 and address in shown and "<form" not in shown


def test_page_and_api_start_a_training_and_show_it(
    project: Project, folder: str, client: Client
) -> None:
    client.force_login(factories.member(project, Role.LEAD))
    page = reverse("fusion-trainings", kwargs={"project": project.slug})
    start = reverse("fusion-training-start", kwargs={"project": project.slug})
    given = {"name": "of the page", "folder": folder, "painted": "0", "steps": "3", "stage": "0"}
    assert client.post(start, given).status_code == 302
    shown = client.get(page).content.decode()
    assert "of the page" in shown and 'hx-trigger="load delay:3s"' in shown
    address = reverse("api-fusion-trainings", kwargs={"project": project.slug})
    body = {"name": "of the API", "values": TINY, "folder": folder}
    answer = client.post(address, json.dumps(body), content_type="application/json")
    assert answer.status_code == 202
    row = FusionTraining.objects.get(pk=answer.json()["id"])
    made(row)
    listed = client.get(address).json()
    assert [one["name"] for one in listed] == ["of the API", "of the page"]
    assert listed[0]["cases"] == 6 and listed[0]["weights"] == row.weights_id
    file = reverse("fusion-training-file", kwargs={"project": project.slug, "pk": row.pk})
    assert client.get(file).status_code == 200
    single = reverse("api-fusion-training", kwargs={"project": project.slug, "pk": row.pk})
    assert client.get(single).json() == listed[0]
    assert client.delete(single).status_code == 409  # its job waits
    Job.objects.filter(target_id=row.pk).update(state=JobState.DONE)
    assert client.delete(single).status_code == 204
    assert [one["name"] for one in client.get(address).json()] == ["of the page"]


def test_commands_go_from_clips_to_the_rows_of_the_ablation(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*words: Any, **options: Any) -> dict[str, Any]:
        call_command(*words, json=True, **options)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    place, cases = tmp_path / "evaluation" / folder, tmp_path / "cases"
    assert told("make_fusion_data", str(cases), folder=place, every=4)["cases"] == 6
    setting = [f"{name}={value}" for name, value in TINY.items()]
    common = {"data": cases, "set": setting}
    zero = told("train", "fusion", stage=0, out=tmp_path / "zero", **common)
    one = told(
        "train", "fusion", stage=1, init=Path(zero["weights"]), out=tmp_path / "one", **common
    )
    files = [Path(stage["weights"]) for stage in (zero, one)]
    lines = told("evaluate_masks", str(place), protocol=["every"], fusion=files)
    engines = [line["engine"] for line in lines["lines"] if line["clip"] == "bear"]
    assert engines == ["plain", "unaware", "matched", "scribble", "fused_zero", "fused_one"]
    small = ["steps=2", "clips=1", "bank=3", "frames=3", "height=32", "width=32", "batch=1"]
    key = told("train", "key", out=tmp_path / "keys", set=small)
    lines = told("evaluate_masks", str(place), protocol=["every"], key=[Path(key["weights"])])
    engines = [line["engine"] for line in lines["lines"] if line["clip"] == "bear"]
    assert engines == ["plain", "unaware", "matched", "keyed_keys", "scribble"]
    with pytest.raises(BadInput, match="steps"):
        call_command("train", "key", out=tmp_path / "keys", set=["steps=0"])
    with pytest.raises(BadInput, match="one name"):
        call_command("evaluate_masks", str(place), protocol=["every"], fusion=files[:1] * 2)
    with pytest.raises(BadInput, match="--engine has no meaning"):
        call_command("evaluate_masks", str(place), engine=["plain"], fusion=files)
    with pytest.raises(BadInput, match=r"no clip 'baer'.*known: bear"):
        call_command("make_fusion_data", str(cases), folder=place, clip=["baer"])
    with pytest.raises(BadInput, match="no clip 'baer'"):
        call_command("evaluate_masks", str(place), clip=["baer"])
    with pytest.raises(BadInput, match="--stage has no meaning"):
        call_command("train", stage=0, out=tmp_path / "two")
    with pytest.raises(BadInput, match="--data"):
        call_command("train", "fusion", out=tmp_path / "two")

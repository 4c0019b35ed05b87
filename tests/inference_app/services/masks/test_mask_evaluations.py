"""Engines measured as a job: over a folder of this server, and over masks of a project."""

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
from inference_app.models import MaskEvaluation
from inference_app.selectors.mask_evaluations import protocol_tables
from inference_app.services.masks.mask_evaluations import evaluation_make, evaluation_start
from matteweb.accounts.models import AuditEntry, Project, Role
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from tests import factories
from tests.inference_app.domain.interactive.moving import davis_folder
from tests.inference_app.services.masks.project_masks import project_mask

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
FRAMES = 4


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.FLOW_DIR = tmp_path / "flow"
    settings.EVALUATION_DIR = tmp_path / "evaluation"


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Two sequences in the DAVIS layout, of two objects each."""
    davis_folder(tmp_path / "evaluation" / "small", ("bear", "camel"), FRAMES)
    return "small"


def started(project: Project, **more: Any) -> MaskEvaluation:
    wish = {"name": "", "engines": ["scribble", "plain"], "protocols": ["first"]} | more
    return evaluation_start(project=project, actor=ACTOR, **wish)


def made(evaluation: MaskEvaluation, stop_after: int | None = None) -> None:
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return stop_after is not None and len(asked) > stop_after

    evaluation_make(evaluation_id=evaluation.pk, progress=ignore_progress, should_stop=should_stop)


def test_every_engine_is_measured_on_every_clip_with_its_worst_frames(
    project: Project, folder: str
) -> None:
    evaluation = started(project, folder=folder)
    told: list[tuple[int, int | None]] = []
    evaluation_make(
        evaluation_id=evaluation.pk,
        progress=lambda done, total: told.append((done, total)),
        should_stop=never_stop,
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    rows = list(evaluation.clips.all())
    assert {(row.engine, row.clip) for row in rows} == {
        (engine, clip) for engine in ("scribble", "plain") for clip in ("bear", "camel")
    }
    assert all(row.figures[0] > 0.5 and len(row.worst) == 2 and row.picture for row in rows)
    scores = [score for _, score in rows[0].worst]
    assert scores == sorted(scores)
    (table,) = protocol_tables(evaluation)
    assert [row.clip for row in table.rows] == ["", "bear", "camel"]
    assert AuditEntry.objects.filter(action="mask_evaluation.start").count() == 1


def test_a_stopped_evaluation_goes_on_after_its_last_clip(project: Project, folder: str) -> None:
    evaluation = started(project, folder=folder, engines=["plain"])
    with pytest.raises(Cancelled):
        made(evaluation, stop_after=FRAMES)
    before = list(evaluation.clips.values_list("pk", flat=True))
    made(evaluation)
    after = list(evaluation.clips.values_list("pk", flat=True))
    assert len(before) == 1 and len(after) == 2 and after[0] == before[0]


def test_masks_of_a_project_are_taken_for_the_truth(project: Project, tmp_path: Path) -> None:
    mask = project_mask(project, tmp_path, FRAMES)
    Video.objects.filter(pk=mask.video_id).update(name="../../shoot/take 1")
    evaluation = started(project, masks=[mask], engines=["plain"])
    made(evaluation)
    row = evaluation.clips.get()
    assert row.clip == f"../../shoot/take 1 {mask.video_id}" and row.figures[0] > 0.8
    assert len(list(tmp_path.glob(f"flow/evaluation-{evaluation.pk}/*/*.flow"))) > 0
    mask.master = None
    mask.save()
    with pytest.raises(Conflict, match="changed"):
        made(evaluation)


def test_the_interactive_protocol_leaves_a_curve(project: Project, folder: str) -> None:
    evaluation = started(project, folder=folder, engines=["plain"], protocols=["interactive"])
    made(evaluation)
    (table,) = protocol_tables(evaluation)
    assert [curve.engine for curve in table.curves] == ["plain"]
    assert len(table.curves[0].points.split()) == 121


def test_what_makes_no_sense_is_refused(project: Project, folder: str, tmp_path: Path) -> None:
    for wrong in ("nowhere", "..", ".", "small/JPEGImages"):
        with pytest.raises(BadInput, match="no folder"):
            started(project, folder=wrong)
    with pytest.raises(BadInput, match="no 'magic'"):
        started(project, folder=folder, engines=["magic"])
    with pytest.raises(BadInput, match="nothing was chosen"):
        started(project, folder=folder, protocols=[])
    with pytest.raises(BadInput, match="either"):
        started(project)
    assert not Job.objects.filter(kind="mask_evaluation").exists()


def test_the_page_starts_an_evaluation_and_shows_its_tables(
    project: Project, folder: str, client: Client
) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    where = {"project": project.slug}
    assert "small" in client.get(reverse("mask-evaluations", kwargs=where)).content.decode()
    posted = {"engine": ["plain"], "protocol": ["first"], "folder": folder}
    answer = client.post(reverse("mask-evaluation-start", kwargs=where), posted)
    evaluation = MaskEvaluation.objects.get()
    one = where | {"pk": evaluation.pk}
    assert answer["Location"] == reverse("mask-evaluation", kwargs=one)
    assert "hx-get" in client.get(answer["Location"]).content.decode()
    made(evaluation)
    shown = client.get(answer["Location"]).content.decode()
    assert "bear" in shown and "mean of clips" in shown
    row = evaluation.clips.first()
    assert row is not None
    picture = reverse("mask-evaluation-picture", kwargs=where | {"pk": row.pk})
    assert picture in shown
    assert b"".join(client.get(picture))[:2] == b"\xff\xd8"
    lines = client.get(
        reverse("mask-evaluation-export", kwargs=one | {"form": "csv"})
    ).content.decode().splitlines()  # fmt: skip
    assert lines[0] == "protocol,engine,clip,figure,value" and len(lines) == 1 + 2 * 3


def test_the_api_starts_and_tells(project: Project, folder: str, client: Client) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    address = reverse("api-mask-evaluations", kwargs={"project": project.slug})
    body = {"engines": ["plain"], "protocols": ["first"], "folder": folder}
    answer = client.post(address, json.dumps(body), content_type="application/json")
    assert answer.status_code == 202
    made(MaskEvaluation.objects.get())
    one = reverse(
        "api-mask-evaluation", kwargs={"project": project.slug, "pk": answer.json()["id"]}
    )
    assert [line["clip"] for line in client.get(one).json()["lines"]] == ["bear", "camel"]
    assert client.get(address).json()[0]["measured"] == 2
    body["engines"] = ["magic"]
    refused = client.post(address, json.dumps(body), content_type="application/json")
    assert refused.status_code == 400


def test_the_command_prints_tables_of_any_folder(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "evaluation" / folder)
    call_command("evaluate_masks", place, protocol=["every"], engine=["plain"], json=True)
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert [line["clip"] for line in lines] == ["bear", "camel", "mean of clips"]

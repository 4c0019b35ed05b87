"""Evaluations of a project: what is measured, found and handed out, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.domain.progress import ignore_progress
from datasets_app.services.blobs import blob_path
from inference_app.domain.evaluation.findings import FRAMES, KEPT, read_member
from inference_app.domain.training.held_out import HeldOut
from inference_app.models import Evaluation, RunState
from inference_app.selectors.evaluations import set_results
from inference_app.services.learning.evaluations import evaluation_create, evaluation_make
from inference_app.services.learning.held_out_evaluation import SETS
from matteweb.accounts.models import Project, Role
from matteweb.errors import BadInput, Cancelled
from matteweb.jobs.models import Job
from tests import factories

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
TINY = HeldOut("tiny", 501, 502, 4, 4, 3, 3, 32, 48)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    monkeypatch.setitem(SETS, "tiny", TINY)


@pytest.fixture
def project() -> Project:
    return factories.project()


def created(project: Project, **changes: Any) -> Evaluation:
    given: dict[str, Any] = {
        "project": project, "name": "one", "predictors": ["guided_filter"], "trainings": [],
        "held_out": ["tiny"], "bundles": [], "clips": 0, "actor": ACTOR,
    }  # fmt: skip
    return evaluation_create(**(given | changes))


def make(evaluation: Evaluation, *, stop: bool = False) -> Evaluation:
    evaluation_make(evaluation_id=evaluation.pk, progress=ignore_progress, should_stop=lambda: stop)
    evaluation.refresh_from_db()
    return evaluation


def test_an_evaluation_leaves_a_table_lines_and_the_worst_frames(project: Project) -> None:
    evaluation = created(project)
    with pytest.raises(Cancelled):
        make(evaluation, stop=True)
    assert not evaluation.measured.exists()
    make(evaluation)
    assert evaluation.state == RunState.READY
    [result] = set_results(evaluation)
    table = result.tables[0]
    rows = dict(table.rows)
    assert list(rows) == ["mask", "guided_filter"] and table.columns[0][0] == "mad"
    cell, best = rows["guided_filter"][0]
    assert cell is not None and cell.low <= cell.mean <= cell.high
    other, worse = rows["mask"][0]
    assert best and not worse and other is not None and other.mean > cell.mean
    told = json.loads(read_member(blob_path(evaluation.measured.get().findings), FRAMES))
    figures = [clip["guided_filter"]["mad"] for clip in told["clips"]]
    assert [len(values) for values in figures] == [3, 3, 3]
    # Frames of a clip count alike, clips of a set too: the mean of the lines is the table's cell.
    means = [sum(values) / len(values) for values in figures]
    assert abs(sum(means) / 3 - cell.mean) < 1e-6
    worst = [one["value"] for one in result.worst]
    assert worst == sorted(worst, reverse=True) and 0 < len(worst) <= KEPT
    assert {one["method"] for one in result.worst} == {"guided_filter"}
    every = [value for clip in told["clips"] for value in clip["guided_filter"]["mad_band"]]
    assert worst[0] == max(value for value in every if value is not None)


def test_the_same_evaluation_finds_the_same_bytes(project: Project) -> None:
    one, two = make(created(project, clips=1)), make(created(project, clips=1))
    assert one.measured.get().findings_id == two.measured.get().findings_id
    assert one.measured.get().tables == two.measured.get().tables


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"predictors": []}, "needs a model and a set"),
        ({"held_out": []}, "needs a model and a set"),
        ({"held_out": ["moon"]}, "no set 'moon'"),
        ({"predictors": ["dis_flow"]}, "makes no alpha"),
        ({"clips": -1}, "-1 clips"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_a_job_is_made(
    project: Project, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        created(project, **changes)
    assert not Job.objects.exists()


def test_pages_and_api_show_the_same_table(project: Project) -> None:
    user = factories.member(project, Role.ANNOTATOR)
    browser, client = Client(), Client(headers={"Authorization": f"Bearer {factories.token(user)}"})
    browser.force_login(user)

    def url(name: str, **parts: object) -> str:
        return reverse(name, kwargs={"project": project.slug, **parts})

    assert b"Guided filter" in browser.get(url("evaluations")).content
    given = {"name": "mine", "predictor": ["guided_filter"], "held_out": ["tiny"], "clips": "2"}
    assert browser.post(url("evaluation-start"), given).status_code == 302
    evaluation = Evaluation.objects.get()
    assert evaluation.clips == 2
    assert b"queued" in browser.get(url("evaluation", pk=evaluation.pk)).content
    make(evaluation)
    page = browser.get(url("evaluation", pk=evaluation.pk)).content
    assert b"Worst frames" in page and b"<polyline" in page
    parts = {"pk": evaluation.pk, "number": 0, "place": 0}
    assert browser.get(url("evaluation-picture", **parts)).content[:4] == b"\x89PNG"
    parts["place"] = 99
    assert browser.get(url("evaluation-picture", **parts)).status_code == 404
    for form, words in (
        ("csv", b"method,mad"),
        ("latex", b"\\begin{tabular}"),
        ("json", b'"sets"'),
    ):
        mine = browser.get(url("evaluation-export", pk=evaluation.pk, form=form)).content
        theirs = client.get(url("api-evaluation-export", pk=evaluation.pk, form=form)).content
        assert mine == theirs and words in mine
    body = {"predictors": ["guided_filter"], "held_out": ["tiny"], "clips": 1}
    answer = client.post(url("api-evaluations"), body, content_type="application/json")
    assert answer.status_code == 201 and answer.json()["state"] == "running"

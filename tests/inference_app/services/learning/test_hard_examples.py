"""Hard examples: found among runs, sent to a queue and on, by service, page, API and command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask, Video
from inference_app.models import HardExample, HardState, ModelRun
from inference_app.services.learning import hard_examples
from matteweb.accounts.models import Project, Role
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.models import Job
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, squares
from tests.inference_app import made_runs

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
FRAMES = 4


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    monkeypatch.setattr(hard_examples, "APART", 2)


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def mask(project: Project, tmp_path: Path) -> Mask:
    video: Video = add(project, clip_file(tmp_path, frames=FRAMES))
    return attach(video, mask_file(tmp_path, squares(FRAMES)))


def finished(mask: Mask, predictor: str = "guided_filter") -> ModelRun:
    return made_runs.finished(mask, predictor, ACTOR)


def measure(*runs: ModelRun) -> None:
    hard_examples.hard_examples_measure(
        run_ids=[run.pk for run in runs], progress=ignore_progress, should_stop=never_stop
    )


def test_the_hardest_frames_of_a_run_are_kept_and_repeating_changes_nothing(mask: Mask) -> None:
    run = finished(mask)
    measure(run)
    first = list(HardExample.objects.values_list("frame", "score", "disagreement"))
    assert 1 < len(first) <= FRAMES // 2 + 1
    assert [score for _, score, _ in first] == sorted((s for _, s, _ in first), reverse=True)
    assert all(disagreement is None for *_, disagreement in first)
    measure(run)
    assert list(HardExample.objects.values_list("frame", "score", "disagreement")) == first


def test_a_second_model_tells_where_they_disagree(mask: Mask) -> None:
    one, other = finished(mask), finished(mask, "wavelet_refiner")
    measure(one, other)
    for run in (one, other):
        assert all((found.disagreement or 0) > 0 for found in HardExample.objects.filter(run=run))


def test_what_stands_in_a_queue_stays_there_when_looked_for_again(mask: Mask) -> None:
    run = finished(mask)
    measure(run)
    chosen = list(HardExample.objects.all()[:1])
    hard_examples.hard_examples_move(examples=chosen, to="review", actor=ACTOR)
    measure(run)
    kept = HardExample.objects.get(pk=chosen[0].pk)
    assert kept.state == HardState.REVIEW
    assert HardExample.objects.filter(run=run, frame=kept.frame).count() == 1


def test_what_is_wrong_goes_from_review_to_annotation_and_not_from_done(mask: Mask) -> None:
    measure(finished(mask))
    example = HardExample.objects.all()[0]
    for to in ("review", "annotation", "done"):
        hard_examples.hard_examples_move(examples=[example], to=to, actor=ACTOR)
    with pytest.raises(Conflict):
        hard_examples.hard_examples_move(examples=[example], to="review", actor=ACTOR)
    with pytest.raises(BadInput, match="there is no queue 'bin'"):
        hard_examples.hard_examples_move(examples=[example], to="bin", actor=ACTOR)


def test_without_a_finished_run_nothing_is_queued(project: Project, mask: Mask) -> None:
    depth = finished(mask, "layered_depth")
    before = Job.objects.count()
    with pytest.raises(BadInput, match="no matting run is finished"):
        hard_examples.hard_examples_find(project=project, runs=(), actor=ACTOR)
    with pytest.raises(BadInput, match="has no alpha"):
        hard_examples.hard_examples_find(project=project, runs=[depth], actor=ACTOR)
    assert Job.objects.count() == before


def test_the_page_sends_ticked_frames_to_a_queue(
    project: Project, mask: Mask, client: Client
) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    run = finished(mask)
    address = {"project": project.slug}
    url = reverse("hard-examples", kwargs=address)
    assert "Look through 1 run" in client.get(url).content.decode()
    assert client.post(reverse("hard-examples-find", kwargs=address)).status_code == 302
    assert Job.objects.get(kind="hard_examples").params == {"runs": [run.pk]}
    measure(run)
    ticked = HardExample.objects.all()[0]
    assert f'value="{ticked.pk}"' in client.get(url).content.decode()
    move = reverse("hard-examples-move", kwargs=address)
    assert client.post(move, {"example": ticked.pk, "to": "annotation"}).status_code == 302
    text = client.get(url, {"state": "annotation"}).content.decode()
    assert f'value="{ticked.pk}"' in text
    assert run.result is not None
    assert reverse("mask-mend", kwargs=address | {"pk": run.result.pk}) in text
    assert client.post(move, {"to": "done"}).status_code == 400


def test_the_api_ranks_and_moves(project: Project, mask: Mask, client: Client) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    run = finished(mask)
    url = reverse("api-hard-examples", kwargs={"project": project.slug})
    asked = client.post(url, {"runs": [run.pk]}, content_type="application/json")
    assert asked.status_code == 202 and asked.json()["runs"] == [run.pk]
    measure(run)
    rows = client.get(url).json()["results"]
    assert [row["score"] for row in rows] == sorted((r["score"] for r in rows), reverse=True)
    one = reverse("api-hard-example", kwargs={"project": project.slug, "pk": rows[0]["id"]})
    moved = client.post(one, {"state": "review"}, content_type="application/json")
    assert moved.status_code == 200 and moved.json()["state"] == "review"
    assert len(client.get(url, {"state": "review"}).json()["results"]) == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_finds_and_sends_the_hardest(
    project: Project, mask: Mask, capsys: pytest.CaptureFixture[str]
) -> None:
    finished(mask)
    capsys.readouterr()
    call_command("find_hard_examples", project=project.slug, send="annotation", top=1, json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer["sent"] == 1 and answer["examples"][0]["state"] == "annotation"
    assert all(row["state"] == "found" for row in answer["examples"][1:])

"""Imports, annotations, image sets and exports by token: all that their pages can do."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from datasets_app.models import ImageSet, Video
from datasets_app.services.trees.imports import folder_import_start
from matteweb.accounts.models import AuditEntry, Project, Role
from matteweb.jobs.models import Job
from matteweb.jobs.runner import run_here
from tests import factories
from tests.footage import read
from tests.layout_cases import cvat_video

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project(owner=factories.user())


@pytest.fixture
def imported(project: Project, tmp_path: Path) -> Job:
    """Two bottles on a video of 8 frames; one has a scratch on frames 2 and 3."""
    tree = cvat_video.tree(tmp_path / "tree")
    actor = factories.actor(factories.member(project, Role.ANNOTATOR))
    job = folder_import_start(project=project, folder=tree, actor=actor)
    run_here(job.pk)
    for video in Video.objects.filter(project=project):
        read(video)
    job.refresh_from_db()
    return job


def asking(project: Project, role: Role) -> Ask:
    """Return ``ask(method, path, body, status)`` by token of a new member of this role."""
    token = factories.token(factories.member(project, role))
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def ask(method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        where = f"/api/projects/{project.slug}/{path}"
        answer: HttpResponse = getattr(client, method)(where, **given)
        assert answer.status_code == status, answer.content
        if answer.headers.get("Content-Type") == "application/json":
            return json.loads(answer.content)
        return answer

    return ask


def annotated(ask: Ask) -> Any:
    return next(one for one in ask("get", "annotations/")["results"] if one["name"] == "1")


def whole(answer: HttpResponse) -> bytes:
    return answer.getvalue()


def test_an_import_tells_what_it_brought_and_found(project: Project, imported: Job) -> None:
    ask = asking(project, Role.VIEWER)
    assert [one["id"] for one in ask("get", "imports/")["results"]] == [imported.pk]
    found = ask("get", f"imports/{imported.pk}")
    assert (found["state"], found["layout"]) == ("done", "CVAT for video")
    assert found["added"]["videos"] == len(Video.objects.filter(project=project))
    findings = ask("get", f"imports/{imported.pk}/findings")
    assert sum(found["severities"].values()) == len(findings)
    table = ask("get", f"imports/{imported.pk}/findings?form=csv").content.decode()
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(findings)
    assert ask("get", f"imports/{imported.pk}/findings?form=xml", status=404)["code"] == "not_found"


def test_every_layout_is_listed_with_its_version(project: Project) -> None:
    listed = {one["slug"]: one for one in asking(project, Role.VIEWER)("get", "layouts/")}
    assert {"davis", "cvat_video", "mvtec_ad", "maggie_video"} <= listed.keys()
    assert listed["davis"]["version"] >= 1


def test_the_meaning_of_labels_is_read_and_given_anew(project: Project, imported: Job) -> None:
    ask = asking(project, Role.ANNOTATOR)
    line = annotated(ask)
    before = ask("get", f"annotations/{line['id']}")
    assert {one["becomes"] for one in before["changes"]} == {"defective"}
    mapping = before["mapping"] | {"overrides": {"0": "broken"}}
    after = ask("put", f"annotations/{line['id']}", mapping)
    assert {one["becomes"] for one in after["changes"]} >= {"broken"}
    assert ask("get", f"annotations/{line['id']}")["mapping"] == after["mapping"]
    wrong = mapping | {"overrides": {"77": "broken"}}
    assert "no track 77" in ask("put", f"annotations/{line['id']}", wrong, status=400)["message"]
    assert AuditEntry.objects.get(action="annotation.map").channel == "api"


def test_a_set_is_cut_judged_exported_and_archived(project: Project, imported: Job) -> None:
    ask, review = asking(project, Role.ANNOTATOR), asking(project, Role.REVIEWER)
    line = annotated(ask)
    given = {"name": "bottle", "annotations": [line["id"]], "params": {"test_share": 0.5}}
    made = ask("post", "image-sets/", given, status=201)
    pk = made["image_set"]["id"]
    run_here(made["job"]["id"])
    found = ask("get", f"image-sets/{pk}")
    assert found["job"]["state"] == "done"
    assert found["recipe"]["params"]["test_share"] == 0.5
    faulty = ask("get", f"image-sets/{pk}/pictures?label=defective")["results"]
    assert len(faulty) == 2
    picture = whole(ask("get", f"pictures/{faulty[0]['id']}/picture"))
    assert picture.startswith(b"\x89PNG")
    assert whole(ask("get", f"pictures/{faulty[0]['id']}/mask")).startswith(b"\x89PNG")

    judged = {"act": "reject", "pictures": [faulty[0]["id"]]}
    assert review("post", f"image-sets/{pk}/judgements", judged) == {"changed": 1}
    relabelled = {"act": "label", "pictures": [faulty[1]["id"]], "label": "scratch"}
    assert review("post", f"image-sets/{pk}/judgements", relabelled) == {"changed": 1}
    upwards = {"act": "label", "pictures": [faulty[1]["id"]], "label": ".."}
    assert (
        "needs a class"
        in review("post", f"image-sets/{pk}/judgements", upwards, status=400)["message"]
    )
    counts = {one["label"]: one["count"] for one in ask("get", f"image-sets/{pk}")["classes"]}
    assert counts["scratch"] == 1

    export = ask("post", f"image-sets/{pk}/exports", {}, status=202)
    ask("get", f"exports/{export['id']}/zip", status=404)
    run_here(export["job"])
    written = ask("get", f"exports/{export['id']}")
    assert (written["state"], written["layout"]) == ("done", "mvtec_ad")
    assert written["report"]["left_out"] == [
        {"name": faulty[0]["name"], "reason": "it was rejected"}
    ]
    data = whole(ask("get", f"exports/{export['id']}/zip"))
    assert len(data) == written["size"]
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert any("/test/scratch/" in name for name in names)
    assert [one["id"] for one in ask("get", f"image-sets/{pk}/exports")] == [export["id"]]

    asking(project, Role.LEAD)("delete", f"image-sets/{pk}", status=204)
    ask("get", f"image-sets/{pk}", status=404)
    assert ImageSet.objects.get(pk=pk).archived_at is not None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"params": {"every": 0}}, "every"),
        ({"params": {"evry": 1}}, "evry"),
        ({"name": "a/b"}, "cannot name"),
        ({"name": ".."}, "cannot name"),
        ({"annotations": []}, "annotations"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_the_field(
    project: Project, imported: Job, change: dict[str, Any], says: str
) -> None:
    ask = asking(project, Role.ANNOTATOR)
    line = annotated(ask)
    given = {"name": "bottle", "annotations": [line["id"]]} | change
    said = ask("post", "image-sets/", given, status=400)
    assert says in json.dumps(said)
    assert not ImageSet.objects.exists()


def test_an_annotation_of_another_project_is_not_there(project: Project, imported: Job) -> None:
    other = factories.project(owner=factories.user())
    line = annotated(asking(project, Role.ANNOTATOR))
    given = {"name": "bottle", "annotations": [line["id"]]}
    asking(other, Role.ANNOTATOR)("post", "image-sets/", given, status=404)

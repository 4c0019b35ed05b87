"""The page of an import tells everything that was found, and gives it away as files."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from datasets_app.models import ImageSet
from matteweb.accounts.models import Project
from matteweb.jobs.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


def finding(number: int, **other: str) -> dict[str, Any]:
    given = {
        "code": "mask_unpaired",
        "severity": "warning",
        "message": f"masks/{number}.png belongs to no video",
        "hint": "give it the name of its video",
        "where": f"masks/{number}.png",
        "choices": [],
    }
    return given | other


@pytest.fixture
def project() -> Project:
    return factories.project(owner=factories.user("anna"))


@pytest.fixture
def anna(client: Client, project: Project) -> Client:
    assert client.login(username="anna", password="secret")
    return client


def imported(project: Project, findings: list[dict[str, Any]], **report: Any) -> Job:
    found = {"layout": "davis", "added": {"videos": 2}, "findings": findings, **report}
    return Job.objects.create(
        project=project,
        kind="folder_import",
        title="Import set",
        state="done",
        checkpoint={"report": found},
    )


def test_findings_are_told_by_kind_and_errors_first(anna: Client, project: Project) -> None:
    bad = finding(0, severity="error", code="unreadable", message="<b>x.png</b> is damaged")
    job = imported(project, [*(finding(n) for n in range(30)), bad])
    page = anna.get(f"/p/{project.slug}/imports/{job.pk}/").content.decode()
    assert page.index("unreadable") < page.index("mask_unpaired")
    assert "&lt;b&gt;x.png&lt;/b&gt; is damaged" in page
    assert "and 18 more in the files above" in page
    assert ("1 error" in page, "30 warnings" in page, "2 videos" in page) == (True, True, True)


def test_every_finding_is_in_the_files(anna: Client, project: Project) -> None:
    job = imported(project, [finding(n) for n in range(30)])
    address = f"/p/{project.slug}/imports/{job.pk}/findings"
    rows = list(csv.DictReader(io.StringIO(anna.get(f"{address}.csv").content.decode())))
    plain = json.loads(anna.get(f"{address}.json").content)
    assert len(rows) == len(plain) == 30
    assert rows[7]["where"] == plain[7]["where"] == "masks/7.png"
    assert anna.get(f"{address}.xml").status_code == 404


def test_a_name_never_becomes_a_formula_in_a_spreadsheet(anna: Client, project: Project) -> None:
    job = imported(project, [finding(0, where="=HYPERLINK(1)", message="-1+1")])
    data = anna.get(f"/p/{project.slug}/imports/{job.pk}/findings.csv").content.decode()
    (row,) = csv.DictReader(io.StringIO(data))
    assert (row["where"], row["message"]) == ("'=HYPERLINK(1)", "'-1+1")


def test_an_import_on_its_way_asks_again_and_one_that_ended_loads_anew(
    anna: Client, project: Project
) -> None:
    job = Job.objects.create(
        project=project, kind="folder_import", title="Import set", state="queued"
    )
    address = f"/p/{project.slug}/imports/{job.pk}/"
    assert (
        "Waiting for a worker" in anna.get(address, headers={"HX-Request": "true"}).content.decode()
    )
    Job.objects.filter(pk=job.pk).update(state="failed", error="it is no ZIP")
    assert anna.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "it is no ZIP" in anna.get(address).content.decode()


def test_what_it_brought_is_one_click_away(anna: Client, project: Project) -> None:
    made = ImageSet.objects.create(project=project, name="bottle")
    job = imported(project, [], image_sets=[made.pk], samples=[1])
    page = anna.get(f"/p/{project.slug}/imports/{job.pk}/").content.decode()
    assert f"/p/{project.slug}/image-sets/{made.pk}/" in page
    assert f"/p/{project.slug}/review/" in page
    assert "Nothing was wrong with it" in page
    listed = anna.get(f"/p/{project.slug}/imports/").content.decode()
    assert ("Import set" in listed, "YouTube-VOS" in listed) == (True, True)

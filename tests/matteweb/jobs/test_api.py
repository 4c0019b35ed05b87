"""The API of jobs: snapshots, what is newer, who may stop and start."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from matteweb.accounts.models import Role
from matteweb.jobs import events, serializers
from matteweb.jobs.models import Job
from matteweb.jobs.runner import run_here
from matteweb.jobs.states import JobState
from tests import factories
from tests.matteweb.jobs.conftest import MakeJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    return make_job(n=2)


def client_of(job: Job, role: Role) -> APIClient:
    client = APIClient()
    client.force_login(factories.member(job.project, role))
    return client


def jobs_url(job: Job, *rest: object) -> str:
    return f"/api/projects/{job.project.slug}/jobs/{'/'.join(map(str, rest))}"


def get(client: APIClient, url: str, **query: Any) -> dict[str, Any]:
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_a_snapshot_holds_the_jobs_of_the_project_only(job: Job, make_job: MakeJob) -> None:
    other = make_job()
    client = client_of(job, Role.VIEWER)
    assert [found["id"] for found in get(client, jobs_url(job))["jobs"]] == [job.pk]
    assert client.get(jobs_url(other)).status_code == 404
    assert client.get(jobs_url(job, other.pk)).status_code == 404


def test_since_a_number_only_newer_changes_are_told(job: Job) -> None:
    client = client_of(job, Role.VIEWER)
    seq = get(client, jobs_url(job))["seq"]
    nothing_new = get(client, jobs_url(job), since=seq)
    assert (nothing_new["seq"], nothing_new["jobs"]) == (seq, [])
    run_here(job.pk)
    (told,) = get(client, jobs_url(job), since=seq)["jobs"]
    assert (told["state"], told["done"]) == ("done", 2)
    assert told["seq"] > seq


def test_a_number_from_the_future_gets_everything(job: Job) -> None:
    """The database was restored from a backup while the page was open."""
    client = client_of(job, Role.VIEWER)
    assert len(get(client, jobs_url(job), since=10**9)["jobs"]) == 1


def test_of_ended_jobs_only_the_last_are_told(job: Job, make_job: MakeJob) -> None:
    client = client_of(job, Role.VIEWER)
    for number in range(3):
        Job.objects.create(
            project=job.project, kind="count", title=str(number), state=JobState.DONE
        )
    titles = [told["title"] for told in get(client, jobs_url(job), ended=2)["jobs"]]
    assert titles == [job.title, "2", "1"]


def test_a_since_that_is_no_number_is_refused(job: Job) -> None:
    answer = client_of(job, Role.VIEWER).get(jobs_url(job), {"since": "yesterday"})
    assert answer.status_code == 400
    assert "since" in answer.json()["extra"]["fields"]


def test_one_job_comes_with_its_log_and_steps(job: Job) -> None:
    run_here(job.pk)
    detail = get(client_of(job, Role.VIEWER), jobs_url(job, job.pk))
    assert [step["name"] for step in detail["steps"]] == ["count"]
    assert detail["log"][-1]["text"] == "done"
    assert detail["params"] == {"n": 2}


def test_the_published_shapes_are_those_that_are_sent() -> None:
    for shape, serializer in (
        (events.JobFacts, serializers.JobSerializer),
        (events.JobDetail, serializers.JobDetailSerializer),
    ):
        assert set(serializer().fields) == set(shape.__annotations__)


@pytest.mark.parametrize("role", Role)
def test_anybodys_job_is_stopped_and_started_by_leads(job: Job, role: Role) -> None:
    client = client_of(job, role)
    allowed = role.rank >= Role.LEAD.rank
    assert client.post(jobs_url(job, job.pk, "cancel")).status_code == (200 if allowed else 403)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
    assert client.post(jobs_url(job, job.pk, "retry")).status_code == (200 if allowed else 403)


def test_an_annotator_stops_their_own_job(job: Job) -> None:
    annotator = factories.member(job.project, Role.ANNOTATOR)
    Job.objects.filter(pk=job.pk).update(created_by=annotator)
    client = APIClient()
    client.force_login(annotator)
    answer = client.post(jobs_url(job, job.pk, "cancel"))
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


def test_what_has_ended_answers_409(job: Job) -> None:
    client = client_of(job, Role.LEAD)
    client.post(jobs_url(job, job.pk, "cancel"))
    again = client.post(jobs_url(job, job.pk, "cancel"))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert client.post(jobs_url(job, 999, "cancel")).status_code == 404


def test_a_snapshot_takes_the_same_queries_for_many_jobs(
    job: Job, django_assert_max_num_queries: Any
) -> None:
    client = client_of(job, Role.VIEWER)
    for number in range(20):
        Job.objects.create(project=job.project, kind="count", title=str(number))
    with django_assert_max_num_queries(8):
        assert len(get(client, jobs_url(job))["jobs"]) == 21

from __future__ import annotations

import base64
import hashlib
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from datasets_app.adapters.upload_store import upload_store
from datasets_app.domain.tus import CHUNK_TYPE, format_metadata
from datasets_app.models import Upload
from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.jobs.models import Job
from tests import factories

pytestmark = pytest.mark.django_db

DATA = b"0123456789" * 50


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.UPLOAD_DIR = tmp_path / "uploads"


@pytest.fixture
def project() -> Project:
    return factories.project("p")


@pytest.fixture
def sender(project: Project) -> User:
    return factories.member(project, Role.ANNOTATOR)


@pytest.fixture
def client(sender: User) -> Client:
    """A program with a token, and the protocol's version on every request."""
    return program(sender)


def program(user: User) -> Client:
    token = factories.token(user)
    return Client(headers={"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"})


def begin(client: Client, *, size: int = len(DATA), **metadata: str) -> Any:
    named = {"filename": "kite.mp4", "filetype": "video/mp4"} | metadata
    headers = {"Upload-Length": str(size), "Upload-Metadata": format_metadata(named)}
    return client.post("/api/projects/p/uploads/", headers=headers)


def url(answer: Any) -> str:
    return f"/api/projects/p/uploads/{answer['Location']}"


def patch(client: Client, address: str, data: bytes, offset: int, **headers: str) -> Any:
    return client.patch(
        address, data, content_type=CHUNK_TYPE, headers={"Upload-Offset": str(offset), **headers}
    )


def test_a_file_arrives_in_chunks(client: Client) -> None:
    made = begin(client, relativePath="a/kite.mp4", licence="CC0-1.0")
    assert made.status_code == 201
    assert parsedate_to_datetime(made["Upload-Expires"]) > timezone.now()

    first = patch(client, url(made), DATA[:200], 0)
    assert (first.status_code, first["Upload-Offset"]) == (204, "200")
    stands = client.head(url(made))
    assert (stands["Upload-Offset"], stands["Upload-Length"]) == ("200", "500")
    assert stands["Cache-Control"] == "no-store"

    last = patch(client, url(made), DATA[200:], 200)
    assert (last.status_code, last["Upload-Offset"]) == (204, "500")
    upload = Upload.objects.get()
    assert upload_store().path(upload.uid).read_bytes() == DATA
    assert upload.purpose == {"kind": "library", "licence": "CC0-1.0"}
    assert upload.relative_path == "a/kite.mp4"
    assert upload.channel == AuditEntry.Channel.API
    assert Job.objects.get().target_id == upload.pk


def test_the_location_is_relative_so_that_any_proxy_may_stand_before(client: Client) -> None:
    location = begin(client)["Location"]
    assert "/" not in location
    assert ":" not in location


def test_the_endpoint_tells_what_it_can(client: Client, settings: Any) -> None:
    answer = client.options("/api/projects/p/uploads/")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,termination,expiration,checksum"
    assert answer["Tus-Max-Size"] == str(settings.UPLOAD_MAX_BYTES)
    assert "sha1" in answer["Tus-Checksum-Algorithm"]


def test_every_answer_is_uncached_and_names_the_version(client: Client) -> None:
    absent = "/api/projects/p/uploads/" + "0" * 32
    for answer in (begin(client), begin(client, size=0), client.head(absent)):
        assert answer["Tus-Resumable"] == "1.0.0"
        assert answer["Cache-Control"] == "no-store"


def test_a_client_that_does_not_name_the_version_is_told_which(sender: User) -> None:
    client = Client(headers={"Authorization": f"Bearer {factories.token(sender)}"})
    answer = begin(client)
    assert answer.status_code == 412
    assert answer["Tus-Version"] == "1.0.0"
    assert answer.json()["code"] == "wrong_version"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": str(10**15)}, 413),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Metadata": "filename ***"}, 400),
        ({"Upload-Metadata": format_metadata({"filename": "a.exe"})}, 400),
        ({"Upload-Metadata": ""}, 400),
        ({"Upload-Metadata": format_metadata({"filename": "a.png", "kind": "mask"})}, 404),
    ],
)
def test_what_cannot_be_taken_is_refused_before_bytes_flow(
    client: Client, change: dict[str, str], status: int
) -> None:
    headers = {
        "Upload-Length": "5",
        "Upload-Metadata": format_metadata({"filename": "a.mp4"}),
    } | change
    answer = client.post("/api/projects/p/uploads/", headers=headers)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert not Upload.objects.exists()


def test_a_project_without_room_refuses_before_bytes_flow(client: Client, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(quota_bytes=10)
    answer = begin(client)
    assert answer.status_code == 507
    assert answer.json()["code"] == "no_space"


def test_a_chunk_at_another_offset_is_a_conflict(client: Client) -> None:
    made = begin(client)
    assert patch(client, url(made), DATA, 7).status_code == 409


def test_a_chunk_of_another_media_type_is_refused(client: Client) -> None:
    made = begin(client)
    answer = client.patch(url(made), DATA, content_type="video/mp4", headers={"Upload-Offset": "0"})
    assert answer.status_code == 415
    assert client.head(url(made))["Upload-Offset"] == "0"


def test_a_second_writer_gets_423(client: Client) -> None:
    made = begin(client)
    with upload_store().writing(made["Location"]):
        assert patch(client, url(made), DATA, 0).status_code == 423
        assert client.delete(url(made)).status_code == 423


def test_a_checksum_is_verified(client: Client) -> None:
    made = begin(client)
    digest = base64.b64encode(hashlib.sha1(DATA, usedforsecurity=False).digest()).decode()
    wrong = patch(client, url(made), b"x" * 500, 0, **{"Upload-Checksum": f"sha1 {digest}"})
    assert wrong.status_code == 460
    right = patch(client, url(made), DATA, 0, **{"Upload-Checksum": f"sha1 {digest}"})
    assert right.status_code == 204


def test_a_post_may_stand_for_patch_and_delete(client: Client) -> None:
    made = begin(client)
    for method, status in (("PATCH", 204), ("DELETE", 204)):
        answer = client.post(
            url(made),
            DATA[:10],
            content_type=CHUNK_TYPE,
            headers={"X-HTTP-Method-Override": method, "Upload-Offset": "0"},
        )
        assert answer.status_code == status
    assert not Upload.objects.exists()


def test_a_get_never_stands_for_another_method(client: Client) -> None:
    made = begin(client)
    client.get(url(made), headers={"X-HTTP-Method-Override": "DELETE"})
    assert Upload.objects.exists()


def test_a_terminated_upload_is_gone(client: Client) -> None:
    made = begin(client)
    assert client.delete(url(made)).status_code == 204
    assert client.head(url(made)).status_code == 404


def test_the_state_of_an_upload_and_of_all_own_ones_can_be_read(client: Client) -> None:
    made = begin(client)
    facts = client.get(url(made)).json()
    assert (facts["state"], facts["offset"], facts["filename"]) == ("receiving", 0, "kite.mp4")
    assert client.get("/api/projects/p/uploads/").json() == {"uploads": [facts]}


def test_somebody_else_does_not_see_an_upload_but_a_lead_may_delete_it(
    client: Client, project: Project
) -> None:
    made = begin(client)
    colleague = program(factories.member(project, Role.REVIEWER))
    assert colleague.head(url(made)).status_code == 404
    assert patch(colleague, url(made), DATA, 0).status_code == 404
    assert colleague.delete(url(made)).status_code == 404
    assert colleague.get("/api/projects/p/uploads/").json() == {"uploads": []}
    lead = program(factories.member(project, Role.LEAD))
    assert patch(lead, url(made), DATA, 0).status_code == 404
    assert lead.delete(url(made)).status_code == 204


def test_a_viewer_may_not_upload_and_a_stranger_finds_no_project(project: Project) -> None:
    assert begin(program(factories.member(project, Role.VIEWER))).status_code == 403
    assert begin(program(factories.user())).status_code == 404
    anonymous = Client(headers={"Tus-Resumable": "1.0.0"})
    assert begin(anonymous).status_code == 401


def test_a_page_sends_its_session_with_the_csrf_token(sender: User) -> None:
    client = Client(headers={"Tus-Resumable": "1.0.0"}, enforce_csrf_checks=True)
    client.force_login(sender)
    assert begin(client).status_code == 403
    token = "a" * 32
    client.cookies["csrftoken"] = token
    client.defaults["HTTP_X_CSRFTOKEN"] = token
    assert begin(client).status_code == 201
    assert Upload.objects.get().channel == AuditEntry.Channel.PAGE


def test_other_methods_are_refused(client: Client) -> None:
    assert client.put("/api/projects/p/uploads/").status_code == 405
    assert client.put(url(begin(client))).status_code == 405

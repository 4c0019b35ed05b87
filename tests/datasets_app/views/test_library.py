from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from datasets_app.models import Asset, Caption, Mask, Upload, Video
from datasets_app.services.blobs import blob_from_bytes
from matteweb.accounts.models import Project, Role
from matteweb.jobs.models import Job
from tests import factories
from tests.answers import PageAnswer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Any, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"


@pytest.fixture
def project() -> Project:
    return factories.project(slug="lab")


def client(project: Project, role: Role = Role.LEAD) -> Client:
    browser = Client()
    browser.force_login(factories.member(project, role))
    return browser


@pytest.fixture
def lead(project: Project) -> Client:
    return client(project)


def video(project: Project, name: str, **fields: Any) -> Video:
    ready = {"state": "ready", "frames": 84, "width": 64, "height": 48, "fps_num": 16, "fps_den": 1}
    blob = blob_from_bytes(name.encode())
    values = {"name": name, "filename": f"{name}.mp4", "original": blob} | ready | fields
    return Video.objects.create(project=project, **values)


def job(project: Project, row: Video | Asset, state: str, **fields: Any) -> Job:
    kind = "still" if isinstance(row, Asset) else "clip"
    return Job.objects.create(
        project=project,
        kind="ingest_footage",
        title=f"Read {row.name}",
        target_id=row.pk,
        params={"kind": kind},
        state=state,
        **fields,
    )


def text(answer: PageAnswer) -> str:
    return answer.content.decode()


def cards(answer: PageAnswer) -> list[str]:
    return [row.name for row in answer.context["page"]]


def test_the_filter_stands_in_the_address(project: Project, lead: Client) -> None:
    video(project, "camel", licence="CC0-1.0", tags=["animal", "Bär"])
    kite = video(project, "kite", tags=["sea"])
    Mask.objects.create(video=kite, name="m", kind="alpha", state="ready")
    assert kite.original is not None
    found = {
        "": ["kite", "camel"],
        "q=cam": ["camel"],
        "q=bär": ["camel"],
        f"q={kite.original.digest[:12]}": ["kite"],
        "tag=sea": ["kite"],
        "tag=B%C3%A4r": ["camel"],
        "tag=ani": [],
        "licence=missing": ["kite"],
        "licence=CC0-1.0": ["camel"],
        "mask=none": ["camel"],
        "mask=alpha": ["kite"],
        "mask=alpha&mask=none&sort=name": ["camel", "kite"],
        "mask=hard": [],
        "sort=old": ["camel", "kite"],
        "sort=nonsense": ["kite", "camel"],
        "page=99": ["kite", "camel"],
    }
    for query, names in found.items():
        assert cards(lead.get(f"/p/lab/library/?{query}")) == names, query


def test_an_archived_mask_counts_as_none(project: Project, lead: Client) -> None:
    camel = video(project, "camel")
    Mask.objects.create(video=camel, name="m", state="ready", archived_at=timezone.now())
    answer = lead.get("/p/lab/library/?mask=none")
    assert cards(answer) == ["camel"]
    (group,) = (one for one in answer.context["facets"] if one.field == "mask")
    assert {line.value: line.count for line in group.lines} == {
        "none": 1,
        "hard": 0,
        "alpha": 0,
        "index": 0,
    }


def test_other_states_are_shown_when_they_are_asked_for(project: Project, lead: Client) -> None:
    video(project, "camel")
    video(project, "broken", state="failed", error="it is a text")
    assert cards(lead.get("/p/lab/library/")) == ["camel"]
    assert cards(lead.get("/p/lab/library/?state=failed")) == ["broken"]


def test_paging_keeps_the_filter(project: Project, lead: Client) -> None:
    for number in range(61):
        video(project, f"v{number}", tags=["sea"])
    answer = text(lead.get("/p/lab/library/?tag=sea&sort=old"))
    assert "?tag=sea&amp;sort=old&amp;page=2" in answer
    assert len(cards(lead.get("/p/lab/library/?tag=sea&page=2"))) == 1


def test_a_part_of_the_page_is_for_htmx_only(project: Project, lead: Client) -> None:
    part = lead.get("/p/lab/library/", headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    assert 'hx-swap-oob="true"' in text(part)
    assert "HX-Request" in part["Vary"], "or the browser's back shows the part as the page"
    again = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in text(lead.get("/p/lab/library/", headers=again))


def test_the_number_of_queries_does_not_grow_with_the_library(
    project: Project, lead: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        made = video(project, f"v{number}", tags=["sea"])
        Mask.objects.create(video=made, name="m", state="ready")
    with django_assert_max_num_queries(40):
        lead.get("/p/lab/library/")


def test_an_empty_library_says_the_next_step(project: Project, lead: Client) -> None:
    assert "No video yet" in text(lead.get("/p/lab/library/"))
    assert "Nothing fits this filter" in text(lead.get("/p/lab/library/?q=camel"))


def test_a_failed_file_shows_sentence_and_hint_and_what_to_do(
    project: Project, lead: Client
) -> None:
    row = video(project, "broken", state="failed", error="it is a text", hint="choose footage")
    job(project, row, "failed")
    answer = text(lead.get("/p/lab/library/incoming"))
    assert "it is a text" in answer and "choose footage" in answer
    assert "Read again" in answer and "Discard" in answer
    lead.post(f"/p/lab/library/video/{row.pk}/decide", {"code": "retry"})
    row.refresh_from_db()
    assert (row.state, row.error) == ("arriving", "")


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_what_stopped_on_its_way_in_is_offered_to_go_on(
    project: Project, lead: Client, state: str
) -> None:
    row = video(project, "camel", state="arriving")
    stopped = job(project, row, state)
    answer = lead.get("/p/lab/library/incoming")
    assert "Resume" in text(answer) and "Discard" in text(answer)
    assert "data-still" in text(answer), "nothing moves, so nothing is asked again"
    lead.post(f"/p/lab/library/video/{row.pk}/decide", {"code": "resume"})
    stopped.refresh_from_db()
    assert stopped.state == "queued"
    assert "Waiting for a worker" in text(lead.get("/p/lab/library/incoming"))


def test_a_still_of_the_same_number_is_not_taken_for_the_video(
    project: Project, lead: Client
) -> None:
    row = video(project, "camel", state="arriving")
    still = Asset.objects.create(
        pk=row.pk, project=project, kind="still", name="s", original=row.original, state="arriving"
    )
    job(project, row, "running", claim="x", done=3, total=84)
    job(project, still, "cancelled")
    shown = {
        one.row.noun: one.stopped for one in lead.get("/p/lab/library/").context["incoming"].footage
    }
    assert shown == {"video": False, "asset": True}


def test_a_question_is_answered_on_its_line(project: Project, lead: Client) -> None:
    finding = {
        "code": "frame_rate",
        "severity": "warning",
        "message": "6 numbered pictures have no frame rate.",
        "hint": "Choose it.",
        "where": "",
        "choices": ["24", "25"],
    }
    row = video(project, "take", state="needs_decision", findings=[finding])
    answer = text(lead.get("/p/lab/library/incoming"))
    assert "6 numbered pictures have no frame rate." in answer and "24 fps" in answer
    refused = lead.post(
        f"/p/lab/library/video/{row.pk}/decide", {"code": "frame_rate", "choice": "fast"}
    )
    assert refused.status_code == 400
    lead.post(f"/p/lab/library/video/{row.pk}/decide", {"code": "frame_rate", "choice": "30"})
    row.refresh_from_db()
    assert (row.state, row.decisions) == ("arriving", {"frame_rate": "30"})


def test_a_failed_upload_is_tried_again_or_forgotten(project: Project) -> None:
    sender = factories.member(project, Role.ANNOTATOR)
    browser = Client()
    browser.force_login(sender)
    upload = Upload.objects.create(
        uid="0" * 32,
        project=project,
        created_by=sender,
        channel="page",
        filename="a.mp4",
        size=9,
        offset=9,
        state="failed",
        error="the bytes are gone",
        expires_at=timezone.now() + timedelta(hours=1),
    )
    storing = Job.objects.create(
        project=project, kind="upload_finish", title="x", target_id=upload.pk, state="failed"
    )
    assert "the bytes are gone" in text(browser.get("/p/lab/library/incoming"))
    browser.post(f"/p/lab/library/uploads/{upload.pk}", {"code": "resume"})
    storing.refresh_from_db()
    assert storing.state == "queued"
    Job.objects.update(state="cancelled")
    browser.post(f"/p/lab/library/uploads/{upload.pk}", {"code": "discard"})
    assert not Upload.objects.exists()


def test_an_import_that_is_through_lists_what_had_no_partner(
    project: Project, lead: Client
) -> None:
    finding = {"code": "x", "severity": "warning", "message": "masks/a.mp4 belongs to no video"}
    report = {"added": {"videos": 2, "masks": 0}, "findings": [finding | {"hint": "", "where": ""}]}
    made = Job.objects.create(
        project=project,
        kind="folder_import",
        title="Import paste",
        state="done",
        finished_at=timezone.now(),
        checkpoint={"report": report},
    )
    answer = text(lead.get("/p/lab/library/incoming"))
    assert "2 videos" in answer and "masks/a.mp4 belongs to no video" in answer
    Job.objects.filter(pk=made.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    assert "Import paste" not in text(lead.get("/p/lab/library/incoming"))


def test_the_selection_is_tagged_licensed_and_archived(project: Project, lead: Client) -> None:
    camel, kite = video(project, "camel", tags=["sea"]), video(project, "kite")
    both = [camel.pk, kite.pk]
    url = "/p/lab/library/selection"
    answer = lead.post(url, {"selected": both, "act": "tag", "tag": "air, sea", "back": "q=c&x=<"})
    assert answer["Location"] == "/p/lab/library/?q=c&x=%3C"
    camel.refresh_from_db()
    assert camel.tags == ["air", "sea"]
    lead.post(url, {"selected": [kite.pk], "act": "licence", "licence": "CC0-1.0"})
    kite.refresh_from_db()
    assert (kite.licence, camel.licence) == ("CC0-1.0", "")
    lead.post(url, {"selected": both, "act": "archive"})
    assert cards(lead.get("/p/lab/library/")) == []


def test_archiving_a_selection_needs_a_lead(project: Project) -> None:
    camel = video(project, "camel")
    data = {"selected": [camel.pk], "act": "archive"}
    answer = client(project, Role.ANNOTATOR).post("/p/lab/library/selection", data)
    assert answer.status_code == 403
    camel.refresh_from_db()
    assert camel.archived_at is None


def test_an_annotator_discards_what_failed_but_nothing_that_is_ready(project: Project) -> None:
    browser = client(project, Role.ANNOTATOR)
    broken, camel = video(project, "broken", state="failed"), video(project, "camel")
    assert browser.post(f"/p/lab/library/video/{broken.pk}/discard").status_code == 302
    assert browser.post(f"/p/lab/library/video/{camel.pk}/discard").status_code == 403
    assert set(Video.objects.filter(archived_at=None)) == {camel}


def test_what_was_archived_is_restored_or_deleted_in_two_steps(
    project: Project, lead: Client
) -> None:
    camel = video(project, "camel", archived_at=timezone.now())
    Mask.objects.create(video=camel, name="m")
    assert "camel" in text(lead.get("/p/lab/library/archived"))
    lead.post(f"/p/lab/library/video/{camel.pk}/restore")
    assert cards(lead.get("/p/lab/library/")) == ["camel"]
    living = lead.get(f"/p/lab/library/video/{camel.pk}/delete")
    assert living.status_code == 404, "what is not archived is never one click from its end"
    Video.objects.update(archived_at=timezone.now())
    asked = text(lead.get(f"/p/lab/library/video/{camel.pk}/delete"))
    assert "1 mask" in asked and "deleted with it" in asked
    assert Video.objects.exists()
    lead.post(f"/p/lab/library/video/{camel.pk}/delete")
    assert not Video.objects.exists()


def test_stills_have_a_grid_of_their_own(project: Project, lead: Client) -> None:
    blob = blob_from_bytes(b"still")
    Asset.objects.create(
        project=project, kind="still", name="sky", original=blob, state="ready", width=9, height=9
    )
    assert cards(lead.get("/p/lab/library/?kind=stills")) == ["sky"]
    assert cards(lead.get("/p/lab/library/")) == []


def test_captions_come_in_by_file_and_go_out_again(project: Project, lead: Client) -> None:
    video(project, "camel")
    file = SimpleUploadedFile("captions.json", b'{"camel": {"full": "a zoo"}}')
    lead.post("/p/lab/library/captions", {"file": file})
    assert Caption.objects.get().text == "a zoo"
    assert lead.get("/p/lab/library/captions/dict.json").json() == {"camel": {"full": "a zoo"}}


def test_a_viewer_sees_everything_and_is_offered_nothing(project: Project) -> None:
    video(project, "camel")
    video(project, "broken", state="failed", error="it is a text")
    page = text(client(project, Role.VIEWER).get("/p/lab/library/"))
    assert "camel" in page and "it is a text" in page
    for offer in ("mw-uploader", "Read again", 'name="selected"', "Import captions"):
        assert offer not in page

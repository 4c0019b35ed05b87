from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from datasets_app.models import Mask, Sample, Video
from matteweb.accounts.models import AuditEntry, Project, Role
from matteweb.jobs.models import Job
from tests import factories
from tests.answers import PageAnswer
from tests.footage import add, attach, clip_file, mask_file, squares

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


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


@pytest.fixture
def video(project: Project, tmp_path: Path) -> Video:
    return add(project, clip_file(tmp_path))


def text(answer: PageAnswer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_ready_video_shows_player_masks_captions_rights_and_facts(
    lead: Client, video: Video, tmp_path: Path
) -> None:
    attach(video, mask_file(tmp_path, squares()), name="person")
    page = text(lead.get(f"/p/lab/videos/{video.pk}/"))
    for part in ("<mw-player", "person", "covers 25 %", "<mw-threshold", "licence missing", "ffv1"):
        assert part in page, part


def test_the_player_gets_the_picture_and_its_masks(
    lead: Client, video: Video, tmp_path: Path
) -> None:
    attach(video, mask_file(tmp_path, squares()), name="person")
    source = lead.get(f"/p/lab/videos/{video.pk}/player.json").json()
    assert [(one["name"], one["kind"]) for one in source["streams"]] == [
        ("clip", "rgb"),
        ("person", "gray"),
    ]
    assert (source["frames"], source["fps"]) == (6, [16, 1])


def test_a_pane_says_what_the_values_of_a_mask_mean_and_those_of_a_depth(
    lead: Client, video: Video, tmp_path: Path
) -> None:
    for name in ("person", "depth", "depth 12", "depth of a well"):
        attach(video, mask_file(tmp_path, squares()), name=name)
    streams = lead.get(f"/p/lab/videos/{video.pk}/player.json").json()["streams"]
    notes = {one["name"]: one["note"] for one in streams if one["kind"] == "gray"}
    assert notes == {
        "person": "Hard",
        "depth": "near is bright",
        "depth 12": "near is bright",
        "depth of a well": "Hard",
    }


def test_what_may_lie_behind_an_object_is_found_by_its_name(
    project: Project, lead: Client, video: Video, tmp_path: Path
) -> None:
    again = add(project, clip_file(tmp_path, "again"))
    Video.objects.filter(pk=again.pk).update(name="clip")
    waiting = add(project, clip_file(tmp_path, "waiting"))
    Video.objects.filter(pk=waiting.pk).update(withdrawn_at=timezone.now())
    found = lead.get("/p/lab/footage.json?q=CLI").json()["footage"]
    assert [one["label"] for one in found] == [
        f"clip (video {again.pk})",
        f"clip (video {video.pk})",
    ]
    assert lead.get(found[1]["player"]).json()["name"] == "clip"
    assert lead.get("/p/lab/footage.json?q=waiting").json() == {"footage": []}


def test_a_failed_video_shows_sentence_and_hint_and_can_be_read_again(
    project: Project, lead: Client, tmp_path: Path
) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no film\n" * 99)
    video = add(project, path)
    page = text(lead.get(f"/p/lab/videos/{video.pk}/"))
    assert "text.mp4 is a text file, not a video" in page and video.hint in page
    assert "<mw-player" not in page
    answer = lead.post(f"/p/lab/library/video/{video.pk}/decide", {"code": "retry"})
    assert answer["Location"] == f"/p/lab/videos/{video.pk}/"


def test_a_video_that_is_being_read_shows_how_far(lead: Client, video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(state="arriving")
    Job.objects.filter(target_id=video.pk).update(state="running", claim="x", done=3, total=6)
    page = text(lead.get(f"/p/lab/videos/{video.pk}/"))
    assert 'value="3" max="6"' in page and "3 / 6" in page


def test_captions_are_written_and_emptied(lead: Client, video: Video) -> None:
    url = f"/p/lab/videos/{video.pk}/captions"
    lead.post(url, {"short": " a zoo ", "verbose": "a zoo with sand"})
    assert set(video.captions.values_list("length", "text")) == {
        ("short", "a zoo"),
        ("verbose", "a zoo with sand"),
    }
    lead.post(url, {"short": "", "verbose": "a zoo with sand"})
    assert [caption.length for caption in video.captions.all()] == ["verbose"]


def test_rights_and_tags_are_edited(lead: Client, video: Video) -> None:
    data = {
        "name": "kite",
        "licence": "CC-BY-4.0",
        "attribution": "Anna",
        "tags": "sea, air",
        "source_group": "beach",
        "split": " val ",
    }
    for _ in range(2):
        lead.post(f"/p/lab/videos/{video.pk}/edit", data)
    video.refresh_from_db()
    assert (video.name, video.licence, video.attribution) == ("kite", "CC-BY-4.0", "Anna")
    assert (video.tags, video.source_group, video.split) == (["air", "sea"], "beach", "val")
    assert 'name="split" maxlength="60" value="val"' in text(lead.get(f"/p/lab/videos/{video.pk}/"))
    told = AuditEntry.objects.filter(action="video.place", target_id=video.pk)
    assert [one.detail for one in told] == [{"split": "val"}]


def test_a_mask_is_read_as_chosen_in_the_form(lead: Client, video: Video, tmp_path: Path) -> None:
    mask = attach(video, mask_file(tmp_path, squares()))
    url = f"/p/lab/masks/{mask.pk}/reread"
    assert lead.post(url, {"polarity": "white", "threshold": "x"}).status_code == 400
    lead.post(url, {"polarity": "black", "threshold": "200"})
    mask.refresh_from_db()
    assert (mask.state, mask.reading) == ("arriving", {"polarity": "black", "threshold": 200})


def test_a_mask_read_by_rule_offers_no_threshold_of_its_own(
    lead: Client, video: Video, tmp_path: Path
) -> None:
    mask = attach(video, mask_file(tmp_path, squares()))
    field = f'id="t-{mask.pk}" name="threshold" type="number" min="0" max="254" value="'
    assert field + '"' in text(lead.get(f"/p/lab/videos/{video.pk}/"))
    for given in (90, 127):
        chosen = {"threshold": given, "chosen": ["threshold"]}
        Mask.objects.filter(pk=mask.pk).update(reading=mask.reading | chosen)
        assert field + f'{given}"' in text(lead.get(f"/p/lab/videos/{video.pk}/"))


def test_a_failed_mask_shows_why(lead: Client, video: Video, tmp_path: Path) -> None:
    attach(video, mask_file(tmp_path, squares(3)), name="short")
    page = text(lead.get(f"/p/lab/videos/{video.pk}/masks"))
    assert "mask short has 3 frames but video clip has 6" in page
    assert "export the mask again" in page


def test_a_stopped_mask_is_offered_to_go_on(lead: Client, video: Video, tmp_path: Path) -> None:
    mask = attach(video, mask_file(tmp_path, squares()))
    Mask.objects.filter(pk=mask.pk).update(state="arriving")
    Job.objects.filter(kind="ingest_mask").update(state="cancelled")
    page = text(lead.get(f"/p/lab/videos/{video.pk}/masks"))
    assert "Resume" in page and "data-moving" not in page
    lead.post(f"/p/lab/masks/{mask.pk}/resume")
    assert Job.objects.get(kind="ingest_mask").state == "queued"
    assert "data-moving" in text(lead.get(f"/p/lab/videos/{video.pk}/masks"))


def test_an_archived_mask_leaves_the_list_and_is_restored_in_the_archive(
    lead: Client, video: Video, tmp_path: Path
) -> None:
    mask = attach(video, mask_file(tmp_path, squares()), name="the hat")
    lead.post(f"/p/lab/masks/{mask.pk}/archive")
    page = text(lead.get(f"/p/lab/videos/{video.pk}/"))
    assert "the hat" not in page and "1 archived mask" in page
    lead.post(f"/p/lab/library/mask/{mask.pk}/restore")
    assert "the hat" in text(lead.get(f"/p/lab/videos/{video.pk}/"))


def test_what_was_made_of_it_is_listed(project: Project, lead: Client, video: Video) -> None:
    sample = Sample.objects.create(project=project, index=0, name="run1-0007", state="ready")
    sample.videos.add(video)
    assert "run1-0007" in text(lead.get(f"/p/lab/videos/{video.pk}/"))


def test_archiving_says_first_what_depends_on_it(
    lead: Client, video: Video, tmp_path: Path
) -> None:
    attach(video, mask_file(tmp_path, squares()))
    assert "1 mask: deleted with it" in text(lead.get(f"/p/lab/videos/{video.pk}/"))
    lead.post(f"/p/lab/videos/{video.pk}/archive")
    assert lead.get(f"/p/lab/videos/{video.pk}/").status_code == 404


def test_a_withdrawal_needs_a_reason_and_marks_the_video(lead: Client, video: Video) -> None:
    url = f"/p/lab/videos/{video.pk}/withdraw"
    assert lead.post(url, {"reason": " "}).status_code == 400
    lead.post(url, {"reason": "the owner asked for it"})
    video.refresh_from_db()
    assert video.withdrawn_at is not None
    assert "withdrawn" in text(lead.get(f"/p/lab/videos/{video.pk}/"))


def test_a_viewer_is_offered_nothing(project: Project, video: Video, tmp_path: Path) -> None:
    attach(video, mask_file(tmp_path, squares()))
    page = text(client(project, Role.VIEWER).get(f"/p/lab/videos/{video.pk}/"))
    for offer in ("mw-uploader", "Save captions", "Read it another way", "Archive", "Withdraw"):
        assert offer not in page, offer


def test_an_archived_video_is_not_found(lead: Client, video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(archived_at=timezone.now())
    assert lead.get(f"/p/lab/videos/{video.pk}/").status_code == 404

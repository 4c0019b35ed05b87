"""The story through the API: every step by a personal token, on really rendered samples."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from datasets_app.domain.bundles.manifest import read_manifest
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Bundle
from datasets_app.services.freezing.bundles import bundle_freeze_finish
from matteweb.accounts.models import Role
from tests.datasets_app.api.conftest import Ask, asking
from tests.rendered import Rendered, frozen

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]


def whole(answer: HttpResponse | StreamingHttpResponse) -> bytes:
    """Return the body of an answer, streamed or not."""
    return b"".join(answer)


def body(answer: HttpResponse, status: int = 200) -> Any:
    """Return the JSON of an answer that must have this status."""
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def test_videos_are_listed_with_masks_captions_and_digest(ask: Ask, rendered: Rendered) -> None:
    found = body(ask("get", "videos/"))["results"]
    assert {video["name"] for video in found} == {video.name for video in rendered.videos}
    for video in found:
        assert video["state"] == "ready"
        assert video["frames"] == 18
        assert len(video["sha256"]) == 64
        assert [mask["state"] for mask in video["masks"]] == ["ready"]
        assert video["captions"][0]["length"] == "short"


def test_rights_and_captions_are_changed_by_an_annotator(rendered: Rendered) -> None:
    ask = asking(rendered, Role.ANNOTATOR)
    pk = rendered.videos[0].pk
    changed = body(ask("patch", f"videos/{pk}", {"licence": "CC-BY-4.0", "tags": ["b", "a"]}))
    assert changed["licence"] == "CC-BY-4.0"
    assert changed["tags"] == ["a", "b"]
    assert changed["attribution"], "what is not given stays"
    assert body(ask("patch", f"videos/{pk}", {"split": "test-dev"}))["split"] == "test-dev"
    assert body(ask("patch", f"videos/{pk}", {"tags": ["c"]}))["split"] == "test-dev"
    assert body(ask("patch", f"videos/{pk}", {"split": ""}))["split"] == ""
    said = {"length": "summary", "text": "a lantern rises over two ranges of hills"}
    written = body(ask("put", f"videos/{pk}/captions", said))
    assert said["text"] in [caption["text"] for caption in written["captions"]]


@pytest.mark.parametrize("form", ["list", "dict"])
def test_captions_go_out_and_come_in_by_one_file(ask: Ask, form: str) -> None:
    answer = ask("get", f"captions?form={form}")
    assert answer["Content-Type"] == "application/json"
    back = body(ask("post", "captions", json.loads(answer.content)))
    assert back == {"captioned": 2, "findings": []}


def test_captions_of_no_video_are_told(ask: Ask) -> None:
    back = body(ask("post", "captions", [{"path": "nobody", "short_prompt": "a sea"}]))
    assert back["captioned"] == 0
    assert [finding["code"] for finding in back["findings"]] == ["caption_orphan"]


def test_a_run_is_surveyed_launched_counted_and_stopped(ask: Ask) -> None:
    survey = body(ask("post", "survey", {"recipe": "object_paste"}))
    assert survey["possible"] is True
    given = {"recipe": "object_paste", "count": 3, "seed": 11}
    run = body(ask("post", "runs/", given), 201)
    assert run["root_seed"] == 11
    assert body(ask("get", f"runs/{run['id']}"))["counts"]["ready"] == 0
    body(ask("post", f"runs/{run['id']}/stop"))


def test_a_sample_is_judged_and_the_verdict_taken_back(ask: Ask, rendered: Rendered) -> None:
    pk = rendered.samples[0].pk
    refused = body(ask("post", f"samples/{pk}/verdicts", {"decision": "reject"}), 400)
    assert "reason" in refused["message"]
    given = {"decision": "reject", "reasons": ["halo"], "first_frame": 3, "last_frame": 5}
    verdict = body(ask("post", f"samples/{pk}/verdicts", given), 201)
    assert body(ask("get", f"samples/{pk}"))["review"] == "rejected"
    assert body(ask("delete", f"verdicts/{verdict['id']}"))["review"] == "accepted"


def test_the_files_of_a_sample_come_by_range(ask: Ask, rendered: Rendered) -> None:
    layers = body(ask("get", f"samples/{rendered.samples[0].pk}"))["layers"]
    assert {layer["name"] for layer in layers} >= {"rgb_full", "rgb_removed", "mask", "alpha"}
    full = next(layer["id"] for layer in layers if layer["name"] == "rgb_full")
    everything = whole(ask("get", f"files/layer/{full}/delivery"))
    part = ask("get", f"files/layer/{full}/delivery", headers={"Range": "bytes=100-299"})
    assert part.status_code == 206
    assert whole(part) == everything[100:300]
    assert ask("get", f"files/layer/{full}/secret").status_code == 404


def test_a_bundle_is_asked_about_frozen_and_taken_away(ask: Ask) -> None:
    choice = {"repeats": {"object_paste": 2}}
    outlook = body(ask("post", "bundles/outlook", choice))
    assert outlook["blocked"] == ""
    assert outlook["total"] == 4
    made = body(ask("post", "bundles/", {"name": "mix", **choice}), 201)
    assert made["state"] == "freezing"
    bundle = Bundle.objects.get(name="mix")
    bundle_freeze_finish(bundle_id=bundle.pk, progress=ignore_progress, should_stop=never_stop)
    found = body(ask("get", "bundles/mix"))
    assert found["state"] == "frozen"

    manifest = read_manifest(whole(ask("get", "bundles/mix/manifest")))
    assert manifest.identity() == found["manifest_id"]
    rows = json.loads(whole(ask("get", "bundles/mix/files/casper.json")))
    assert len(rows) == 4
    path = f"{manifest.samples[0].folder}/mask.mp4"
    mask = whole(ask("get", f"bundles/mix/files/{path}"))
    assert len(mask) == manifest.samples[0].stream("mask").size

    with zipfile.ZipFile(io.BytesIO(whole(ask("get", "bundles/mix/zip?root=/mnt/b")))) as archive:
        assert archive.testzip() is None
        assert archive.read(path) == mask
        rooted = json.loads(archive.read("casper.json"))
    assert all(row["file_path"].startswith("/mnt/b/object-paste/") for row in rooted)
    assert rooted == json.loads(whole(ask("get", "bundles/mix/files/casper.json?root=/mnt/b")))


def test_a_root_changes_no_file_but_the_training_lists(ask: Ask, rendered: Rendered) -> None:
    frozen(rendered)
    for path in ("ATTRIBUTION.md", "object-paste.json"):
        plain = whole(ask("get", f"bundles/mix/files/{path}"))
        assert whole(ask("get", f"bundles/mix/files/{path}?root=/mnt/b")) == plain


def test_an_unknown_category_is_named(ask: Ask) -> None:
    outlook = body(ask("post", "bundles/outlook", {"shares": {"kubric": "50"}}))
    assert "no sample is in category kubric" in outlook["blocked"]
    refused = body(ask("post", "bundles/", {"name": "b", "shares": {"kubric": "50"}}), 400)
    assert "kubric" in refused["message"]
    assert not Bundle.objects.filter(name="b").exists()


def test_archiving_restoring_and_deleting_name_what_depends(ask: Ask, rendered: Rendered) -> None:
    pk = rendered.videos[0].pk
    assert ask("delete", f"archive/video/{pk}").status_code == 404, "only what is archived"
    assert ask("delete", f"videos/{pk}").status_code == 204
    assert [row["id"] for row in body(ask("get", "archive/"))] == [pk]
    depends = {one["kind"]: one["count"] for one in body(ask("get", f"archive/video/{pk}"))}
    assert depends == {"mask": 1, "caption": 1, "sample": 2}
    assert ask("post", f"archive/video/{pk}").status_code == 204
    assert ask("get", f"videos/{pk}").status_code == 200
    ask("delete", f"videos/{pk}")
    assert {one["kind"] for one in body(ask("delete", f"archive/video/{pk}"))} == depends.keys()
    assert ask("get", f"videos/{pk}").status_code == 404


def test_a_withdrawn_video_answers_with_the_bundles_it_marks(ask: Ask, rendered: Rendered) -> None:
    frozen(rendered)
    pk = rendered.videos[0].pk
    marked = body(ask("post", f"videos/{pk}/withdrawal", {"reason": "the owner asked"}))
    assert [bundle["name"] for bundle in marked] == ["mix"]
    assert marked[0]["withdrawn"][0]["reason"] == "the owner asked"


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("get", "videos/999999", None, 404),
        ("get", "bundles/none", None, 404),
        ("post", "runs/", {"recipe": "object_paste", "count": 0, "seed": 1}, 400),
        ("post", "runs/", {"recipe": "no_such", "count": 1, "seed": 1}, 400),
        ("post", "bundles/", {"name": "not a slug"}, 400),
        ("post", "bundles/outlook", {"shares": {"kubric": "many"}}, 400),
        ("get", "captions?form=csv", None, 400),
        ("get", "archive/planet/1", None, 404),
    ],
)
def test_every_refusal_has_the_same_shape(
    ask: Ask, method: str, path: str, given: Any, status: int
) -> None:
    said = body(ask(method, path, given), status)
    assert said.keys() == {"message", "hint", "code", "extra"}
    assert said["message"]


def test_a_wrong_token_is_told_what_to_send(rendered: Rendered) -> None:
    ask = asking(rendered)
    answer = ask("get", "videos/", headers={"Authorization": "Bearer mw_wrong"})
    assert body(answer, 401)["hint"].startswith("Send a personal token")
    assert answer["WWW-Authenticate"].startswith("Bearer")

"""The pages of bundles: what each state shows, and what their forms do."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.models import Bundle, Sample
from datasets_app.models.bundle import BundleState
from datasets_app.services.freezing.bundles import bundle_create
from matteweb.accounts.models import AuditEntry, Role
from matteweb.jobs.models import Job
from tests import factories
from tests.rendered import Rendered, frozen

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]


@pytest.fixture
def client(rendered: Rendered, db: None) -> Client:
    """The owner's browser."""
    browser = Client()
    assert rendered.actor.user is not None
    browser.force_login(rendered.actor.user)
    return browser


def address(rendered: Rendered, page: str, **parts: str) -> str:
    """Return the address of a page of the project."""
    return reverse(page, kwargs={"project": rendered.project.slug, **parts})


@pytest.fixture
def draft(rendered: Rendered, db: None) -> Bundle:
    """An empty draft called mix."""
    return bundle_create(project=rendered.project, name="mix", actor=rendered.actor)


def test_an_empty_list_says_the_next_step(client: Client, rendered: Rendered) -> None:
    text = client.get(address(rendered, "bundles")).content.decode()
    assert "2 accepted samples are ready" in text
    assert "New bundle" in text
    Sample.objects.update(review="pending")
    text = client.get(address(rendered, "bundles")).content.decode()
    assert "Review samples" in text


def test_a_draft_shows_the_splits_that_samples_came_with_and_may_keep_them(
    client: Client, rendered: Rendered, draft: Bundle
) -> None:
    Sample.objects.filter(pk=rendered.samples[0].pk).update(split="val")
    text = client.get(address(rendered, "bundle", name=draft.name)).content.decode()
    assert text.count("as it came") == 2
    asked = {"split-train": "80", "split-val": "20", "keep_splits": "on"}
    there = address(rendered, "bundle-outlook", name=draft.name)
    drawn = client.post(there, asked).content.decode()
    assert 'name="keep_splits" checked' in drawn
    assert "as it came" not in drawn


def test_the_list_shows_state_id_and_withdrawn_sources(client: Client, rendered: Rendered) -> None:
    bundle = frozen(rendered)
    bundle_create(project=rendered.project, name="next", actor=rendered.actor)
    Bundle.objects.filter(pk=bundle.pk).update(
        withdrawn=[{"video": "kite", "digest": "0" * 64, "reason": "asked", "at": ""}]
    )
    text = client.get(address(rendered, "bundles")).content.decode()
    assert bundle.manifest_id[:12] in text
    assert "1 source withdrawn" in text
    assert "draft" in text


def test_a_new_bundle_begins_as_a_draft(client: Client, rendered: Rendered) -> None:
    answer = client.post(address(rendered, "bundle-new"), {"name": "mix-1"})
    assert answer["Location"] == address(rendered, "bundle", name="mix-1")
    text = client.get(answer["Location"]).content.decode()
    assert "<b>2</b> samples match" in text
    assert "object-paste" in text


def test_the_draft_follows_its_form_without_storing_it(
    client: Client, rendered: Rendered, draft: Bundle
) -> None:
    given = {"by": "repeats", "repeat-object-paste": "3"}
    text = client.post(address(rendered, "bundle-outlook", name="mix"), given).content.decode()
    assert "each shown 3 times" in text
    assert "2 * 3 / 6 = 100.00 %" in text
    draft.refresh_from_db()
    assert draft.settings == {}


def test_a_filter_that_takes_nothing_blocks_freezing_with_its_reason(
    client: Client, rendered: Rendered, draft: Bundle
) -> None:
    given = {"least_frames": "500", "by": "share", "share-object-paste": "100"}
    text = client.post(address(rendered, "bundle-outlook", name="mix"), given).content.decode()
    assert 'disabled aria-describedby="why-not"' in text
    assert "no accepted sample matches" in text


def test_a_missing_licence_asks_for_a_reason_and_takes_it(
    client: Client, rendered: Rendered, draft: Bundle
) -> None:
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    sample.sources[0]["licence"] = ""
    sample.save(update_fields=["sources"])
    page = address(rendered, "bundle-outlook", name="mix")
    assert 'name="licence_reason"' in client.post(page, {}).content.decode()
    assert "disabled" in client.post(page, {}).content.decode()
    given = {"licence_reason": "our own footage"}
    assert 'aria-describedby="why-not"' not in client.post(page, given).content.decode()


def test_a_kept_draft_comes_back_and_freezes(
    client: Client, rendered: Rendered, draft: Bundle
) -> None:
    given = {"by": "share", "share-object-paste": "100", "split-train": "90", "split-val": "10"}
    client.post(address(rendered, "bundle-save", name="mix"), given)
    text = client.get(address(rendered, "bundle", name="mix")).content.decode()
    assert re.search(r'name="split-train"[^>]* value="90"', text)
    client.post(address(rendered, "bundle-freeze", name="mix"), given)
    draft.refresh_from_db()
    assert draft.state == BundleState.FREEZING
    assert (
        "waiting for a worker"
        in client.get(address(rendered, "bundle", name="mix")).content.decode()
    )


def test_a_freeze_that_failed_leads_back_to_the_draft(
    client: Client, rendered: Rendered, draft: Bundle
) -> None:
    client.post(address(rendered, "bundle-freeze", name="mix"), {})
    Job.objects.filter(kind="bundle_freeze").update(state="failed", error="the disk is full")
    text = client.get(address(rendered, "bundle-progress", name="mix")).content.decode()
    assert "the disk is full" in text
    client.post(address(rendered, "bundle-reopen", name="mix"))
    draft.refresh_from_db()
    assert draft.state == BundleState.DRAFT
    answer = client.get(address(rendered, "bundle-progress", name="mix"))
    assert answer["HX-Refresh"] == "true"


def test_a_frozen_bundle_shows_its_id_sources_and_lines_to_copy(
    client: Client, rendered: Rendered
) -> None:
    bundle = frozen(rendered)
    text = client.get(address(rendered, "bundle", name="mix")).content.decode()
    assert bundle.manifest_id in text
    assert "kite by A. Person" in text
    assert f"python3 matteweb.py pull {rendered.project.slug}/mix mix" in text
    assert "DATASET_META_NAME" in text


def test_downloads_of_a_frozen_bundle_come_by_the_session(
    client: Client, rendered: Rendered
) -> None:
    frozen(rendered)
    rows = client.get(
        address(rendered, "bundle-document", name="mix", path="casper.json") + "?root=/mnt/b"
    )
    assert all(row["file_path"].startswith("/mnt/b/") for row in json.loads(b"".join(rows)))
    assert rows["Content-Disposition"] == 'attachment; filename="casper.json"'
    weighted = address(rendered, "bundle-document", name="mix", path="casper.json")
    listed = json.loads(b"".join(client.get(f"{weighted}?rows=weights")))
    assert [row["weight"] for row in listed] == [1, 1]
    assert client.get(f"{weighted}?rows=once").status_code == 400
    whole = client.get(address(rendered, "bundle-zip", name="mix"), headers={"Range": "bytes=0-3"})
    assert whole.status_code == 206
    assert b"".join(whole) == b"PK\x03\x04"


def test_the_weight_of_a_sample_is_set_on_its_page_and_shown_with_the_shares(
    client: Client, rendered: Rendered, draft: Bundle
) -> None:
    parts = {"project": rendered.project.slug, "pk": rendered.samples[0].pk}
    weigh = reverse("sample-weigh", kwargs=parts)
    assert client.post(weigh, {"weight": "5"}).status_code == 302
    assert client.post(weigh, {"weight": "65"}).status_code == 400
    assert 'value="5"' in client.get(reverse("sample", kwargs=parts)).content.decode()
    assert "weigh 6" in client.get(address(rendered, "bundle", name="mix")).content.decode()
    (entry,) = AuditEntry.objects.filter(action="sample.weigh")
    assert entry.detail == {"from": 1, "to": 5}


def test_a_bundle_is_archived_restored_and_deleted(client: Client, rendered: Rendered) -> None:
    frozen(rendered)
    client.post(address(rendered, "bundle-archive", name="mix"))
    assert client.get(address(rendered, "bundle", name="mix")).status_code == 404
    assert "Restore" in client.get(address(rendered, "bundles")).content.decode()
    client.post(address(rendered, "bundle-restore", name="mix"))
    assert client.get(address(rendered, "bundle", name="mix")).status_code == 200
    client.post(address(rendered, "bundle-archive", name="mix"))
    client.post(address(rendered, "bundle-delete", name="mix"))
    assert not Bundle.objects.filter(name="mix").exists()


def test_who_may_not_freeze_sees_no_button_for_it(rendered: Rendered, draft: Bundle) -> None:
    browser = Client()
    browser.force_login(factories.member(rendered.project, Role.VIEWER))
    text = browser.get(address(rendered, "bundle", name="mix")).content.decode()
    assert "Keep draft" not in text
    assert "A lead of this project freezes bundles." in text

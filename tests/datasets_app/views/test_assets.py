"""The pages of assets: what is there, what it is, and what a person may change."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Asset
from datasets_app.services.sources.assets import asset_add
from datasets_app.services.sources.footage import footage_ingest
from matteweb.accounts.models import Project, User
from tests import factories
from tests.subjects import figure, rgba_png

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return factories.user()


@pytest.fixture
def project(owner: User) -> Project:
    return factories.project(owner=owner)


@pytest.fixture
def browser(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def subject(project: Project, owner: User, tmp_path: Path) -> Asset:
    path = rgba_png(tmp_path / "ann.png", figure())
    made = asset_add(project=project, path=path, actor=factories.actor(owner))
    footage_ingest(kind="still", pk=made.pk, progress=ignore_progress, should_stop=never_stop)
    return Asset.objects.get(pk=made.pk)


def test_the_list_shows_kinds_with_counts_and_filters(
    browser: Client, project: Project, subject: Asset
) -> None:
    page = browser.get(f"/p/{project.slug}/assets/").content.decode()
    assert "ann" in page
    assert "Foreground still" in page
    other = browser.get(f"/p/{project.slug}/assets/?kind=background_clip").content.decode()
    assert "Nothing of this kind" in other


def test_the_page_plays_colour_and_alpha_and_says_what_was_measured(
    browser: Client, project: Project, subject: Asset
) -> None:
    page = browser.get(f"/p/{project.slug}/assets/{subject.pk}/").content.decode()
    assert "Sharpness" in page
    told = browser.get(f"/p/{project.slug}/assets/{subject.pk}/player.json").json()
    assert [stream["kind"] for stream in told["streams"]] == ["rgb", "gray"]
    for stream in told["streams"]:
        assert browser.get(stream["url"]).status_code == 200
        assert browser.get(stream["exact_url"].replace("{frame}", "0")).status_code == 200
    values = browser.get(f"{told['values_url']}?frame=0&x=32&y=48").json()
    assert values["layers"][1]["value"] == [255] or values["layers"][1]["value"] == 255


def test_a_side_and_a_reason_to_leave_it_out_are_kept(
    browser: Client, project: Project, subject: Asset
) -> None:
    fields = {"name": "Ann", "licence": "CC0-1.0", "split": "test", "excluded": "two people"}
    browser.post(f"/p/{project.slug}/assets/{subject.pk}/edit", fields)
    subject.refresh_from_db()
    assert (subject.name, subject.licence) == ("Ann", "CC0-1.0")
    assert (subject.split, subject.excluded) == ("test", "two people")


def test_a_list_is_read_and_downloaded(browser: Client, project: Project, subject: Asset) -> None:
    missing = [f"bob_{number}" for number in range(30)]
    given = SimpleUploadedFile("any.txt", "\n".join(["ann", *missing]).encode())
    answer = browser.post(
        f"/p/{project.slug}/assets/lists", {"name": "fg_train.txt", "file": given}, follow=True
    )
    page = answer.content.decode()
    assert all(f"<span>{name}</span>" in page for name in missing)
    listed = browser.get(f"/p/{project.slug}/assets/lists/fg_train.txt")
    assert listed.content == b"ann\n"


def test_the_api_reads_and_writes_lists(browser: Client, project: Project, subject: Asset) -> None:
    address = f"/api/projects/{project.slug}/assets/lists/fg_test.txt"
    given = {"entries": ["ann", "bob", "cid"]}
    answer = browser.post(address, given, content_type="application/json")
    assert answer.json() == {"changed": 1, "missing": ["bob", "cid"], "extra": []}
    assert browser.get(address).json() == {"entries": ["ann"]}
    assert browser.get(f"{address}?side=train").json() == {"entries": []}
    assert browser.get(address.replace("fg_test", "people")).status_code == 404


def test_the_api_lists_changes_and_archives(
    browser: Client, project: Project, subject: Asset
) -> None:
    address = f"/api/projects/{project.slug}/assets/"
    (one,) = browser.get(f"{address}?kind=foreground_still").json()["results"]
    assert one["measures"]["area"] > 0
    changed = browser.patch(
        f"{address}{subject.pk}", {"split": "train"}, content_type="application/json"
    )
    assert changed.json()["split"] == "train"
    assert browser.delete(f"{address}{subject.pk}").status_code == 204
    assert browser.get(f"/p/{project.slug}/assets/{subject.pk}/").status_code == 404

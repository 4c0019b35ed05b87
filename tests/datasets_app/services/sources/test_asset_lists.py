"""The published lists: read onto assets, told what does not fit, written again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from datasets_app.models import Asset
from datasets_app.services.sources.asset_lists import asset_list_apply, asset_list_write
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project, User
from matteweb.errors import BadInput, NotFound
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return factories.user()


@pytest.fixture
def project(owner: User) -> Project:
    return factories.project(owner=owner)


@pytest.fixture
def actor(owner: User) -> Actor:
    return factories.actor(owner)


def asset(project: Project, path: str, kind: str = "foreground_clip") -> Asset:
    return Asset.objects.create(project=project, name=path, origin_path=path, kind=kind)


def test_a_list_puts_assets_on_its_side_and_names_what_is_missing_and_extra(
    project: Project, actor: Actor
) -> None:
    one = asset(project, "VM/train/fgr/vm_1")
    two = asset(project, "VM/train/fgr/vm_2")
    behind = asset(project, "bg/vm_1", "background_clip")
    data = b"\xef\xbb\xbfVM/train/fgr/vm_1\r\n\nVM/train/fgr/vm_9\n"
    found = asset_list_apply(project=project, name="fg_train.txt", data=data, actor=actor)
    assert (found.changed, found.missing) == (1, ("VM/train/fgr/vm_9",))
    assert found.extra == ("VM/train/fgr/vm_2",)
    for row, side in ((one, "train"), (two, ""), (behind, "")):
        row.refresh_from_db()
        assert row.split == side


def test_what_is_on_the_other_side_is_no_extra_of_a_list(project: Project, actor: Actor) -> None:
    for path in ("a/fgr/1", "a/fgr/2", "a/fgr/3"):
        asset(project, path)
    asset_list_apply(project=project, name="fg_test.txt", data=b"a/fgr/1\n", actor=actor)
    found = asset_list_apply(project=project, name="fg_train.txt", data=b"a/fgr/2\n", actor=actor)
    assert found.extra == ("a/fgr/3",)
    again = asset_list_apply(project=project, name="fg_train.txt", data=b"a/fgr/3\n", actor=actor)
    assert again.extra == ("a/fgr/2",)


def test_commands_read_and_write_lists_and_tell_every_entry(
    project: Project, owner: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        asset(project, f"a/fgr/{number}")
    missing = [f"b/fgr/none-{number}" for number in range(20)]
    path = tmp_path / "fg_train.txt"
    path.write_text("\n".join(["a/fgr/1", *missing]))
    options = {"project": project.slug, "as_user": owner.username, "json": True}
    call_command("read_asset_list", str(path), **options)
    told = json.loads(capsys.readouterr().out)
    assert (told["changed"], told["missing"]) == (1, missing)
    assert told["extra"] == ["a/fgr/0", "a/fgr/2", "a/fgr/3", "a/fgr/4"]
    out = tmp_path / "out.txt"
    call_command("write_asset_list", "fg_train.txt", file=out, **options)
    assert json.loads(capsys.readouterr().out)["entries"] == ["a/fgr/1"]
    assert out.read_bytes() == b"a/fgr/1\n"


def test_invalid_pictures_are_left_out_with_the_list_as_the_reason(
    project: Project, actor: Actor
) -> None:
    crowd = asset(project, "images/crowd.jpg", "foreground_still")
    alone = asset(project, "images/alone.jpg", "foreground_still")
    asset_list_apply(project=project, name="invalid_him.txt", data=b"crowd.jpg\n", actor=actor)
    crowd.refresh_from_db()
    alone.refresh_from_db()
    assert (crowd.excluded, alone.excluded) == ("listed in invalid_him.txt", "")


def test_a_name_that_two_paths_end_in_is_not_guessed(project: Project, actor: Actor) -> None:
    asset(project, "a/fgr/vm_1")
    asset(project, "b/fgr/vm_1")
    found = asset_list_apply(project=project, name="fg_test.txt", data=b"vm_1\n", actor=actor)
    assert (found.changed, found.missing) == (0, ("vm_1",))


def test_what_was_written_is_read_back(project: Project, actor: Actor) -> None:
    for path in ("b/fgr/2", "a/fgr/1"):
        asset(project, path)
    data = b"a/fgr/1\nb/fgr/2\n"
    asset_list_apply(project=project, name="fg_test.txt", data=data, actor=actor)
    assert asset_list_write(project=project, name="fg_test.txt") == data
    assert asset_list_write(project=project, name="fg_train.txt") == b""
    with pytest.raises(NotFound, match="there is no list"):
        asset_list_write(project=project, name="people.txt")


def test_a_list_is_written_of_any_selection(project: Project, actor: Actor) -> None:
    asset(project, "a/fgr/clip")
    asset(project, "images/ann.jpg", "foreground_still")
    asset(project, "bg/street", "background_clip")
    asset_list_apply(project=project, name="fg_test.txt", data=b"a/fgr/clip\n", actor=actor)
    stills = {"kind": "foreground_still"}
    assert asset_list_write(project=project, name="fg_train.txt") == b""
    assert asset_list_write(project=project, name="fg_train.txt", **stills) == b"images/ann.jpg\n"
    assert asset_list_write(project=project, name="fg_train.txt", side="test") == b"a/fgr/clip\n"
    assert asset_list_write(project=project, name="bg_test.txt", **stills) == b""


@pytest.mark.parametrize(
    ("choice", "said"),
    [({"side": "trian"}, "no side of assets"), ({"kind": "foreground"}, "no kind of assets")],
)
def test_a_list_of_what_there_is_none_of_is_no_list_of_everything(
    project: Project, choice: dict[str, str], said: str
) -> None:
    asset(project, "a/fgr/clip")
    with pytest.raises(BadInput, match=said):
        asset_list_write(project=project, name="fg_train.txt", **choice)

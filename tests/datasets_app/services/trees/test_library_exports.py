"""What came in as a tree of assets or videos leaves as one, and is the same elsewhere."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from datasets_app.domain.findings import errors_in
from datasets_app.domain.layouts import LAYOUTS, find_layout
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Annotation, Asset, LayoutExport, Mask, Video
from datasets_app.services.blobs import blob_from_bytes, blob_from_file
from datasets_app.services.trees.layout_exports import (
    IMAGE_SET_LAYOUT,
    layout_export_run,
    library_export_start,
)
from datasets_app.services.trees.library_exports import library_export, library_layouts
from datasets_app.services.trees.stored_files import StoredFiles
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Cancelled, NoSpace
from tests import factories
from tests.datasets_app.services.trees.test_layout_exports import BUNDLED, LIMITS, bring
from tests.layout_cases import CASES

pytestmark = pytest.mark.django_db


def filled(project: Project, slug: str, tree: Path, owner: Actor) -> None:
    """Bring in a tree, whose files need not be read for what is tested here."""
    bring(tree, project, owner)
    Asset.objects.filter(project=project).update(state="ready", frames=1, width=64, height=48)
    Video.objects.filter(project=project).update(state="ready")
    Mask.objects.filter(video__project=project).update(state="ready")


def held(project: Project) -> list[tuple[Any, ...]]:
    """Return everything that a tree says of what the project holds, with its digests."""
    assets = Asset.objects.filter(project=project).order_by("name")
    fields = ("name", "kind", "split", "excluded", "original_id", "alpha_original_id")
    drawn = Annotation.objects.filter(video__project=project).order_by("video__name")
    masks = Mask.objects.filter(video__project=project).order_by("video__name", "name")
    videos = Video.objects.filter(project=project).order_by("name")
    return [
        *videos.values_list("name", "split"),
        *assets.values_list(*fields),
        *masks.values_list("video__name", "video__original_id", "name", "original_id"),
        *drawn.values_list("video__name", "video__original_id", "original_id"),
    ]


def entries(project: Project) -> int:
    return sum(
        rows.filter(project=project).count() for rows in (Asset.objects.all(), Video.objects.all())
    )


@pytest.mark.parametrize("slug", [one.slug for one in library_layouts()])
def test_a_tree_leaves_as_it_came_and_is_the_same_elsewhere(
    tmp_path: Path, owner: Actor, project: Project, slug: str
) -> None:
    filled(project, slug, CASES[slug].tree(tmp_path / "tree"), owner)
    before = held(project)
    assert before
    report = library_export(project=project, layout=slug, folder=tmp_path / "out")
    assert report == {"entries": entries(project), "left_out": []}
    assert "no attribution" not in (tmp_path / "out/ATTRIBUTION.md").read_text()
    found, inside = find_layout(tmp_path / "out")
    assert (found.info.slug, inside) == (slug, tmp_path / "out")
    assert errors_in(LAYOUTS[slug].validate(tmp_path / "out", limits=LIMITS)) == ()
    elsewhere = factories.project()
    filled(elsewhere, slug, tmp_path / "out", owner)
    assert held(elsewhere) == before


def test_room_is_asked_for_before_a_packed_sequence_is_unpacked(
    tmp_path: Path, owner: Actor, project: Project, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(project, "png_sequences", CASES["png_sequences"].tree(tmp_path / "tree"), owner)
    settings.DISK_RESERVE_BYTES = 10**18

    def unpack(*_: Any) -> None:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(StoredFiles, "unpack", unpack)
    with pytest.raises(NoSpace, match=r"out needs .* kept in reserve"):
        library_export(project=project, layout="png_sequences", folder=tmp_path / "out")
    settings.DISK_RESERVE_BYTES = 0
    with pytest.raises(AssertionError):
        library_export(project=project, layout="png_sequences", folder=tmp_path / "out")


def test_unpacking_a_sequence_ends_between_two_pictures(tmp_path: Path) -> None:
    tree = CASES["png_sequences"].tree(tmp_path / "tree")
    packed = Path(shutil.make_archive(str(tmp_path / "walk"), "zip", tree / "walk"))
    size = sum(path.stat().st_size for path in (tree / "walk").iterdir())
    files, asked = StoredFiles(), iter((False, False, True))
    folder = files.lay(blob_from_file(packed), "walk.zip", tmp_path / "work")
    assert (files.bytes, files.unpacked_bytes, list(folder.iterdir())) == (size, size, [])
    with pytest.raises(Cancelled):
        files.unpack(lambda: next(asked))
    assert len(list(folder.iterdir())) == 2
    files.unpack(never_stop)
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == [
        path.read_bytes() for path in sorted((tree / "walk").iterdir())
    ]


def test_what_has_no_place_is_left_out_with_its_reason(
    tmp_path: Path, owner: Actor, project: Project
) -> None:
    filled(project, "hhm", CASES["hhm"].tree(tmp_path / "people"), owner)
    filled(project, "bg_20k", CASES["bg_20k"].tree(tmp_path / "behind"), owner)
    report = library_export(project=project, layout="bg_20k", folder=tmp_path / "out")
    assert report["entries"] == 3
    assert {one["reason"] for one in report["left_out"]} == {"it is a foreground"}
    side = {"side": "test"}
    less = library_export(
        project=project, layout="bg_20k", folder=tmp_path / "less", selection=side
    )
    assert less["entries"] == 1
    with pytest.raises(BadInput, match=r"nothing of .* has a place in CRGNN"):
        library_export(project=project, layout="crgnn", folder=tmp_path / "none")
    with pytest.raises(BadInput, match="holds neither assets nor videos"):
        library_export_start(project=project, actor=owner, layout="mvtec_ad", selection={})
    with pytest.raises(BadInput, match="'tset' is no side of assets"):
        library_export_start(
            project=project, actor=owner, layout="bg_20k", selection={"side": "tset"}
        )


@pytest.mark.parametrize(
    ("reading", "as_read"),
    [
        ({"polarity": "white", "threshold": 127, "chosen": []}, False),
        ({"polarity": "white", "threshold": 127, "chosen": ["threshold"]}, True),
        ({"polarity": "white", "threshold": 191, "chosen": ["polarity"]}, True),
        ({"polarity": "black", "threshold": 191, "chosen": []}, True),
        ({"polarity": "white", "threshold": 127}, True),  # nobody knows
    ],
)
def test_a_mask_that_others_would_read_otherwise_leaves_as_it_was_read(
    tmp_path: Path, owner: Actor, project: Project, reading: dict[str, Any], as_read: bool
) -> None:
    filled(project, "paste_source", CASES["paste_source"].tree(tmp_path / "tree"), owner)
    master = blob_from_bytes(b"the mask as it was read")
    Mask.objects.filter(video__project=project).update(reading=reading, master=master)
    library_export(project=project, layout="paste_source", folder=tmp_path / "out")
    written = [path.read_bytes() for path in (tmp_path / "out/masks").iterdir()]
    assert written
    assert {content == b"the mask as it was read" for content in written} == {as_read}


@pytest.mark.parametrize("slug", ["paste_source", "png_sequences"])
@pytest.mark.parametrize("name", ["person", "camel", "../../person"])
def test_masks_of_one_name_stay_with_their_clips_where_names_tell(
    tmp_path: Path, owner: Actor, project: Project, slug: str, name: str
) -> None:
    filled(project, "paste_source", CASES["paste_source"].tree(tmp_path / "tree"), owner)
    Mask.objects.filter(video__project=project).update(name=name)
    library_export(project=project, layout=slug, folder=tmp_path / "in" / "out")
    clips = LAYOUTS[slug].read(tmp_path / "in" / "out").clips
    assert sorted((clip.name, len(clip.masks)) for clip in clips) == [
        ("camel", 1),
        ("kite-walk", 1),
    ]
    assert [path.name for path in tmp_path.glob("in/*")] == ["out"]


def test_a_zip_is_asked_for_by_page_and_by_token_and_a_folder_by_command(
    tmp_path: Path, owner: Actor, project: Project
) -> None:
    assert owner.user is not None
    filled(project, "hhm", CASES["hhm"].tree(tmp_path / "people"), owner)
    browser = Client()
    browser.force_login(owner.user)
    home = f"/p/{project.slug}"
    asked = browser.post(f"{home}/assets/exports", {"layout": "hhm", "kind": "", "side": ""})
    assert asked.headers["Location"] == f"{home}/assets/"
    row = LayoutExport.objects.get()
    layout_export_run(export_id=row.pk, progress=ignore_progress, should_stop=never_stop)
    page = browser.get(f"{home}/assets/").content.decode()
    assert f"{home}/exports/{row.pk}/zip" in page
    got = browser.get(f"{home}/exports/{row.pk}/zip")
    assert "library-hhm.zip" in got.headers["Content-Disposition"]
    token = factories.token(owner.user)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    api = f"/api/projects/{project.slug}/library-exports/"
    made = client.post(api, {"layout": "hhm", "side": "train"}, content_type="application/json")
    assert made.status_code == 202
    assert [one["layout"] for one in client.get(api).json()] == ["hhm", "hhm"]
    out = StringIO()
    call_command(
        "export_library",
        project=project.slug,
        layout="hhm",
        folder=tmp_path / "out",
        json=True,
        as_user=owner.user.username,
        stdout=out,
        stderr=StringIO(),
    )
    assert json.loads(out.getvalue())["entries"] == 3


def test_every_layout_is_written_of_the_library_of_bundles_or_of_image_sets() -> None:
    library = {one.slug for one in library_layouts()}
    assert library | BUNDLED | {IMAGE_SET_LAYOUT} == {one.info.slug for one in LAYOUTS}

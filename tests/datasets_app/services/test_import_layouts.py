"""Every layout comes all the way into the studio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from datasets_app.domain.annotation.relabel import labels_of
from datasets_app.domain.layouts import LAYOUTS
from datasets_app.models import Annotation, Asset, ImageSet, Mask, Sample, SetPicture, Video
from datasets_app.services.annotations import annotation_map, annotation_tracks
from datasets_app.services.footage import Rights
from datasets_app.services.import_way import ImportReport
from datasets_app.services.imports import folder_import
from matteweb.accounts.models import Project
from matteweb.errors import BadInput
from tests import factories
from tests.layout_cases import CASES, cvat_video, davis, maggie_image_val, maggie_video, mvtec_ad

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
RIGHTS = Rights(licence="CC0-1.0", attribution="Painted")

BECOMES = {
    "paste_source": {"videos": 2, "masks": 2, "captions": 3},
    "train_casper": {"samples": 3},
    "davis": {"videos": 2, "masks": 2},
    "youtube_vos": {"videos": 2, "masks": 1},
    "maggie_image_train": {"samples": 2},
    "maggie_image_val": {"samples": 2},
    "maggie_video": {"samples": 2},
    "defocused_segmentation": {"samples": 2},
    "png_sequences": {"videos": 1, "masks": 1, "assets": 1},
    "mvtec_ad": {"image_sets": 1, "pictures": 7},
    "cvat_video": {"videos": 2, "annotations": 2},
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


def bring(project: Project, folder: Path) -> ImportReport:
    return folder_import(project=project, folder=folder, actor=ACTOR, rights=RIGHTS)


@pytest.mark.parametrize("slug", [slug for slug in CASES if slug not in ("train_casper",)])
def test_a_tree_comes_in_and_a_second_import_doubles_nothing(
    project: Project, tmp_path: Path, slug: str
) -> None:
    tree = CASES[slug].tree(tmp_path / "tree")
    report = bring(project, tree)
    assert [str(one) for one in report.findings if one.severity != "note"] == []
    assert {kind: count for kind, count in report.added.items() if count} == BECOMES[slug]
    assert set(bring(project, tree).added.values()) == {0}


def test_every_layout_says_what_it_becomes() -> None:
    assert set(BECOMES) >= {layout.info.slug for layout in LAYOUTS if layout.info.slug in CASES}


def test_people_in_pictures_become_layers_with_their_guidance(
    project: Project, tmp_path: Path
) -> None:
    bring(project, maggie_image_val.tree(tmp_path / "tree"))
    sample = Sample.objects.get(name="beach")
    assert set(sample.layers.values_list("name", flat=True)) == {
        "rgb_full",
        *("alpha_00", "alpha_01"),
        *("mask_00_00", "mask_00_01", "mask_01_00", "mask_01_01"),
    }
    assert sample.plan == {"guidance": list(maggie_image_val.SOURCES)}
    assert (sample.frames, sample.category, sample.review) == (1, "him-image", "pending")


def test_people_in_clips_become_layers_frame_by_frame(project: Project, tmp_path: Path) -> None:
    bring(project, maggie_video.tree(tmp_path / "tree"))
    sample = Sample.objects.get(name="00000")
    assert (sample.frames, sample.layers.count()) == (8, 5)


def test_a_mask_of_first_frames_is_said_to_be_partial(project: Project, tmp_path: Path) -> None:
    report = bring(project, CASES["youtube_vos"].tree(tmp_path / "tree"))
    assert [one.code for one in report.findings] == ["mask_partial"]
    assert Mask.objects.count() == 1


def test_object_numbers_come_in_as_they_are(project: Project, tmp_path: Path) -> None:
    bring(project, davis.tree(tmp_path / "tree"))
    assert {mask.name for mask in Mask.objects.all()} >= {"objects"}
    assert Video.objects.count() == 2


def test_labelled_pictures_become_a_set_to_review(project: Project, tmp_path: Path) -> None:
    bring(project, mvtec_ad.tree(tmp_path / "tree"))
    found = ImageSet.objects.get()
    assert (found.name, found.licence) == ("bottle", "CC0-1.0")
    odd = SetPicture.objects.get(name__contains="????")
    assert (odd.split, odd.label, odd.width, odd.review) == ("test", "good", 64, "pending")
    assert SetPicture.objects.get(label="crack").mask is not None


def test_another_picture_of_the_same_name_is_named(project: Project, tmp_path: Path) -> None:
    tree = mvtec_ad.tree(tmp_path / "tree")
    bring(project, tree)
    path = tree / "bottle/test/crack/let_it_crack.png"
    path.write_bytes((tree / "bottle/train/good/any_filename.png").read_bytes())
    (finding,) = bring(project, tree).findings
    assert (finding.code, finding.where) == (
        "picture_unusable",
        "bottle/test/crack/let_it_crack.png",
    )


def test_tracks_come_with_their_video_and_keep_what_a_person_made_of_them(
    project: Project, tmp_path: Path
) -> None:
    tree = cvat_video.tree(tmp_path / "tree")
    bring(project, tree)
    row = Annotation.objects.get(name="1")
    assert row.facts["labels"] == ["bottle", "defect"]
    assert labels_of(annotation_tracks(row)) == ["bottle", "defect"]
    assert row.mapping["labels"]["defect"] == {"role": "fault", "label": "defective"}
    mine = row.mapping | {"overrides": {"1": "chipped"}}
    annotation_map(annotation=row, mapping=mine, actor=ACTOR)
    bring(project, tree)
    assert Annotation.objects.get(pk=row.pk).mapping["overrides"] == {"1": "chipped"}
    with pytest.raises(BadInput, match="no track 9"):
        annotation_map(annotation=row, mapping=mine | {"overrides": {"9": "x"}}, actor=ACTOR)
    with pytest.raises(BadInput, match="no label 'cap'"):
        other = {"labels": {"cap": {"role": "ignore"}}}
        annotation_map(annotation=row, mapping=other, actor=ACTOR)


def test_opacity_makes_a_foreground(project: Project, tmp_path: Path) -> None:
    bring(project, CASES["png_sequences"].tree(tmp_path / "tree"))
    asset = Asset.objects.get()
    assert (asset.kind, asset.name) == ("foreground_clip", "dancer")

"""What only decoding shows stands in the report of an import, once, beside what came in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from datasets_app.models import ImageSet, Mask, Sample, SetPicture, Video
from datasets_app.services.trees.import_way import ImportReport
from datasets_app.services.trees.imports import folder_import
from matteweb.accounts.models import Project
from matteweb.errors import Cancelled
from tests import factories
from tests.layout_cases import CASES

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()

# Layout, planted fault, and what the tree brings in all the same.
SEEN_BY_DECODING = [
    ("maggie_image_train", "alphas_overlap", {"samples": 2}),
    ("maggie_image_val", "guidance_overlap", {"samples": 2}),
    ("maggie_image_val", "guidance_values", {"samples": 2}),
    ("cvat_video", "size_differs", {"videos": 2, "annotations": 2}),
    ("cvat_video", "frame_beyond", {"videos": 2, "annotations": 2}),
    ("cvat_video", "shape_beside", {"videos": 2, "annotations": 2}),
    ("mvtec_ad", "mask_size", {"image_sets": 1, "pictures": 7}),
    ("mvtec_ad", "mask_empty", {"image_sets": 1, "pictures": 7}),
    ("crgnn", "trimap_misfit", {}),
    ("defocused_segmentation", "streams_differ", {"samples": 2}),
    ("defocused_segmentation", "video_frames", {"samples": 2}),
]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


def planted(slug: str, code: str, folder: Path) -> Path:
    """Return a tree of the layout with the first of its faults that has this code."""
    tree = CASES[slug].tree(folder)
    next(plant for known, plant in CASES[slug].faults if known == code)(tree)
    return tree


def bring(project: Project, folder: Path, **options: Any) -> ImportReport:
    return folder_import(project=project, folder=folder, actor=ACTOR, **options)


@pytest.mark.parametrize(("slug", "code", "added"), SEEN_BY_DECODING)
def test_a_fault_that_decoding_shows_stands_in_the_report_and_the_entry_is_in(
    project: Project, tmp_path: Path, slug: str, code: str, added: dict[str, int]
) -> None:
    report = bring(project, planted(slug, code, tmp_path / "tree"))
    found = [str(one) for one in report.findings]
    assert code in {one.code for one in report.findings}
    assert max(Counter(found).values()) == 1
    new = {kind: count for kind, count in report.added.items() if count}
    assert new == (added or new)
    assert new


def test_a_picture_that_cannot_be_read_is_refused_and_named_once(
    project: Project, tmp_path: Path
) -> None:
    report = bring(project, planted("mvtec_ad", "unreadable", tmp_path / "tree"))
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("picture_unusable", "error")
    assert finding.where.endswith("curved.bmp")
    assert not SetPicture.objects.filter(name="curved.bmp").exists()
    assert ImageSet.objects.get().pictures.count() == 6


def test_a_sample_that_storing_refuses_is_named_once(project: Project, tmp_path: Path) -> None:
    report = bring(project, planted("defocused_segmentation", "unreadable", tmp_path / "tree"))
    (finding,) = [one for one in report.findings if one.severity == "error"]
    assert finding.code == "tuple_unusable"
    assert Sample.objects.count() == 1


@pytest.mark.parametrize("code", ["unreadable", "mask_frames", "mask_size"])
def test_what_the_row_of_a_video_or_mask_says_itself_is_not_said_twice(
    project: Project, tmp_path: Path, code: str
) -> None:
    report = bring(project, planted("paste_source", code, tmp_path / "tree"))
    assert report.findings == []
    assert (Video.objects.count(), Mask.objects.count()) == (2, 2)


def test_an_import_that_was_stopped_while_decoding_reports_all_the_next_time(
    project: Project, tmp_path: Path
) -> None:
    tree = planted("cvat_video", "size_differs", tmp_path / "tree")
    with pytest.raises(Cancelled):
        bring(project, tree, should_stop=Video.objects.exists)
    assert Video.objects.count() == 1
    report = bring(project, tree)
    assert [one.code for one in report.findings] == ["size_differs"]
    assert (report.added["videos"], Video.objects.count()) == (1, 2)

"""Every layout comes all the way into the studio."""

from __future__ import annotations

import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from datasets_app.domain.annotation.relabel import labels_of
from datasets_app.domain.archives.tree_archive import holds_tree, unpack_tree
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.trees import sample_streams
from datasets_app.domain.trees.entries import Footage
from datasets_app.domain.trees.footage import Measure, measure_footage
from datasets_app.models import (
    Annotation,
    Asset,
    ImageSet,
    Mask,
    Sample,
    SetPicture,
    Upload,
    Video,
)
from datasets_app.services.blobs import blob_from_bytes, blob_from_file
from datasets_app.services.receiving.uploads_dispatch import upload_dispatch
from datasets_app.services.sources.annotations import (
    annotation_findings,
    annotation_map,
    annotation_tracks,
)
from datasets_app.services.sources.footage import Rights
from datasets_app.services.trees.import_way import ImportReport
from datasets_app.services.trees.imports import (
    folder_import,
    folder_import_run,
    folder_import_start,
)
from matteweb.accounts.models import AuditEntry, Project
from matteweb.errors import BadInput, NotFound
from matteweb.jobs.context import Again
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
    # Small pictures, masks of some frames, and what CRGNN leaves without a matte.
    assert {one.code for one in report.findings} <= {"enlarged", "mask_partial", "unlabelled"}
    added = {kind: count for kind, count in report.added.items() if count}
    assert added == BECOMES.get(slug, added)
    assert added
    assert set(bring(project, tree).added.values()) == {0}


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


def test_the_split_of_a_list_is_given_once_and_told(project: Project, tmp_path: Path) -> None:
    tree = davis.tree(tmp_path / "tree")
    bring(project, tree)
    placed = AuditEntry.objects.filter(action="video.place")
    assert {one.detail["split"] for one in placed} == {"train", "val"}
    Video.objects.filter(split="val").update(split="test")
    bring(project, tree)
    assert set(Video.objects.values_list("split", flat=True)) == {"train", "test"}
    assert placed.count() == 2


def test_samples_without_a_split_get_that_of_their_tree_and_are_not_doubled(
    project: Project, tmp_path: Path
) -> None:
    tree = CASES["defocused_segmentation"].tree(tmp_path / "tree")
    shutil.move(tree / "train/fgr/dancer/mask", tmp_path / "mask")
    bring(project, tree)
    Sample.objects.update(split="")
    shutil.move(tmp_path / "mask", tree / "train/fgr/dancer/mask")
    assert bring(project, tree).added["samples"] == 0
    assert set(Sample.objects.values_list("name", "split")) == {
        ("dancer", "train"),
        ("walker", "test"),
    }
    assert AuditEntry.objects.filter(action="sample.place").count() == 2


def test_each_stream_of_a_sample_is_measured_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Footage] = []

    def counted(footage: Footage, *rest: Any) -> Measure:
        told.append(footage)
        return measure_footage(footage, *rest)

    monkeypatch.setattr(sample_streams, "measure_footage", counted)
    bring(project, CASES["defocused_segmentation"].tree(tmp_path / "tree"))
    assert len(told) == len(set(told)) == 6


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


def test_what_reading_a_file_of_tracks_found_stays_with_it(
    project: Project, tmp_path: Path
) -> None:
    tree = cvat_video.tree(tmp_path / "tree")
    dict(cvat_video.FAULTS)["shape_unsupported"](tree)
    report = bring(project, tree)
    assert "shape_unsupported" in {one.code for one in report.findings}
    row = Annotation.objects.get(name="1")
    found = annotation_findings(row, annotation_tracks(row))
    assert "shape_unsupported" in {one.code for one in found}
    assert Annotation.objects.get(name="2").findings == []


def test_opacity_makes_a_foreground(project: Project, tmp_path: Path) -> None:
    bring(project, CASES["png_sequences"].tree(tmp_path / "tree"))
    asset = Asset.objects.get()
    assert (asset.kind, asset.name) == ("foreground_clip", "dancer")


def test_parts_of_a_zip_are_joined_on_import(project: Project, tmp_path: Path) -> None:
    maggie_video.tree(tmp_path / "V-HIM60")
    whole = Path(shutil.make_archive(str(tmp_path / "whole"), "zip", tmp_path, "V-HIM60"))
    data, parts = whole.read_bytes(), tmp_path / "parts"
    parts.mkdir()
    step = len(data) // 3 + 1
    for number in range(3):
        piece = data[number * step : (number + 1) * step]
        (parts / f"V-HIM60.zip.{number + 1:03d}").write_bytes(piece)
    job = folder_import_start(project=project, folder=parts, actor=ACTOR)
    report = folder_import_run(
        project_id=project.pk,
        params=job.params,
        progress=ignore_progress,
        should_stop=never_stop,
    )
    assert (report.layout, report.added["samples"]) == ("maggie_video", 2)
    (parts / "V-HIM60.zip.002").unlink()
    with pytest.raises(BadInput, match="part 2 of"):
        folder_import_start(project=project, folder=parts, actor=ACTOR)


HOSTILE: dict[str, tuple[Callable[[zipfile.ZipFile], object], str]] = {
    "outside": (lambda z: z.writestr("../../evil.txt", b"x"), "outside of itself"),
    "absolute": (lambda z: z.writestr("/etc/evil.txt", b"x"), "outside of itself"),
    "backslash": (lambda z: z.writestr("..\\..\\evil.txt", b"x"), "outside of itself"),
    "drive": (lambda z: z.writestr("C:evil.txt", b"x"), "outside of itself"),
    "link": (lambda z: z.writestr(_link("tree/evil"), b"/etc/passwd"), "is a link"),
    "bomb": (lambda z: z.writestr("tree/zeros.png", b"x"), "times its size"),
}


def _link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def _announce_two_gigabytes(path: Path) -> None:
    """Make the directory announce 2 GiB for the last entry, as a bomb's does."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.rfind(b"PK\x01\x02") + 24, (1 << 31) - 1)
    path.write_bytes(data)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A good ZIP of every layout, by slug."""
    folder = tmp_path_factory.mktemp("archives")
    made = {}
    for slug, case in CASES.items():
        case.tree(folder / slug / "tree")
        made[slug] = Path(shutil.make_archive(str(folder / slug), "zip", folder / slug))
    return made


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_zip_of_any_layout_is_refused_before_a_byte_is_written(
    project: Project, tmp_path: Path, archives: dict[str, Path], attack: str
) -> None:
    plant, said = HOSTILE[attack]
    for slug in archives:
        path = tmp_path / f"{slug}.zip"
        shutil.copyfile(archives[slug], path)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            plant(archive)
        if attack == "bomb":
            _announce_two_gigabytes(path)
        assert holds_tree(path)
        with pytest.raises(BadInput, match=said):
            unpack_tree(path, tmp_path / "out", name=path.name)
        assert not (tmp_path / "out").exists()


def test_a_dropped_zip_of_any_layout_is_taken_for_a_tree(archives: dict[str, Path]) -> None:
    # One folder of numbered pictures alone is a clip, however it is called.
    assert {slug for slug, path in archives.items() if holds_tree(path)} == set(CASES)


def arrive(project: Project, name: str, data: bytes, state: str = "received") -> Upload:
    """Return the row of a file that came, or comes, by the Library."""
    return Upload.objects.create(
        uid=f"{name}-{state}",
        project=project,
        created_by=factories.user(),
        channel="page",
        filename=name,
        size=len(data),
        state=state,
        purpose={"kind": "library"},
        expires_at=timezone.now() + timedelta(hours=1),
    )


def test_annotations_that_are_dropped_with_their_video_wait_for_it(
    project: Project, tmp_path: Path
) -> None:
    tree = cvat_video.tree(tmp_path / "tree")
    data = (tree / "1.xml").read_bytes()
    upload, blob = arrive(project, "1.xml", data), blob_from_bytes(data)
    with pytest.raises(NotFound, match="belongs to no video: there is none called 1"):
        upload_dispatch(upload, blob, ACTOR)
    film = arrive(project, "1.mp4", b"", "receiving")
    with pytest.raises(Again):
        upload_dispatch(upload, blob, ACTOR)
    upload_dispatch(film, blob_from_file(tree / "1.mp4", move=False), ACTOR)
    result = upload_dispatch(upload, blob, ACTOR)
    row = Annotation.objects.get(pk=result["id"])
    assert (result["kind"], row.video.filename, row.facts["tracks"]) == ("annotation", "1.mp4", 3)
    assert "findings" not in result


def test_annotations_that_are_dropped_tell_what_was_found_in_them(
    project: Project, tmp_path: Path
) -> None:
    tree = cvat_video.tree(tmp_path / "tree")
    film = arrive(project, "1.mp4", b"", "receiving")
    upload_dispatch(film, blob_from_file(tree / "1.mp4", move=False), ACTOR)
    text = (tree / "1.xml").read_text().replace('<polygon frame="2"', '<polyline frame="2"', 1)
    text = text.replace('xbr="20.0"', 'xbr="1.0"').replace('<box frame="7"', '<box frame="8"')
    data = text.encode()
    result = upload_dispatch(arrive(project, "1.xml", data), blob_from_bytes(data), ACTOR)
    told = {one["code"] for one in result["findings"]}
    assert told == {"shape_unsupported", "shape_empty"}
    # What only the video can tell is said once that is ready.
    row = Annotation.objects.get(pk=result["id"])
    Video.objects.update(state="ready", frames=8, width=64, height=48, fps_num=25, fps_den=1)
    row.refresh_from_db()
    found = annotation_findings(row, annotation_tracks(row))
    assert {one.code for one in found} == told | {"frame_beyond"}
    assert all("1.xml" in one.message and one.hint for one in found)

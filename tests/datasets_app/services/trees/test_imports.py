from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.bundles.tuple_reading import tuple_digest
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.synthesis.compositing.trimask import snap
from datasets_app.models import Blob, Caption, Layer, Mask, Sample, Upload, Video
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.freezing.manifests import sample_sources
from datasets_app.services.receiving.uploads_dispatch import upload_dispatch
from datasets_app.services.sources.captions import caption_set
from datasets_app.services.sources.footage import Rights
from datasets_app.services.trees import imported_samples
from datasets_app.services.trees.import_way import ImportReport
from datasets_app.services.trees.imports import (
    folder_import,
    folder_import_run,
    folder_import_start,
)
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Cancelled
from matteweb.jobs.models import Job
from tests import factories
from tests.footage import read, read_mask
from tests.layout_trees import paste_source, train_casper
from tests.tuples import tuple_frames, write_videos

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
RIGHTS = Rights(licence="CC0-1.0", attribution="Painted")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


def bring(project: Project, folder: Path, **options: Any) -> ImportReport:
    return folder_import(project=project, folder=folder, actor=ACTOR, rights=RIGHTS, **options)


def codes(report: ImportReport) -> set[str]:
    return {finding.code for finding in report.findings}


def test_a_paste_source_becomes_videos_with_masks_and_captions(
    project: Project, tmp_path: Path
) -> None:
    report = bring(project, paste_source(tmp_path / "paste"))
    assert report.added == {"videos": 2, "masks": 2, "captions": 3, "samples": 0}
    assert report.findings == []
    videos = [read(video) for video in Video.objects.order_by("name")]
    assert [(one.name, one.state, one.licence) for one in videos] == [
        ("camel", "ready", "CC0-1.0"),
        ("kite-walk", "ready", "CC0-1.0"),
    ]
    assert {read_mask(mask).state for mask in Mask.objects.all()} == {"ready"}
    texts = Caption.objects.filter(video=videos[0]).values_list("length", "text", "origin")
    assert set(texts) == {
        ("short", "a zoo", "imported"),
        ("verbose", "a zoo with sand and a wall", "imported"),
    }


def test_a_second_import_doubles_nothing_and_keeps_what_a_person_typed(
    project: Project, tmp_path: Path
) -> None:
    folder = paste_source(tmp_path / "paste")
    first = bring(project, folder)
    video = Video.objects.get(name="camel")
    caption_set(video=video, length="short", text="my words", actor=ACTOR)
    again = bring(project, folder)
    assert (again.videos, again.masks) == (first.videos, first.masks)
    assert set(again.added.values()) == {0}
    assert (Video.objects.count(), Mask.objects.count(), Caption.objects.count()) == (2, 2, 3)
    assert Caption.objects.get(video=video, length="short").text == "my words"


def test_an_import_that_was_stopped_goes_on_where_it_was(project: Project, tmp_path: Path) -> None:
    folder = paste_source(tmp_path / "paste")
    told: list[int] = []
    with pytest.raises(Cancelled, match="before entry 2 of 2"):
        bring(
            project,
            folder,
            progress=lambda done, of: told.append(done),
            should_stop=lambda: bool(told),
        )
    assert Video.objects.count() == 1
    assert bring(project, folder).added["videos"] == 1
    assert Video.objects.count() == 2


def test_what_has_no_partner_is_listed_and_the_rest_comes_in(
    project: Project, tmp_path: Path
) -> None:
    folder = paste_source(tmp_path / "paste")
    (folder / "masks/camel.mp4").rename(folder / "masks/nobody.mp4")
    report = bring(project, folder)
    assert {"mask_unpaired", "video_without_mask"} <= codes(report)
    assert (report.added["videos"], report.added["masks"]) == (2, 1)


def test_files_are_linked_instead_of_copied_on_request(project: Project, tmp_path: Path) -> None:
    folder = paste_source(tmp_path / "paste")
    bring(project, folder, link=True)
    blob = Blob.objects.get(pk=Video.objects.get(name="camel").original_id)
    assert blob.external_path == str(folder / "videos/camel.mp4")


def test_a_folder_of_pictures_is_packed_and_its_rate_may_be_given(
    project: Project, tmp_path: Path
) -> None:
    folder = train_casper(tmp_path / "tree")
    source = tmp_path / "paste/videos"
    source.mkdir(parents=True)
    shutil.copytree(folder / "omnimatte+tripod/flamingo/input", source / "bird")
    first = bring(project, source.parent, fps="24")
    video = read(Video.objects.get())
    assert (video.filename, video.state, video.frames, video.fps_num) == (
        "bird.zip",
        "ready",
        18,
        24,
    )
    assert bring(project, source.parent, fps="24").videos == first.videos


def test_ready_tuples_become_samples_to_review(project: Project, tmp_path: Path) -> None:
    report = bring(project, train_casper(tmp_path / "train-casper"))
    assert report.added["samples"] == 3
    samples = {sample.category: sample for sample in Sample.objects.all()}
    assert set(samples) == {"kubric", "object-paste", "omnimatte+tripod"}
    for sample in samples.values():
        assert (sample.run, sample.recipe, sample.state, sample.review) == (
            None,
            "",
            "ready",
            "pending",
        )
        assert (sample.frames, sample.width, sample.height) == (18, 64, 48)
        assert set(sample.layers.values_list("name", flat=True)) == {
            "rgb_full",
            "mask",
            "rgb_removed",
        }
        (source,) = sample_sources(sample)
        assert (source.licence, source.attribution) == ("CC0-1.0", "Painted")
    assert samples["kubric"].caption == "a kubric scene"
    assert samples["kubric"].name == "000001"


def layer_path(sample: Sample, name: str, form: str = "master") -> Path:
    layer = Layer.objects.get(sample=sample, name=name)
    return blob_path(Blob.objects.get(pk=getattr(layer, f"{form}_id")))


def test_a_lossy_mask_is_snapped_and_the_sample_says_so(project: Project, tmp_path: Path) -> None:
    content = tuple_frames(4)
    rng = np.random.default_rng(7)
    noise = rng.integers(-9, 10, (4, 48, 64))
    moved = [
        np.clip(mask.astype(int) + n, 0, 255).astype(np.uint8)
        for mask, n in zip(content["mask"], noise, strict=True)
    ]
    write_videos(tmp_path / "tree/kubric/1", content | {"mask": moved})
    bring(project, tmp_path / "tree")
    sample = Sample.objects.get()
    for form in ("master", "delivery"):
        kept = list(read_gray(layer_path(sample, "mask", form)))
        assert all((a == snap(b)).all() for a, b in zip(kept, moved, strict=True))
        assert {int(value) for frame in kept for value in np.unique(frame)} == {0, 128, 255}
    assert "mask_snapped" in {note["code"] for note in sample.notes}


def test_the_master_holds_the_frames_as_they_decode(project: Project, tmp_path: Path) -> None:
    layers = write_videos(tmp_path / "tree/kubric/1", tuple_frames(4))
    bring(project, tmp_path / "tree")
    kept = read_rgb(layer_path(Sample.objects.get(), "rgb_full"))
    assert all((a == b).all() for a, b in zip(kept, read_rgb(layers["rgb_full"]), strict=True))


def test_the_same_tuple_is_the_same_sample(project: Project, tmp_path: Path) -> None:
    folder = train_casper(tmp_path / "a")
    first = bring(project, folder)
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    again = bring(project, moved)
    assert again.samples == first.samples
    assert (again.added["samples"], Sample.objects.count()) == (0, 3)


def test_another_tuple_of_the_same_name_is_another_sample(project: Project, tmp_path: Path) -> None:
    for number in (0, 1):
        write_videos(tmp_path / f"{number}/kubric/1", tuple_frames(4, seed=number))
        bring(project, tmp_path / str(number))
    assert Sample.objects.filter(name="1").count() == 2


def test_a_kill_between_the_files_and_the_row_leaves_no_half_sample(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_videos(tmp_path / "tree/kubric/1", tuple_frames(4))

    def killed(**_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(imported_samples, "audit", killed)
        with pytest.raises(SystemExit):
            bring(project, tmp_path / "tree")
    assert (Sample.objects.count(), Layer.objects.count()) == (0, 0)
    blobs = Blob.objects.count()
    bring(project, tmp_path / "tree")
    assert (Sample.objects.count(), Layer.objects.count(), Blob.objects.count()) == (1, 3, blobs)


def test_a_tuple_with_unequal_layers_is_left_out_with_a_sentence(
    project: Project, tmp_path: Path
) -> None:
    short = tuple_frames(4)
    write_videos(tmp_path / "tree/kubric/1", short | {"mask": short["mask"][:3]})
    write_videos(tmp_path / "tree/kubric/2", tuple_frames(4))
    report = bring(project, tmp_path / "tree")
    messages = [finding.message for finding in report.findings]
    assert "kubric/1: mask has 3 frames, rgb_full has 4" in messages
    assert [sample.name for sample in Sample.objects.all()] == ["2"]


def test_an_unknown_tree_is_refused_before_a_job_is_made(project: Project, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(BadInput, match="has no layout that is known here"):
        folder_import_start(project=project, folder=tmp_path / "photos", actor=ACTOR)
    with pytest.raises(BadInput, match="there is no folder"):
        folder_import_start(project=project, folder=tmp_path / "nothing", actor=ACTOR)
    assert not Job.objects.exists()


def test_a_folder_has_one_living_import(project: Project, tmp_path: Path) -> None:
    folder = paste_source(tmp_path / "paste")
    first = folder_import_start(project=project, folder=folder, actor=ACTOR)
    assert folder_import_start(project=project, folder=folder, actor=ACTOR) == first


def test_a_dropped_zip_of_a_tree_goes_the_same_way(project: Project, tmp_path: Path) -> None:
    folder = paste_source(tmp_path / "paste")
    archive = Path(shutil.make_archive(str(tmp_path / "paste"), "zip", tmp_path, "paste"))
    upload = Upload(project=project, filename="paste.zip", purpose={"kind": "library"})
    result = upload_dispatch(upload, blob_from_file(archive), ACTOR)
    job = Job.objects.get(pk=result["id"])
    assert (result["kind"], job.kind) == ("import", "folder_import")
    report = folder_import_run(
        project_id=project.pk,
        params=json.loads(json.dumps(job.params)),
        progress=ignore_progress,
        should_stop=never_stop,
    )
    assert report.added["videos"] == 2
    shutil.rmtree(folder)
    assert {read(video).state for video in Video.objects.all()} == {"ready"}


def test_a_zip_of_numbered_pictures_stays_a_video(project: Project, tmp_path: Path) -> None:
    folder = train_casper(tmp_path / "tree") / "omnimatte+tripod/flamingo/input"
    archive = Path(shutil.make_archive(str(tmp_path / "bird"), "zip", folder))
    upload = Upload(project=project, filename="bird.zip", purpose={"kind": "library"})
    assert upload_dispatch(upload, blob_from_file(archive), ACTOR)["kind"] == "video"


def test_a_zip_with_an_entry_outside_of_itself_is_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("videos/a.mp4", b"x")
        archive.writestr("../../evil.json", b"{}")
    job = folder_import_start(
        project=project, archive=blob_from_file(path), filename="evil.zip", actor=ACTOR
    )
    with pytest.raises(BadInput, match="outside of itself"):
        folder_import_run(
            project_id=project.pk,
            params=job.params,
            progress=ignore_progress,
            should_stop=never_stop,
        )
    assert not (tmp_path.parent / "evil.json").exists()


def test_the_digest_of_a_tuple_depends_on_each_layer(tmp_path: Path) -> None:
    one = write_videos(tmp_path / "1", tuple_frames(3))
    other = write_videos(tmp_path / "2", tuple_frames(3, seed=5))
    assert tuple_digest(one) == tuple_digest(dict(reversed(one.items())))
    assert tuple_digest(one) != tuple_digest(one | {"mask": other["mask"]})

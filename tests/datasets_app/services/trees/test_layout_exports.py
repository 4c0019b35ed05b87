"""A frozen bundle in every layout that fits: written, found good, the same when it comes back."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.findings import errors_in
from datasets_app.domain.layouts import LAYOUTS, find_layout
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.trees.entries import Pictures
from datasets_app.domain.trees.footage import footage_digest, gray_frames
from datasets_app.domain.trees.sample_streams import picked_frames
from datasets_app.models import Bundle, ImageSet, Layer, LayoutExport, Sample, SetPicture
from datasets_app.services.blobs import blob_path
from datasets_app.services.desk.review import samples_accept
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundles import bundle_create_frozen, bundle_freeze_finish
from datasets_app.services.freezing.export import bundle_manifest
from datasets_app.services.sources.footage import Rights
from datasets_app.services.trees import layout_exports
from datasets_app.services.trees.image_sets import pictures_judge
from datasets_app.services.trees.imports import folder_import
from datasets_app.services.trees.layout_exports import (
    bundle_export_layout,
    image_set_export,
    layout_export_run,
    layout_export_start,
    layouts_for,
)
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Cancelled, Conflict
from tests import factories
from tests.layout_cases import CASES

pytestmark = pytest.mark.django_db
RIGHTS = Rights(licence="CC0-1.0", attribution="Painted")
LIMITS = Limits(memory_mib=2048, cpu_seconds=20, wall_seconds=60)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


BUNDLED = {
    *("maggie_video", "maggie_image_train", "maggie_image_val"),
    *("defocused_segmentation", "train_casper"),
}
"""Layouts of finished samples, which are written of bundles."""


def bring(folder: Path, project: Project, actor: Actor) -> None:
    report = folder_import(project=project, folder=folder, actor=actor, rights=RIGHTS)
    assert errors_in(report.findings) == ()


def bundle_of(tree: Path, slug: str, actor: Actor) -> Bundle:
    """Return a frozen bundle of everything that the case's tree holds."""
    assert actor.user is not None
    project = factories.project(owner=actor.user)
    bring(CASES[slug].tree(tree), project, actor)
    return frozen(project, slug, actor)


def frozen(project: Project, slug: str, actor: Actor) -> Bundle:
    """Return all samples of a project as a frozen bundle."""
    samples_accept(samples=tuple(Sample.objects.filter(project=project)), actor=actor)
    made = bundle_create_frozen(project=project, name=slug, choice=BundleChoice(), actor=actor)
    bundle_freeze_finish(bundle_id=made.pk, progress=ignore_progress, should_stop=never_stop)
    made.refresh_from_db()
    return made


def masters(project: Project) -> dict[tuple[str, str], str]:
    """Return (sample, layer) -> digest of the lossless master."""
    rows = Layer.objects.filter(sample__project=project).select_related("sample")
    return {(row.sample.name, row.name): row.master_id or "" for row in rows}


FITS = {
    "maggie_video": {"maggie_video", "davis", "youtube_vos", "png_sequences"},
    "maggie_image_train": {
        *("maggie_image_train", "maggie_image_val", "davis", "youtube_vos", "png_sequences"),
    },
    "defocused_segmentation": {
        *("defocused_segmentation", "maggie_video", "davis", "youtube_vos"),
        *("png_sequences", "paste_source"),
    },
}
GUIDED = BUNDLED - {"train_casper"}
"""Layouts that have a place for guidance masks; the others say that they are left behind."""


@pytest.mark.parametrize("slug", FITS)
def test_a_bundle_is_written_in_each_layout_that_fits(
    tmp_path: Path, owner: Actor, slug: str
) -> None:
    bundle = bundle_of(tmp_path / "tree", slug, owner)
    fits = {one.slug for one in layouts_for(bundle_manifest(bundle)) if one.fits}
    assert FITS[slug] <= fits
    guided = any(one.guidance for one in LAYOUTS[slug].read(tmp_path / "tree").tuples)
    for layout in sorted(FITS[slug]):
        folder = tmp_path / layout
        report = bundle_export_layout(bundle=bundle, layout=layout, folder=folder)
        assert (report["entries"], report["left_out"]) == (2, [])
        assert bool(report["findings"]) == (guided and layout not in GUIDED)
        assert "Painted" in (folder / "ATTRIBUTION.md").read_text()
        found, inside = find_layout(folder)
        assert (found.info.slug, inside) == (layout, folder)
        errors = errors_in(found.validate(folder, limits=LIMITS))
        assert [str(one) for one in errors] == []


def files(tree: Path) -> set[str]:
    return {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}


def require_the_same_tree(slug: str, before: Path, after: Path) -> None:
    """Samples lie in the split that they came in, under the numbers of their frames, and no mask is
    lost, be it of a first frame alone."""
    assert files(before) <= files(after)
    again = {one.name: one for one in LAYOUTS[slug].read(after).tuples}
    for one in LAYOUTS[slug].read(before).tuples:
        guides = again[one.name].guidance
        assert [(guide.source, guide.frames) for guide in guides] == [
            (guide.source, guide.frames) for guide in one.guidance
        ]
        for guide, other in zip(one.guidance, guides, strict=True):
            for mask, copy in zip(guide.masks, other.masks, strict=True):
                assert mask is not None
                assert copy is not None
                assert footage_digest(copy) == footage_digest(mask)


@pytest.mark.parametrize("slug", sorted(BUNDLED))
def test_what_is_brought_in_elsewhere_is_the_same_tree_with_the_same_digests(
    tmp_path: Path, owner: Actor, slug: str
) -> None:
    bundle = bundle_of(tmp_path / "tree", slug, owner)
    bundle_export_layout(bundle=bundle, layout=slug, folder=tmp_path / "out")
    if slug != "train_casper":  # its streams leave lossless, with another ending
        require_the_same_tree(slug, tmp_path / "tree", tmp_path / "out")
    elsewhere = factories.project()
    bring(tmp_path / "out", elsewhere, owner)
    before, after = masters(bundle.project), masters(elsewhere)
    assert before.keys() == after.keys()
    # MaGGIe's loader takes JPEG alone, so its pictures, and they alone, are not the same bytes.
    lossy = {"rgb_full"} if slug.startswith("maggie") else set()
    same = {key for key in before if before[key] == after[key]}
    assert {layer for _, layer in before.keys() - same} <= lossy


def test_masks_of_some_frames_are_decoded_for_layouts_that_hold_them_and_can_be_stopped(
    tmp_path: Path, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = bundle_of(tmp_path / "tree", "defocused_segmentation", owner)
    asked: list[bool] = []

    def picked(*given: Any) -> Pictures:
        asked.append(True)
        return picked_frames(*given)

    monkeypatch.setattr(layout_exports, "picked_frames", picked)
    bundle_export_layout(bundle=bundle, layout="davis", folder=tmp_path / "davis")
    assert asked == []
    with pytest.raises(Cancelled, match=r"stopped in mask_00_00\.mkv"):
        bundle_export_layout(
            bundle=bundle,
            layout="defocused_segmentation",
            folder=tmp_path / "out",
            should_stop=lambda: bool(asked),
        )
    assert not (tmp_path / "out").exists()


def test_people_of_clips_of_one_name_in_two_splits_keep_their_alphas(
    tmp_path: Path, owner: Actor
) -> None:
    """As PNG sequences every alpha is a folder beside the picture's."""
    assert owner.user is not None
    tree = CASES["maggie_video"].tree(tmp_path / "tree")
    for kind in ("fgr", "pha", "xmem"):
        target = tree / "comp_easy" / kind / "00000"
        target.parent.mkdir(parents=True)
        (tree / "comp_medium" / kind / "00001").rename(target)
    project = factories.project(owner=owner.user)
    bring(tree, project, owner)
    bundle = frozen(project, "levels", owner)
    bundle_export_layout(bundle=bundle, layout="maggie_video", folder=tmp_path / "out")
    assert files(tree) <= files(tmp_path / "out")
    bundle_export_layout(bundle=bundle, layout="png_sequences", folder=tmp_path / "png")
    one = LAYOUTS["maggie_video"].read(tree).tuples[0]
    (clip, other) = LAYOUTS["png_sequences"].read(tmp_path / "png").clips
    assert len(other.masks) == 2
    assert [mask.name for mask in clip.masks] == [f"{clip.name}_alpha_{n:02d}" for n in range(2)]
    for alpha, mask in zip(one.instances, clip.masks, strict=True):
        for frame, again in zip(gray_frames(alpha), gray_frames(mask.path), strict=True):
            assert np.array_equal(frame, again)


def test_frames_of_a_window_are_called_by_their_numbers_in_the_source(
    tmp_path: Path, owner: Actor
) -> None:
    assert owner.user is not None
    project = factories.project(owner=owner.user)
    bring(CASES["defocused_segmentation"].tree(tmp_path / "tree"), project, owner)
    Sample.objects.filter(project=project).update(plan={"start": 30, "step": 3})
    bundle = frozen(project, "window", owner)
    for layout in ("maggie_video", "png_sequences", "defocused_segmentation"):
        out = tmp_path / layout
        bundle_export_layout(bundle=bundle, layout=layout, folder=out)
        shown = [path for path in out.rglob("*") if path.stem.isdigit()]
        assert {int(path.stem) for path in shown} - {0} == {30, 33, 36, 39}
        errors = errors_in(LAYOUTS[layout].validate(out, limits=LIMITS))
        assert [str(one) for one in errors] == []


def test_a_bundle_says_what_has_no_place_in_a_layout(tmp_path: Path, owner: Actor) -> None:
    bundle = bundle_of(tmp_path / "tree", "maggie_video", owner)
    fits = {one.slug: one for one in layouts_for(bundle_manifest(bundle))}
    casper = fits["train_casper"]
    assert (casper.fits, casper.left_out) == (0, 2)
    assert "there is no mask" in casper.reason
    with pytest.raises(BadInput, match="no sample of maggie_video has a place"):
        bundle_export_layout(bundle=bundle, layout="train_casper", folder=tmp_path / "x")
    with pytest.raises(BadInput, match="no sample of maggie_video has a place"):
        layout_export_start(actor=owner, layout="mvtec_ad", bundle=bundle)
    with pytest.raises(BadInput, match="there is no layout"):
        bundle_export_layout(bundle=bundle, layout="coco", folder=tmp_path / "x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").touch()
    with pytest.raises(Conflict, match="not empty"):
        bundle_export_layout(bundle=bundle, layout="davis", folder=tmp_path / "full")


def test_a_queued_export_is_one_zip_that_is_not_made_twice(tmp_path: Path, owner: Actor) -> None:
    bundle = bundle_of(tmp_path / "tree", "defocused_segmentation", owner)
    row = layout_export_start(actor=owner, layout="davis", bundle=bundle)
    assert layout_export_start(actor=owner, layout="davis", bundle=bundle) == row
    with pytest.raises(Cancelled):
        layout_export_run(export_id=row.pk, progress=ignore_progress, should_stop=lambda: True)
    assert LayoutExport.objects.get(pk=row.pk).archive is None
    layout_export_run(export_id=row.pk, progress=ignore_progress, should_stop=never_stop)
    row.refresh_from_db()
    assert row.archive is not None
    assert row.report["entries"] == 2
    path = blob_path(row.archive)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    found, _ = find_layout(tmp_path / "unpacked")
    assert found.info.slug == "davis"
    assert layout_export_start(actor=owner, layout="davis", bundle=bundle) == row


def test_an_image_set_is_the_same_elsewhere(tmp_path: Path, owner: Actor) -> None:
    project, elsewhere = factories.project(), factories.project()
    bring(CASES["mvtec_ad"].tree(tmp_path / "tree"), project, owner)
    found = ImageSet.objects.get(project=project)
    image_set_export(image_set=found, folder=tmp_path / "out")
    bring(tmp_path / "out", elsewhere, owner)
    fields = ("name", "split", "label", "picture_id", "mask_id")
    before, after = (
        list(
            SetPicture.objects.filter(image_set__project=one).order_by(*fields).values_list(*fields)
        )
        for one in (project, elsewhere)
    )
    assert len(before) == 7
    assert after == before


def test_an_image_set_is_exported_without_what_was_rejected(tmp_path: Path, owner: Actor) -> None:
    project = factories.project()
    bring(CASES["mvtec_ad"].tree(tmp_path / "tree"), project, owner)
    found = ImageSet.objects.get(project=project)
    bad = found.pictures.get(name="xyz.tif")
    chosen: dict[str, Any] = {"image_set": found, "pictures": [bad.pk], "label": "", "actor": owner}
    assert pictures_judge(act="reject", **chosen) == 1
    report = image_set_export(image_set=found, folder=tmp_path / "out")
    assert report == {"entries": 6, "left_out": [{"name": "xyz.tif", "reason": "it was rejected"}]}
    before = {one.name: one for one in LAYOUTS["mvtec_ad"].read(tmp_path / "tree").pictures}
    after = {one.name: one for one in LAYOUTS["mvtec_ad"].read(tmp_path / "out").pictures}
    assert after.keys() == before.keys() - {"xyz.tif"}
    assert all(
        one.picture.read_bytes() == before[name].picture.read_bytes() for name, one in after.items()
    )
    with pytest.raises(BadInput, match="cannot be 'eat'"):
        pictures_judge(act="eat", **chosen)

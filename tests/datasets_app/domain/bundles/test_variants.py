"""Exports in another form keep every frame, say what they are, and are verified too."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from datasets_app.domain.bundles.export_note import Form, layer_paths
from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.bundles.folder_export import write_folder
from datasets_app.domain.bundles.manifest import Manifest
from datasets_app.domain.bundles.tuple_streams import layer_frames
from datasets_app.domain.bundles.variants import write_variant
from datasets_app.domain.bundles.verify import verify_export
from datasets_app.domain.media.frames import FrameSize
from matteweb.errors import BadInput, Cancelled, Conflict, Corrupt
from tests.bundle_store import BlobFolder, stored_bundle, stored_sample
from tests.manifests import manifest as frozen
from tests.tuples import tuple_frames

Bundle = tuple[Manifest, BlobFolder]
FPS = Fraction(24)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return stored_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.mark.parametrize("form", ["mp4", "ffv1", "png"])
def test_every_form_is_verified_down_to_its_frames(
    bundle: Bundle, tmp_path: Path, form: Form
) -> None:
    manifest, blobs = bundle
    note = write_variant(manifest, tmp_path, blobs.path, form=form, fps=FPS, root="/mnt")
    report = verify_export(tmp_path, decode=True)
    assert report.ok, report.findings
    assert report.decoded == 3
    assert report.bundle == note.bundle == manifest.identity()
    assert note.fps == (24, 1)


@pytest.mark.parametrize("form", ["ffv1", "png"])
def test_a_lossless_form_holds_the_frames_of_the_masters(
    bundle: Bundle, tmp_path: Path, form: Form
) -> None:
    manifest, blobs = bundle
    write_variant(manifest, tmp_path, blobs.path, form=form)
    for sample in manifest.samples:
        content = tuple_frames(sample.frames, seed=sample.id)
        for layer, path in layer_paths(sample, form).items():
            read = layer_frames(tmp_path / path, gray=layer == "mask")
            for expected, frame in zip(content[layer], read, strict=True):
                np.testing.assert_array_equal(expected, frame)


def test_a_retagged_export_shows_the_frozen_frames_at_the_new_rate(
    bundle: Bundle, tmp_path: Path
) -> None:
    manifest, blobs = bundle
    write_variant(manifest, tmp_path, blobs.path, form="mp4", fps=FPS)
    sample = manifest.samples[0]
    for layer, path in layer_paths(sample, "mp4").items():
        gray = layer == "mask"
        frozen_frames = layer_frames(blobs.path(sample.stream(layer).sha256), gray=gray)
        for one, other in zip(frozen_frames, layer_frames(tmp_path / path, gray=gray), strict=True):
            np.testing.assert_array_equal(one, other)
        with av.open(str(tmp_path / path)) as container:
            assert container.streams.video[0].average_rate == FPS


def test_every_sample_keeps_its_own_rate_unless_told_otherwise(
    bundle: Bundle, tmp_path: Path
) -> None:
    manifest, blobs = bundle
    write_variant(manifest, tmp_path, blobs.path, form="ffv1")
    for sample in manifest.samples:
        with av.open(str(tmp_path / layer_paths(sample, "ffv1")["mask"])) as container:
            assert container.streams.video[0].average_rate == Fraction(*sample.fps)


@pytest.mark.parametrize("form", ["ffv1", "png"])
def test_an_odd_side_loses_one_line_in_all_layers_alike(tmp_path: Path, form: Form) -> None:
    blobs = BlobFolder(tmp_path)
    odd = stored_sample(blobs, tmp_path / "work", 1, size=FrameSize(63, 47))
    write_variant(frozen(odd), tmp_path / "out", blobs.path, form=form)
    assert verify_export(tmp_path / "out", decode=True).ok
    content = tuple_frames(18, FrameSize(63, 47), seed=1)
    for layer, path in layer_paths(odd, form).items():
        first = next(layer_frames(tmp_path / "out" / path, gray=layer == "mask"))
        np.testing.assert_array_equal(first, content[layer][0][:46, :62])


def test_pictures_never_lie_beside_videos(bundle: Bundle, tmp_path: Path) -> None:
    manifest, blobs = bundle
    write_variant(manifest, tmp_path / "png", blobs.path, form="png")
    assert not list((tmp_path / "png").rglob("*.mp4"))
    with pytest.raises(Conflict, match="another form"):
        write_folder(bundle_files(manifest), tmp_path / "png", blobs.path)
    write_folder(bundle_files(manifest), tmp_path / "mp4", blobs.path)
    with pytest.raises(Conflict, match="not empty"):
        write_variant(manifest, tmp_path / "mp4", blobs.path, form="png")


def test_pictures_are_what_the_trainer_stacks(bundle: Bundle, tmp_path: Path) -> None:
    manifest, blobs = bundle
    write_variant(manifest, tmp_path, blobs.path, form="png")
    folder = tmp_path / manifest.samples[0].folder
    assert sorted(path.name for path in folder.iterdir()) == ["bg", "input", "trimask"]
    mask = cv2.imread(str(folder / "trimask/00017.png"), cv2.IMREAD_UNCHANGED)
    assert mask is not None
    assert mask.shape == (48, 64, 3)
    assert set(np.unique(mask)) == {0, 128, 255}


def test_a_changed_variant_is_found(bundle: Bundle, tmp_path: Path) -> None:
    manifest, blobs = bundle
    write_variant(manifest, tmp_path, blobs.path, form="png")
    folder = tmp_path / manifest.samples[0].folder
    (folder / "input/00003.png").unlink()
    (folder / "bg/00003.png").write_bytes((folder / "bg/00004.png").read_bytes())
    (folder / "bg/00099.png").write_bytes(b"")
    codes = sorted(finding.code for finding in verify_export(tmp_path).findings)
    assert codes == ["changed", "extra", "missing"]


def test_a_note_of_another_bundle_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    manifest, blobs = bundle
    write_variant(manifest, tmp_path, blobs.path, form="mp4", fps=FPS)
    note = tmp_path / "export.json"
    note.write_text(note.read_text().replace(manifest.identity(), "0" * 64))
    assert "belongs to bundle" in verify_export(tmp_path).findings[0].message


def test_a_master_with_another_number_of_frames_stops_the_export(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    whole = stored_sample(blobs, tmp_path / "work", 1)
    wrong = frozen(whole.model_copy(update={"frames": 19}))
    with pytest.raises(Corrupt, match="has 18 frames, the manifest says 19"):
        write_variant(wrong, tmp_path / "out", blobs.path, form="ffv1")


def test_an_unreadable_master_is_named(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    whole = stored_sample(blobs, tmp_path / "work", 1)
    (tmp_path / "text").write_text("no video")
    with pytest.raises(BadInput):
        write_variant(frozen(whole), tmp_path / "out", lambda d: tmp_path / "text", form="png")


@pytest.mark.parametrize("form", ["mp4", "ffv1", "png"])
def test_an_export_in_another_form_can_be_stopped(
    bundle: Bundle, tmp_path: Path, form: Form
) -> None:
    with pytest.raises(Cancelled):
        write_variant(
            bundle[0], tmp_path, bundle[1].path, form=form, fps=FPS, should_stop=lambda: True
        )
    assert not (tmp_path / "manifest.json").exists()

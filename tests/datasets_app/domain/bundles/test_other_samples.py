"""A bundle holds samples that are no tuples: they are frozen and exported, and no trainer of tuples
is told of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import pytest

from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.bundles.folder_export import write_folder
from datasets_app.domain.bundles.layer_kinds import is_gray
from datasets_app.domain.bundles.manifest import Manifest, ManifestSample
from datasets_app.domain.bundles.preflight import check_sample
from datasets_app.domain.bundles.variants import write_variant
from datasets_app.domain.bundles.verify import verify_export
from tests.bundle_store import BlobFolder, stored_sample
from tests.manifests import manifest, sample
from tests.tuples import tuple_frames, write_videos


def matted(blobs: BlobFolder, work: Path) -> ManifestSample:
    """Return a sample of a picture and two alphas."""
    content = tuple_frames(4)
    layers = {
        "rgb_full": content["rgb_full"],
        "alpha_00": content["mask"],
        "alpha_01": content["mask"][::-1],
    }
    written = write_videos(work / "matted", layers, fps=Fraction(24))
    folder = "him-video/000009"
    streams = [
        {"layer": layer, "path": f"{folder}/{layer}.mp4", **asdict(blobs.put(path))}
        for layer, path in written.items()
    ]
    return sample(
        9, category="him-video", streams=streams, frames=4, width=64, height=48, fps=(24, 1)
    )


@pytest.fixture
def bundle(tmp_path: Path) -> tuple[Manifest, BlobFolder]:
    (tmp_path / "blobs").mkdir()
    blobs = BlobFolder(tmp_path / "blobs")
    paste = stored_sample(blobs, tmp_path / "work", 1)
    return manifest(paste, matted(blobs, tmp_path / "work")), blobs


def test_a_tuple_trainer_is_told_of_tuples_only(bundle: tuple[Manifest, BlobFolder]) -> None:
    frozen, _ = bundle
    files = {file.path: file for file in bundle_files(frozen)}
    rows = json.loads(files["casper.json"].data or b"")
    assert [row["file_path"] for row in rows] == ["object-paste/000001"]
    assert "him-video/000009/alpha_01.mp4" in files


def test_such_a_bundle_is_written_and_verified_in_every_form(
    bundle: tuple[Manifest, BlobFolder], tmp_path: Path
) -> None:
    frozen, blobs = bundle
    write_folder(bundle_files(frozen), tmp_path / "mp4", blobs.path)
    for form in ("ffv1", "png"):
        write_variant(frozen, tmp_path / form, blobs.path, form=form)
    for form in ("mp4", "ffv1", "png"):
        report = verify_export(tmp_path / form, decode=True)
        assert [str(one) for one in report.findings if one.severity == "error"] == []
        assert report.decoded == 2


def test_layers_that_differ_in_length_are_found(tmp_path: Path) -> None:
    content = tuple_frames(4)
    layers = {"rgb_full": content["rgb_full"], "alpha": content["mask"][:3]}
    _, found = check_sample(write_videos(tmp_path, layers), "", where="a")
    assert [one.code for one in found] == ["frame_counts"]


def test_a_sample_shows_something_and_has_each_layer_once() -> None:
    stream = sample().streams[0].model_dump()
    with pytest.raises(ValueError, match="at least the stream rgb_full"):
        sample(streams=[stream | {"layer": "alpha", "path": "object-paste/000001/alpha.mp4"}])
    with pytest.raises(ValueError, match="occurs 2 times"):
        sample(streams=[one.model_dump() for one in sample().streams] * 2)


COLOURED = ("rgb_full", "rgb_removed", "fgr", "fgr_01", "bgr")
GRAY = ("mask", "alpha", "alpha_00", "instances", "depth", "effect")


def test_the_name_of_a_layer_tells_its_kind() -> None:
    assert [layer for layer in (*COLOURED, *GRAY) if is_gray(layer)] == list(GRAY)

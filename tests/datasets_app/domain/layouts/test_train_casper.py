"""A training tree comes in with everything that its lists say."""

from __future__ import annotations

import json
from pathlib import Path

from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.bundles.folder_export import write_folder
from datasets_app.domain.bundles.variants import write_variant
from datasets_app.domain.captions import Captions
from datasets_app.domain.layouts import find_layout
from datasets_app.domain.layouts.train_casper import TrainCasper
from tests.bundle_store import stored_bundle
from tests.layout_trees import train_casper
from tests.tuples import tuple_frames, write_pictures, write_videos


def test_captions_repeats_and_variants_are_read(tmp_path: Path) -> None:
    found = TrainCasper().read(train_casper(tmp_path / "tree")).tuples
    assert [(t.category, t.name, t.repeats) for t in found] == [
        ("omnimatte+tripod", "flamingo", 4),
        ("kubric", "000001", 2),
        ("object-paste", "000000", 1),
    ]
    assert found[0].captions == Captions(short="a omnimatte+tripod scene", summary="short")
    assert {path.name for path in found[0].layers.values()} == {"input", "trimask", "bg"}
    assert found[1].layers["mask"].name == "mask.mp4"


def test_categories_are_read_in_either_spelling(tmp_path: Path) -> None:
    write_videos(tmp_path / "object_paste/000000", tuple_frames(18))
    (tmp_path / "object_paste.json").write_text('[{"path":"000000","short_prompt":"a lake"}]')
    (found,) = TrainCasper().read(tmp_path).tuples
    assert (found.category, found.captions) == ("object-paste", Captions(short="a lake"))


def test_a_caption_is_sought_in_the_training_list_and_beside_the_videos(tmp_path: Path) -> None:
    tree = train_casper(tmp_path / "tree")
    for name in ("kubric.json", "object-paste.json"):
        (tree / name).unlink()
    rows = [row for row in json.loads((tree / "casper.json").read_text()) if "kub" in row["text"]]
    (tree / "casper.json").write_text(json.dumps(rows))
    (tree / "object-paste/000000/caption.txt").write_text("a lake\n")
    by_name = {t.category: t.captions for t in TrainCasper().read(tree).tuples}
    assert by_name["kubric"] == Captions(short="a kubric scene")
    assert by_name["object-paste"] == Captions(verbose="a lake")


def test_lossless_pictures_of_the_generator_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "kubric/000001"
    write_pictures(folder, tuple_frames(18))
    for layer, name in (("rgb_full", "input"), ("mask", "trimask"), ("rgb_removed", "bg")):
        (folder / name).rename(folder / layer)
    (found,) = TrainCasper().read(tmp_path).tuples
    assert {layer: path.name for layer, path in found.layers.items()} == {
        "rgb_full": "rgb_full",
        "mask": "mask",
        "rgb_removed": "rgb_removed",
    }


def test_an_exported_bundle_is_a_training_tree_with_sources_and_splits(tmp_path: Path) -> None:
    manifest, blobs = stored_bundle(tmp_path)
    write_folder(bundle_files(manifest, root="/mnt"), tmp_path / "out", blobs.path)
    layout, root = find_layout(tmp_path / "out")
    assert layout.info.slug == "train_casper"
    contents = layout.read(root)
    assert contents.findings == ()
    by_folder = {f"{t.category}/{t.name}": t for t in contents.tuples}
    for sample in manifest.samples:
        found = by_folder[sample.folder]
        assert (found.repeats, found.split) == (sample.repeats, sample.split)
        assert found.sources == sample.sources
        assert found.captions == Captions(short=sample.captions.short_prompt)


def test_a_lossless_export_is_a_training_tree_too(tmp_path: Path) -> None:
    manifest, blobs = stored_bundle(tmp_path)
    for form in ("ffv1", "png"):
        write_variant(manifest, tmp_path / form, blobs.path, form=form)
        contents = TrainCasper().read(tmp_path / form)
        assert len(contents.tuples) == 3
        assert contents.findings == ()

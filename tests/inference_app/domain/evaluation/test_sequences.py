from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets_app.domain.trees.writing import write_picture
from inference_app.domain.evaluation.sequences import sequences_in
from matteweb.errors import BadInput
from tests.layout_cases import davis, paste_source, youtube_vos
from tests.layout_cases.vos import vos_annotations, vos_frames


def test_a_davis_tree_gives_its_sequences_with_their_numbers(tmp_path: Path) -> None:
    found = list(sequences_in(davis.tree(tmp_path)))
    assert [one.name for one in found] == ["bear", "camel"]
    bear = found[0]
    stored = np.array(Image.open(tmp_path / "Annotations/480p/bear/00002.png"))
    assert bear.objects == 2
    assert bear.pictures.frames == 6
    assert np.array_equal(bear.truth[2], stored)
    assert bear.pictures[2].shape[:2] == stored.shape


def test_clips_are_chosen_by_name_and_a_name_of_none_is_refused(tmp_path: Path) -> None:
    tree = davis.tree(tmp_path)
    assert [one.name for one in sequences_in(tree, ["camel"])] == ["camel"]
    with pytest.raises(BadInput, match=r"no clip 'cammel'.*known: bear, camel"):
        list(sequences_in(tree, ["bear", "cammel"]))


def test_other_layouts_of_clips_with_masks_are_read_too(tmp_path: Path) -> None:
    found = list(sequences_in(paste_source.tree(tmp_path / "tree")))
    assert found
    assert all(set(np.unique(one.truth[0])) <= {0, 1} for one in found)


def test_void_is_background_and_a_bright_gray_picture_is_one_object(tmp_path: Path) -> None:
    folder = tmp_path / "Annotations/480p/bear"
    vos_frames(tmp_path / "JPEGImages/480p/bear")
    vos_annotations(folder, range(6), second=255)
    first = next(iter(sequences_in(tmp_path)))
    assert set(np.unique(first.truth[1])) == {0, 1}
    gray = np.where(np.array(Image.open(folder / "00001.png")) == 1, 255, 0).astype(np.uint8)
    for number in range(6):
        write_picture(gray, folder / f"{number:05d}.png", "gray")
    again = next(iter(sequences_in(tmp_path)))
    assert again.objects == 1
    assert np.array_equal(again.truth[1], gray // 255)


def test_a_sequence_with_only_a_first_annotation_is_refused(tmp_path: Path) -> None:
    vos_frames(tmp_path / "JPEGImages/480p/bear")
    vos_annotations(tmp_path / "Annotations/480p/bear", range(2))
    with pytest.raises(BadInput, match="only 2 frames of bear"):
        list(sequences_in(tmp_path))


def test_a_folder_without_masks_is_refused(tmp_path: Path) -> None:
    vos_frames(tmp_path / "JPEGImages/480p/bear")
    with pytest.raises(BadInput, match="no clips with masks"):
        list(sequences_in(tmp_path))


def test_objects_of_kinds_that_training_shows_are_told_from_the_others(tmp_path: Path) -> None:
    tree = youtube_vos.tree(tmp_path)
    shutil.rmtree(tree / "valid")
    assert all(one.seen is None for one in sequences_in(tree))
    shutil.copytree(tree / "train", tree / "valid")
    with pytest.raises(BadInput, match="2 clips are called '0a1b'"):
        list(sequences_in(tree))
    meta = json.loads((tree / "valid" / "meta.json").read_text())
    meta["videos"]["0a1c"] = meta["videos"].pop("0a1b")
    meta["videos"]["0a1c"]["objects"]["2"]["category"] = "unicorn"
    (tree / "valid" / "meta.json").write_text(json.dumps(meta))
    for place in ("JPEGImages", "Annotations"):
        (tree / "valid" / place / "0a1b").rename(tree / "valid" / place / "0a1c")
    found = [one.seen for one in sequences_in(tree)]
    assert found.count(None) * 2 == len(found)
    assert frozenset({1}) in found

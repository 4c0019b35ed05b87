"""What a tree does not say of splits is not made up; what is written of it is to train on."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.trees.entries import LayoutContents
from tests.layout_cases import CASES


def splits(contents: LayoutContents) -> set[str]:
    return {one.split for one in contents.clips} | {one.split for one in contents.tuples}


@pytest.mark.parametrize(
    ("slug", "inside"),
    [
        ("maggie_video", "comp_medium"),
        ("maggie_image_train", "I-HIM50K"),
        ("youtube_vos", "train"),
        ("train_casper", ""),
    ],
)
def test_a_tree_that_does_not_name_a_split_is_in_none(
    tmp_path: Path, slug: str, inside: str
) -> None:
    tree, layout = CASES[slug].tree(tmp_path / "tree") / inside, LAYOUTS[slug]
    for training_list in tree.glob("casper*.json"):
        training_list.unlink()
    contents = layout.read(tree)
    assert splits(contents) == {""}
    layout.write(contents, tmp_path / "copy")
    assert splits(layout.read(tmp_path / "copy")) == {"train"}

"""The names that our own trees give must be those that MaGGIe's loader takes."""

from __future__ import annotations

from pathlib import Path

from datasets_app.domain.findings import errors_in
from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.trees.entries import LayoutContents, ReadyTuple
from datasets_app.domain.trees.loader_names import sample_names
from tests.layout_cases.instances import save_gray, save_jpeg, scene


def named(*names: str, split: str = "train") -> list[ReadyTuple]:
    return [ReadyTuple("him-video", name, {}, split=split) for name in names]


def test_no_name_holds_the_word_that_a_loader_replaces_or_an_ending() -> None:
    names = sample_names(named("elephant", "alpha.jpg_1", "walk"), "pha")
    assert names == ["elep-hant", "alp-ha-jpg_1", "walk"]
    assert sample_names(named("elephant")) == ["elephant"]


def test_names_that_become_alike_stay_apart() -> None:
    assert sample_names(named("pha", "p-ha"), "pha") == ["p-ha", "p-ha-"]


def test_names_that_are_numbers_are_padded_for_a_loader() -> None:
    assert sample_names(named("9", "10", "b"), "pha") == ["09", "10", "b"]
    assert sample_names(named("9", "10")) == ["9", "10"]


def test_a_tree_of_awkward_names_is_one_that_its_checker_accepts(tmp_path: Path) -> None:
    samples = []
    for number, name in enumerate(("my-alphas", "9", "10")):
        made, folder = scene(number), tmp_path / "in" / str(number)
        save_jpeg(folder / "shown.jpg", made.picture)
        alphas = [folder / f"{key}.png" for key in range(2)]
        for path, alpha in zip(alphas, made.alphas, strict=True):
            save_gray(path, alpha)
        shown = {"rgb_full": folder / "shown.jpg"}
        samples.append(ReadyTuple("him", name, shown, split="test-alphas", instances=tuple(alphas)))
    for slug in ("maggie_image_train", "maggie_image_val"):
        layout, tree = LAYOUTS[slug], tmp_path / slug
        layout.write(LayoutContents(tuples=tuple(samples)), tree)
        assert errors_in(layout.read(tree).findings) == ()

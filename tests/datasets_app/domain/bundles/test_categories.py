"""Labels in either spelling; folders that every file system takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.bundles.categories import category_label, folder_names, portable_name
from matteweb.errors import BadInput


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("object_paste", "object-paste"),
        ("object-paste", "object-paste"),
        ("effect_removal", "kubric"),
        ("effect-removal", "kubric"),
        ("Kubric", "kubric"),
        ("imported", "omnimatte+tripod"),
        ("omnimatte+tripod", "omnimatte+tripod"),
        ("omnimatte_tripod", "omnimatte+tripod"),
        ("green_screen", "green-screen"),
    ],
)
def test_either_spelling_means_the_same_label(text: str, label: str) -> None:
    assert category_label(text) == label


@pytest.mark.parametrize("text", ["", "a/b", "..", "casper", "manifest", "nul", "ä", "x" * 61])
def test_a_label_must_be_able_to_name_a_folder(text: str) -> None:
    with pytest.raises(BadInput, match="cannot be a category"):
        category_label(text)


@given(st.text())
def test_any_name_becomes_a_portable_folder(text: str) -> None:
    name = portable_name(text)
    assert 0 < len(name) <= 101
    assert name.isascii()
    assert not set(name) & set('<>:"/\\|?* ')
    assert name.strip(".") == name


@given(st.dictionaries(st.integers(1, 50), st.sampled_from(["a", "A", "a-1", "a-2", "ü", "u"])))
def test_no_two_samples_share_a_folder_whatever_their_order(names: dict[int, str]) -> None:
    found = folder_names(names)
    assert len({name.casefold() for name in found.values()}) == len(names)
    assert found == folder_names(dict(reversed(names.items())))


def test_a_name_that_is_alone_stays_as_it_is() -> None:
    assert folder_names({1: "000001", 2: "kite walk"}) == {1: "000001", 2: "kite-walk"}

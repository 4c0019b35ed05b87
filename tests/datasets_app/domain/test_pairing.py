"""Names are matched as people mean them, and a doubtful guess is not made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.pairing import match_name


@pytest.mark.parametrize(
    ("name", "candidates", "match"),
    [
        ("camel", ["camel", "camel_1"], "camel"),
        ("camel_mask", ["camel"], "camel"),
        ("camel_0_mask", ["camel", "camel_0"], "camel_0"),
        ("camel", ["camel_video"], "camel_video"),
        ("camel", ["camel_1", "camel_2"], None),
        ("camel_mask_00", ["camel_video", "kite_video"], "camel_video"),
        ("davis_kite-walk", ["davis_camel"], None),
        ("davis", ["davis_camel"], "davis_camel"),
        ("camelot", ["camel"], None),
        ("CAMEL", ["camel"], "camel"),
        ("cafe\u0301", ["caf\u00e9"], "caf\u00e9"),
        ("_mask", ["_video"], None),
        ("x", [], None),
    ],
)
def test_a_name_finds_what_it_belongs_to(
    name: str, candidates: list[str], match: str | None
) -> None:
    assert match_name(name, candidates) == match


@given(st.text("ab_01", max_size=6), st.lists(st.text("ab_01", max_size=6), unique=True))
def test_a_match_is_one_of_the_candidates_in_any_order(name: str, candidates: list[str]) -> None:
    found = match_name(name, candidates)
    assert found is None or found in candidates
    assert match_name(name, candidates[::-1]) == found

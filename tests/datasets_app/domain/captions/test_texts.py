"""Both caption forms are read and written; what is wrong with one entry spoils no other."""

from __future__ import annotations

import json
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.captions import (
    Captions,
    caption_name,
    captions_as_dict,
    captions_as_list,
    clean_caption,
    json_bytes,
    parse_captions,
    word_findings,
)
from matteweb.errors import BadInput

names = st.text(string.ascii_letters + string.digits + "_-é", min_size=1, max_size=12).map(
    caption_name
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(clean_caption)
said = st.builds(Captions, short=texts, prompt=texts, verbose=texts, summary=texts).filter(
    lambda captions: captions.training_text()
)


@given(st.dictionaries(names, said, max_size=6))
def test_the_list_form_survives_its_own_reader(entries: dict[str, Captions]) -> None:
    found = parse_captions(json_bytes(captions_as_list(entries)), name="kubric.json")
    assert (found.form, found.entries) == ("list", entries)


@given(st.dictionaries(names, said, max_size=6))
def test_the_dict_form_keeps_the_longest_text(entries: dict[str, Captions]) -> None:
    found = parse_captions(json_bytes(captions_as_dict(entries)), name="captions.json")
    assert found.form == "dict" or not entries
    assert found.entries == {n: Captions(verbose=c.full_text()) for n, c in entries.items()}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["path", "full", "short_prompt", "prompt", "a", ""]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused_in_words(content: object) -> None:
    try:
        found = parse_captions(json.dumps(content).encode(), name="x.json")
    except BadInput as error:
        assert "x.json" in error.message
    else:
        assert all(captions.training_text() for captions in found.entries.values())
        assert len(found.entries) + len(found.findings) >= len(content)  # type: ignore[arg-type]


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    try:
        parse_captions(data, name="x.json")
    except BadInput as error:
        assert "x.json" in error.message


def test_quotes_and_blanks_around_a_caption_are_dropped() -> None:
    data = b'[{"path": "000001/", "short_prompt": " \\"A quiet lake.\\" "}]'
    assert parse_captions(data, name="x").entries == {"000001": Captions(short="A quiet lake.")}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("camel.mp4", "camel"),
        ("videos/camel.MOV", "camel"),
        ("kubric\\000001\\", "000001"),
        ("a.b", "a.b"),
        ("cafe\u0301.mp4", "caf\u00e9"),
    ],
)
def test_an_entry_is_known_by_its_last_name(path: str, name: str) -> None:
    assert caption_name(path) == name


def test_planted_faults_are_findings_and_the_rest_is_read() -> None:
    content = [
        {"path": "good", "short_prompt": "a lake"},
        {"path": "good", "short_prompt": "another lake"},
        {"short_prompt": "whose?"},
        {"path": "empty", "short_prompt": '""'},
        {"path": "number", "prompt": 7},
        "text",
        {"path": "long", "short_prompt": "word " * 26},
    ]
    found = parse_captions(json.dumps(content).encode(), name="x.json")
    assert list(found.entries) == ["good", "long"]
    assert found.entries["good"].short == "a lake"
    assert [(f.code, f.where) for f in found.findings] == [
        ("caption_twice", "good"),
        ("caption_malformed", "entry 3"),
        ("caption_empty", "empty"),
        ("caption_malformed", "number"),
        ("caption_malformed", "entry 6"),
        ("caption_long", "long"),
    ]


def test_word_limits_are_those_of_the_captioner() -> None:
    within = Captions(*("word " * limit for limit in (25, 75, 125, 500)))
    assert word_findings(within) == []
    over = replace(within, prompt="word " * 76)
    assert [f.message for f in word_findings(over)] == [
        "prompt caption has 76 words, the limit is 75"
    ]


def test_a_byte_order_mark_is_no_obstacle() -> None:
    data = "\ufeff".encode() + b'{"camel": {"full": "a zoo"}}'
    assert parse_captions(data, name="x").entries["camel"].verbose == "a zoo"

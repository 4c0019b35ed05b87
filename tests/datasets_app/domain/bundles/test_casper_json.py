"""The list that the trainer reads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.bundles.casper_json import (
    CasperRow,
    casper_bytes,
    casper_rows,
    common_root,
    read_casper,
    weighted_rows,
)
from matteweb.errors import BadInput
from tests.manifests import manifest, sample


def test_repeats_are_equal_rows_in_the_order_of_the_merge() -> None:
    samples = [
        sample(1, repeats=2),
        sample(2, category="kubric"),
        sample(3, category="omnimatte+tripod", repeats=2),
    ]
    rows = casper_rows(samples)
    assert [row["file_path"] for row in rows] == [
        "omnimatte+tripod/000003",
        "omnimatte+tripod/000003",
        "kubric/000002",
        "object-paste/000001",
        "object-paste/000001",
    ]
    assert set(rows[0]) == {"file_path", "text", "type"}
    assert {row["type"] for row in rows} == {"video_mask_tuple"}


def test_rows_with_weights_stand_for_as_many_equal_rows() -> None:
    samples = [sample(1, repeats=3), sample(2, category="kubric")]
    listed = weighted_rows(samples, root="/r")
    assert [(row["file_path"], row["weight"]) for row in listed] == [
        ("/r/kubric/000002", 1),
        ("/r/object-paste/000001", 3),
    ]
    read = read_casper(json.dumps(listed).encode())
    plain = read_casper(json.dumps(casper_rows(samples, root="/r")).encode())
    assert [row.folder for row in read for _ in range(row.weight)] == [row.folder for row in plain]


def test_a_weight_may_be_written_as_a_whole_number_with_a_point() -> None:
    data = b'[{"file_path":"a/b","text":"t","type":"x","weight":2.0}]'
    assert [row.weight for row in read_casper(data, name="list.json")] == [2]


@pytest.mark.parametrize("root", ["/mnt/data", "/mnt/data/", " /mnt/data "])
def test_a_mount_root_makes_the_paths_absolute(root: str) -> None:
    assert casper_rows([sample(1)], root=root)[0]["file_path"] == "/mnt/data/object-paste/000001"


def test_what_is_held_out_never_reaches_the_training_list() -> None:
    whole = manifest(sample(1), sample(2, split="validation"))
    train = json.loads(casper_bytes(whole, "train"))
    held_out = json.loads(casper_bytes(whole, "validation"))
    assert [row["file_path"] for row in train] == ["object-paste/000001"]
    assert [row["file_path"] for row in held_out] == ["object-paste/000002"]


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    root=st.sampled_from(["", "/r"]),
)
def test_what_is_written_is_read_back(text: str, root: str) -> None:
    whole = manifest(sample(1, captions={"summary": "s" + text}))
    rows = read_casper(casper_bytes(whole, "train", root=root))
    assert [row.tail() for row in rows] == ["object-paste/000001"]
    assert rows[0].text == whole.samples[0].captions.training_text()
    assert common_root(rows) == root


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[", "not JSON"),
        (b"\xff", "not JSON"),
        (b"{}", "not a list"),
        (b"[1]", "row 1 is not an object"),
        (b'[{"file_path":"a/b","text":"t"}]', "row 1 has no text under 'type'"),
        (b'[{"file_path":"/","text":"t","type":"x"}]', "empty file_path"),
        (b'[{"file_path":"a/b","text":"t","type":"x","weight":0}]', "row 1 has the weight 0"),
        (b'[{"file_path":"a/b","text":"t","type":"x","weight":"2"}]', "row 1 has the weight 2"),
        (b'[{"file_path":"a/b","text":"t","type":"x","weight":2.5}]', "row 1 has the weight 2.5"),
        (b'[{"file_path":"a/b","text":"t","type":"x","weight":true}]', "row 1 has the weight True"),
    ],
)
def test_a_malformed_list_is_refused_with_its_row(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_casper(data)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)
    )
)
def test_any_json_is_read_or_refused_in_words(value: object) -> None:
    try:
        read_casper(json.dumps(value).encode())
    except BadInput as error:
        assert "casper.json" in error.message


def test_rows_under_two_roots_are_named() -> None:
    rows = [CasperRow("/a/kubric/1", "", ""), CasperRow("/b/kubric/1", "", "")]
    with pytest.raises(BadInput, match="2 different roots: '/a', '/b'"):
        common_root(rows)

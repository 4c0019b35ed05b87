"""A manifest says what was chosen, in one form only."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from datasets_app.domain.bundles.files import bundle_files, freeze_manifest
from datasets_app.domain.bundles.manifest import manifest_schema, read_manifest
from datasets_app.domain.bundles.manifest_parts import ManifestCaption, plain
from matteweb.errors import BadInput, Corrupt
from tests.manifests import content, manifest, sample, source

numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab c", max_size=3), inner),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(order=st.permutations([1, 2, 3, 4]), params=st.dictionaries(st.text("xyz"), values))
def test_the_same_choice_has_the_same_id_in_any_order(
    order: list[int], params: dict[str, Any]
) -> None:
    def built(numbers: list[int], keys: list[str]) -> str:
        sources = [source("a"), source("b", role="object")]
        random.Random(numbers[0]).shuffle(sources)
        given = {
            "recipe": "object_paste",
            "version": 2,
            "seed": "9",
            "params": {key: params[key] for key in keys},
        }
        samples = [sample(n, provenance=given, sources=sources) for n in numbers]
        return freeze_manifest(samples).identity()

    assert built(order, list(params)) == built([1, 2, 3, 4], list(params)[::-1])


def test_a_different_choice_has_another_id() -> None:
    ids = {
        manifest().identity(),
        manifest(sample(1)).identity(),
        manifest(sample(1, repeats=2)).identity(),
        manifest(sample(1, split="validation")).identity(),
        manifest(sample(1), licence_reason="ours").identity(),
        manifest(sample(1, captions={"short_prompt": "other"})).identity(),
        manifest(sample(1, verdict={"accepts": 1, "by_command": True})).identity(),
    }
    assert len(ids) == 7


@given(values)
def test_only_integers_and_strings_reach_a_manifest(value: object) -> None:
    once = plain(value)
    assert "float" not in _types(once)
    assert plain(once) == once


def _types(value: object) -> set[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {type(value).__name__}.union(*map(_types, inner))


def test_fractions_become_their_shortest_decimal() -> None:
    assert plain({"scale": [0.4, 1.0, 1e-7]}) == {"scale": ["0.4", "1.0", "0.0000001"]}
    with pytest.raises(ValueError, match="nan"):
        plain(float("nan"))


def test_the_canonical_bytes_are_read_back_and_nothing_else_is() -> None:
    whole = manifest()
    data = whole.canonical()
    assert read_manifest(data, expected_id=whole.identity()) == whole
    with pytest.raises(Corrupt, match="not in canonical form"):
        read_manifest(json.dumps(json.loads(data), indent=1).encode())
    with pytest.raises(Corrupt, match="has id"):
        read_manifest(data, expected_id="0" * 64)
    with pytest.raises(BadInput, match="not JSON"):
        read_manifest(data[:-1])
    with pytest.raises(BadInput, match="samples"):
        read_manifest(b'{"kind":"matteweb-bundle"}')


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_other_bytes_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"manifest\.json"):
        read_manifest(data)


def test_a_manifest_names_no_time_user_host_or_root() -> None:
    fields = _keys(json.loads(manifest().canonical()))
    assert not [f for f in fields if any(w in f for w in ("time", "_at", "user", "host", "root"))]


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


def test_the_rate_is_an_exact_reduced_fraction() -> None:
    assert sample(1, fps=(60000, 2002)).fps == (30000, 1001)
    assert Fraction(*sample(1).fps) == 16


@pytest.mark.parametrize(
    "fields",
    [
        {"folder": "kubric/1"},
        {"folder": "object-paste"},
        {"folder": "object-paste/../x"},
        {"width": 63},
        {"repeats": 0},
        {"frames": 0},
        {"streams": []},
        {"fps": (0, 1)},
        {"surprise": 1},
        {"captions": {"short_prompt": "\ud800"}},
    ],
)
def test_a_malformed_sample_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        sample(1, **fields)


def test_two_samples_cannot_share_a_folder_or_an_id() -> None:
    with pytest.raises(BadInput, match="id '1' occurs 2 times"):
        manifest(sample(1), sample(1, category="kubric"))
    with pytest.raises(BadInput, match="at least 1"):
        freeze_manifest([])


def test_the_trainer_gets_the_shortest_caption_without_its_quotes() -> None:
    assert ManifestCaption(short_prompt='"a lake"', prompt="long").training_text() == "a lake"
    assert (
        ManifestCaption(short_prompt=' "" ', prompt="a long lake").training_text() == "a long lake"
    )
    assert ManifestCaption().training_text() == ""


def test_the_manifest_comes_first_and_names_every_other_file() -> None:
    whole = manifest(sample(1), sample(2, category="kubric"), sample(3, split="validation"))
    files = bundle_files(whole)
    assert [f.path for f in files] == [
        "manifest.json",
        "casper.json",
        "casper.validation.json",
        "kubric.json",
        "object-paste.json",
        *(f"kubric/000002/{layer}.mp4" for layer in ("rgb_full", "mask", "rgb_removed")),
        *(f"object-paste/000001/{layer}.mp4" for layer in ("rgb_full", "mask", "rgb_removed")),
        *(f"object-paste/000003/{layer}.mp4" for layer in ("rgb_full", "mask", "rgb_removed")),
        "ATTRIBUTION.md",
    ]
    named = {d.path: d for d in whole.documents}
    named |= {s.path: s for one in whole.samples for s in one.streams}
    assert {f.path for f in files} == {"manifest.json", *named}
    for file in files[1:]:
        assert (file.sha256, file.size, file.crc32) == (
            named[file.path].sha256,
            named[file.path].size,
            named[file.path].crc32,
        )
        if file.data is not None:
            assert content(file.data)["sha256"] == file.sha256


def test_a_mount_root_changes_only_the_training_lists() -> None:
    whole = manifest()
    plain_files, mounted = bundle_files(whole), bundle_files(whole, root="/mnt/data")
    changed = [a.path for a, b in zip(plain_files, mounted, strict=True) if a != b]
    assert changed == ["casper.json"]


def test_every_source_is_credited_once_under_its_licence() -> None:
    shared = source("lake", licence="CC0-1.0")
    own = source(
        "kite", licence="", attribution="Line one\nline two", licence_url="https://x.org/l"
    )
    whole = manifest(
        sample(1, sources=[shared]), sample(2, sources=[shared, own]), licence_reason="asked\nthem"
    )
    text = bundle_files(whole)[-1].data.decode()  # type: ignore[union-attr]
    assert text.count("**lake**") == 1
    assert "in 2 samples" in text
    assert "## CC0-1.0" in text
    assert "## Unknown licence" in text
    assert "Line one line two; https://x.org/l" in text
    assert "> asked\n> them" in text


def test_the_published_schema_describes_what_is_written() -> None:
    schema = manifest_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    written = json.loads(manifest().canonical())
    assert set(schema["properties"]) == set(written) == set(schema["required"])
    sample_schema = schema["$defs"]["ManifestSample"]
    assert set(sample_schema["properties"]) == set(written["samples"][0])

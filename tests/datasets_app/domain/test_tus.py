from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.tus import (
    ChecksumMismatch,
    format_metadata,
    parse_checksum,
    parse_count,
    parse_metadata,
)
from matteweb.errors import BadInput

keys = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1
)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(keys, texts))
def test_metadata_survives_the_round_trip(metadata: dict[str, str]) -> None:
    assert parse_metadata(format_metadata(metadata)) == metadata


@given(st.text())
def test_any_header_gives_metadata_or_a_sentence(header: str) -> None:
    try:
        metadata = parse_metadata(header)
    except BadInput as error:
        assert "Upload-Metadata" in error.message
    else:
        assert all(key and " " not in key for key in metadata)


def test_a_key_may_stand_without_a_value() -> None:
    assert parse_metadata("is_draft,filename YS5tcDQ=") == {"is_draft": "", "filename": "a.mp4"}


@pytest.mark.parametrize(
    "header", ["a YQ==,a YQ==", ",", "a YQ==,", "ä YQ==", "a ***", "a /w==", "a YQ", "a YQ== YQ=="]
)
def test_malformed_metadata_is_refused(header: str) -> None:
    with pytest.raises(BadInput):
        parse_metadata(header)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_chunk_matches_its_checksum_or_is_refused(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"chunk").digest()
    header = f"{algorithm} {base64.b64encode(digest).decode()}"
    right, wrong = parse_checksum(header), parse_checksum(header)
    assert right is not None
    assert wrong is not None
    right.update(b"chu")
    right.update(b"nk")
    right.require_match()
    wrong.update(b"Chunk")
    with pytest.raises(ChecksumMismatch, match="send it again"):
        wrong.require_match()


def test_no_checksum_is_no_checksum() -> None:
    assert parse_checksum("") is None


@pytest.mark.parametrize("header", ["md5 YQ==", "sha256 ***", "rot13"])
def test_a_checksum_that_cannot_be_checked_is_refused(header: str) -> None:
    with pytest.raises(BadInput, match="Upload-Checksum"):
        parse_checksum(header)


@pytest.mark.parametrize("header", [None, "", "-1", "1.5", "1e9", "٣", "9" * 30])
def test_only_a_number_of_bytes_is_one(header: str | None) -> None:
    with pytest.raises(BadInput, match="Upload-Length"):
        parse_count(header, "Upload-Length")


def test_a_number_of_bytes_is_read() -> None:
    assert parse_count(" 2147483648 ", "Upload-Length") == 2**31

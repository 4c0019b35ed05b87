from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.upload_purpose import read_wish
from matteweb.errors import BadInput, MatteError, Unsupported


def test_a_file_goes_into_the_library_unless_it_says_otherwise() -> None:
    wish = read_wish(
        {"filename": "kite.mp4", "filetype": "video/mp4", "relativePath": "a/kite.mp4"}
    )
    assert wish.filename == "kite.mp4"
    assert wish.relative_path == "a/kite.mp4"
    assert wish.purpose == {"kind": "library"}


def test_every_other_key_belongs_to_the_purpose() -> None:
    wish = read_wish({"filename": "m.PNG", "kind": "mask", "video": "7", "licence": "CC0-1.0"})
    assert wish.purpose == {"kind": "mask", "video": "7", "licence": "CC0-1.0"}


@pytest.mark.parametrize(
    ("kind", "filename"),
    [
        ("library", "notes.docx"),
        ("library", "page.html"),
        ("library", "picture.svg"),
        ("library", "mp4"),
        ("mask", "captions.txt"),
    ],
)
def test_an_ending_that_is_not_known_is_named_with_those_that_are(kind: str, filename: str) -> None:
    with pytest.raises(Unsupported, match=rf"{filename} cannot go into .*known endings: "):
        read_wish({"filename": filename, "kind": kind})


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/x-msdownload"])
def test_a_declared_type_that_is_no_footage_is_refused(media_type: str) -> None:
    with pytest.raises(Unsupported, match="is not footage"):
        read_wish({"filename": "a.mp4", "filetype": media_type})


@pytest.mark.parametrize("media_type", ["", "video/mp4", "video/x-matroska; codecs=ffv1"])
def test_a_browser_may_know_the_type_or_not(media_type: str) -> None:
    assert read_wish({"filename": "a.mkv", "filetype": media_type}).filename == "a.mkv"


@pytest.mark.parametrize("name", ["", "/", "..", "a\nb.mp4", "x" * 300 + ".mp4"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        read_wish({"filename": name})


@pytest.mark.parametrize("name", ["C:\\clips\\a.mp4", "/etc/a.mp4", "../../a.mp4"])
def test_folders_in_a_file_name_are_dropped(name: str) -> None:
    assert read_wish({"filename": name}).filename == "a.mp4"


@pytest.mark.parametrize("path", ["../a.mp4", "/a.mp4", "x/../../a.mp4", "a\0.mp4"])
def test_a_relative_path_that_leaves_the_folder_is_none(path: str) -> None:
    assert read_wish({"filename": "a.mp4", "relativePath": path}).relative_path == ""


@pytest.mark.parametrize(
    "extra",
    [{"kind": "virus"}, {"UPPER": "x"}, {"name": "x" * 3000}, {f"k_{n}a": "" for n in range(20)}],
)
def test_a_purpose_that_cannot_be_meant_is_refused(extra: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        read_wish({"filename": "a.mp4"} | extra)


@given(st.dictionaries(st.text(), st.text()), st.text(), st.text(), st.text())
def test_any_declaration_gives_a_plain_name_or_a_sentence(
    rest: dict[str, str], filename: str, media_type: str, path: str
) -> None:
    declared = rest | {"filename": filename, "filetype": media_type, "relativePath": path}
    try:
        wish = read_wish(declared)
    except MatteError:
        return
    assert "/" not in wish.filename
    assert ".." not in wish.relative_path.split("/")

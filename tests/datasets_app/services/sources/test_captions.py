"""Captions of videos: written, removed, imported by name, exported in both forms."""

from __future__ import annotations

import json

import pytest

from datasets_app.models import Caption, Video
from datasets_app.services.sources.captions import caption_set, captions_export, captions_import
from matteweb.accounts.models import Project
from matteweb.errors import BadInput
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    """A project with two videos, ``camel`` and ``beach``."""
    made = factories.project()
    for name in ("camel.mp4", "beach.mp4"):
        Video.objects.create(project=made, name=name[:-4], filename=name, state="ready")
    return made


def video(project: Project, filename: str) -> Video:
    """Return the video of that file name."""
    return Video.objects.get(project=project, filename=filename)


def test_an_empty_text_removes_a_caption(project: Project) -> None:
    camel = video(project, "camel.mp4")
    caption_set(video=camel, length="short", text=' "a camel walks" ', actor=factories.actor())
    assert Caption.objects.get(video=camel).text == "a camel walks"
    assert caption_set(video=camel, length="short", text=" ", actor=factories.actor()) is None
    assert not Caption.objects.filter(video=camel).exists()


def test_an_unknown_length_is_named(project: Project) -> None:
    with pytest.raises(BadInput, match="no length 'tiny'"):
        caption_set(
            video=video(project, "beach.mp4"), length="tiny", text="x", actor=factories.actor()
        )


@pytest.mark.parametrize(
    "given",
    [
        [{"path": "camel", "short_prompt": "a camel"}, {"path": "beach", "short_prompt": "sand"}],
        {"camel": {"full": "a camel"}, "beach.mp4": {"full": "sand"}},
    ],
    ids=["list", "dict"],
)
def test_both_forms_find_their_videos_by_name(project: Project, given: object) -> None:
    data = json.dumps(given).encode()
    count, findings = captions_import(
        project=project, data=data, filename="captions.json", actor=factories.actor()
    )
    assert count == 2
    assert findings == []
    assert video(project, "camel.mp4").captions.get().text == "a camel"


def test_what_is_imported_says_so_and_leaves_other_lengths(project: Project) -> None:
    beach = video(project, "beach.mp4")
    caption_set(video=beach, length="summary", text="mine", actor=factories.actor())
    data = json.dumps([{"path": "beach", "short_prompt": "sand"}]).encode()
    captions_import(project=project, data=data, filename="c.json", actor=factories.actor())
    kept = {one.length: (one.text, one.origin) for one in beach.captions.all()}
    assert kept == {"summary": ("mine", "typed"), "short": ("sand", "imported")}


@pytest.mark.parametrize("form", ["list", "dict"])
def test_an_export_comes_back_by_import(project: Project, form: str) -> None:
    for filename, text in (("camel.mp4", "a camel"), ("beach.mp4", "sand")):
        caption_set(
            video=video(project, filename), length="short", text=text, actor=factories.actor()
        )
    data = captions_export(project=project, form=form)  # type: ignore[arg-type]
    Caption.objects.all().delete()
    count, _ = captions_import(
        project=project, data=data, filename="c.json", actor=factories.actor()
    )
    assert count == 2
    assert video(project, "beach.mp4").captions.get().text == "sand"


def test_a_file_of_neither_form_is_refused(project: Project) -> None:
    with pytest.raises(BadInput):
        captions_import(project=project, data=b"[1", filename="c.json", actor=factories.actor())

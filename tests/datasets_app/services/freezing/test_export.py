"""Exports of one frozen bundle: ZIP and folder hold the same bytes, half a file never stays."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from datasets_app.domain.bundles.verify import verify_export
from datasets_app.domain.progress import never_stop
from datasets_app.models import Bundle
from datasets_app.services.blobs import blob_path
from datasets_app.services.freezing.bundles import bundle_create
from datasets_app.services.freezing.export import (
    bundle_archive,
    bundle_export_folder,
    bundle_export_zip,
    bundle_manifest,
)
from matteweb.errors import Cancelled, Conflict, NoSpace
from tests.rendered import Rendered, frozen

pytestmark = pytest.mark.django_db


@pytest.fixture
def bundle(rendered: Rendered, db: None) -> Bundle:
    """A frozen bundle of two samples."""
    return frozen(rendered)


def contents(folder: Path) -> dict[str, bytes]:
    """Return path -> bytes of everything below ``folder``."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_zip_holds_what_the_folder_holds(bundle: Bundle, tmp_path: Path) -> None:
    whole = tmp_path / "b.zip"
    size = bundle_export_zip(bundle=bundle, path=whole, root="/mnt/b")
    bundle_export_folder(bundle=bundle, folder=tmp_path / "folder", root="/mnt/b")
    assert size == whole.stat().st_size
    with zipfile.ZipFile(whole) as archive:
        assert archive.testzip() is None
        inside = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    assert inside == contents(tmp_path / "folder")


def test_both_verify_frame_by_frame(bundle: Bundle, tmp_path: Path) -> None:
    bundle_export_zip(bundle=bundle, path=tmp_path / "b.zip")
    bundle_export_folder(bundle=bundle, folder=tmp_path / "folder")
    for path in (tmp_path / "b.zip", tmp_path / "folder"):
        report = verify_export(path, decode=True)
        assert report.ok, report.findings
        assert report.bundle == bundle.manifest_id


def test_the_same_bundle_gives_the_same_zip(bundle: Bundle, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        bundle_export_zip(bundle=bundle, path=tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_another_root_has_another_tag(bundle: Bundle) -> None:
    """A download that is resumed under another root must begin anew."""
    tags = {bundle_archive(bundle, root=root).tag for root in ("", "/mnt/a", "/mnt/b")}
    assert len(tags) == 3


def test_a_zip_that_is_stopped_leaves_no_file(bundle: Bundle, tmp_path: Path) -> None:
    asked = iter([False, False, False])
    with pytest.raises(Cancelled):
        bundle_export_zip(
            bundle=bundle, path=tmp_path / "b.zip", should_stop=lambda: next(asked, True)
        )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_stopped_goes_on(bundle: Bundle, tmp_path: Path) -> None:
    asked = iter([False] * 6)
    folder = tmp_path / "folder"
    with pytest.raises(Cancelled):
        bundle_export_folder(bundle=bundle, folder=folder, should_stop=lambda: next(asked, True))
    bundle_export_folder(bundle=bundle, folder=folder, should_stop=never_stop)
    assert verify_export(folder, decode=False).ok


@pytest.mark.parametrize("form", ["ffv1", "png"])
def test_the_lossless_form_verifies_as_well(bundle: Bundle, tmp_path: Path, form: str) -> None:
    bundle_export_folder(bundle=bundle, folder=tmp_path, form=form)  # type: ignore[arg-type]
    report = verify_export(tmp_path, decode=True)
    assert report.ok, report.findings


def test_another_rate_keeps_every_frame(bundle: Bundle, tmp_path: Path) -> None:
    bundle_export_folder(bundle=bundle, folder=tmp_path, fps=Fraction(16))
    report = verify_export(tmp_path, decode=True)
    assert report.ok, report.findings


def test_a_tuple_folder_has_three_files_and_no_other(bundle: Bundle, tmp_path: Path) -> None:
    bundle_export_folder(bundle=bundle, folder=tmp_path)
    for sample in bundle_manifest(bundle).samples:
        names = sorted(path.name for path in (tmp_path / sample.folder).iterdir())
        assert names == ["mask.mp4", "rgb_full.mp4", "rgb_removed.mp4"]
    captions = json.loads((tmp_path / "object-paste.json").read_text())
    assert {one["path"] for one in captions} == {
        sample.folder.split("/")[1] for sample in bundle_manifest(bundle).samples
    }


def test_the_attributions_name_every_source(
    bundle: Bundle, rendered: Rendered, tmp_path: Path
) -> None:
    bundle_export_folder(bundle=bundle, folder=tmp_path)
    text = (tmp_path / "ATTRIBUTION.md").read_text()
    for video in rendered.videos:
        assert f"{video.name} by A. Person" in text
    assert "CC0-1.0" in text


def test_a_draft_has_nothing_to_export(rendered: Rendered, tmp_path: Path) -> None:
    draft = bundle_create(project=rendered.project, name="draft", actor=rendered.actor)
    with pytest.raises(Conflict, match="is not frozen"):
        bundle_export_folder(bundle=draft, folder=tmp_path)


def test_a_disk_without_room_is_told_before_anything_is_written(
    bundle: Bundle, tmp_path: Path, settings: object
) -> None:
    settings.DISK_RESERVE_BYTES = 1 << 60  # type: ignore[attr-defined]
    with pytest.raises(NoSpace):
        bundle_export_zip(bundle=bundle, path=tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


def test_every_stored_file_of_a_bundle_is_there(bundle: Bundle) -> None:
    files = list(bundle.files.select_related("blob"))
    assert {file.path for file in files if file.exported} >= {
        "casper.json",
        "object-paste.json",
        "ATTRIBUTION.md",
    }
    assert all(blob_path(file.blob).stat().st_size == file.blob.size for file in files)

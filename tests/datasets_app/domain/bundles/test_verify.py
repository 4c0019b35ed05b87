"""An export is verified byte by byte, and every way in which it can differ is named."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.bundles.folder_export import write_folder
from datasets_app.domain.bundles.manifest import Manifest
from datasets_app.domain.bundles.verify import verify_export
from matteweb.errors import BadInput, Cancelled, Conflict, Corrupt, NotFound
from tests.bundle_store import BlobFolder, stored_bundle, stored_sample
from tests.manifests import manifest as frozen

Bundle = tuple[Manifest, BlobFolder]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return stored_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def folder(bundle: Bundle, tmp_path: Path) -> Path:
    manifest, blobs = bundle
    write_folder(bundle_files(manifest), tmp_path / "out", blobs.path)
    return tmp_path / "out"


def zipped(folder: Path, *, inside: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, inside + file.relative_to(folder).as_posix())
    return path


def test_a_fresh_export_is_the_bundle(bundle: Bundle, folder: Path) -> None:
    report = verify_export(folder, decode=True)
    assert report.ok
    assert report.bundle == bundle[0].identity()
    assert (report.samples, report.decoded) == (3, 3)
    assert report.files == len(bundle_files(bundle[0]))
    assert {finding.code for finding in report.findings} == {"short"}


@pytest.mark.parametrize("inside", ["", "casper-v1/"])
def test_a_zip_is_verified_without_unpacking(bundle: Bundle, folder: Path, inside: str) -> None:
    report = verify_export(zipped(folder, inside=inside), decode=True)
    assert report.ok
    assert (report.bundle, report.decoded) == (bundle[0].identity(), 3)


def test_a_mounted_training_list_is_still_the_bundle(bundle: Bundle, folder: Path) -> None:
    write_folder(bundle_files(bundle[0], root="/mnt/casper"), folder, bundle[1].path)
    report = verify_export(folder)
    assert report.ok
    assert [f.message for f in report.findings if f.where == "casper.json"] == [
        "its paths begin with /mnt/casper"
    ]


def _flip(folder: Path) -> None:
    path = folder / "kubric/000002/mask.mp4"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)


def _truncate(folder: Path) -> None:
    path = folder / "kubric/000002/mask.mp4"
    path.write_bytes(path.read_bytes()[:-1])


def _drop_row(folder: Path) -> None:
    path = folder / "casper.json"
    path.write_text(json.dumps(json.loads(path.read_text())[1:]))


def _other_text(folder: Path) -> None:
    path = folder / "casper.json"
    path.write_text(path.read_text().replace("number 2", "number 4"))


def _two_roots(folder: Path) -> None:
    path = folder / "casper.json"
    path.write_text(path.read_text().replace("kubric/", "/a/kubric/"))


def _leak(folder: Path) -> None:
    rows = json.loads((folder / "casper.json").read_text())
    rows += json.loads((folder / "casper.validation.json").read_text())
    (folder / "casper.json").write_text(json.dumps(rows))


PLANTED: list[tuple[Callable[[Path], object], str, str]] = [
    (_flip, "changed", "kubric/000002/mask.mp4"),
    (_truncate, "changed", "kubric/000002/mask.mp4"),
    (lambda f: (f / "kubric/000002/mask.mp4").unlink(), "missing", "kubric/000002/mask.mp4"),
    (lambda f: (f / "kubric.json").unlink(), "missing", "kubric.json"),
    (lambda f: (f / "kubric.json").write_text("[]"), "changed", "kubric.json"),
    (lambda f: (f / "kubric/000002/notes.txt").write_text(""), "extra", "kubric/000002/notes.txt"),
    (_drop_row, "rows", "casper.json"),
    (_other_text, "rows", "casper.json"),
    (_two_roots, "unreadable", "casper.json"),
    (_leak, "rows", "casper.json"),
    (lambda f: (f / "casper.json").write_text("{}"), "unreadable", "casper.json"),
    (lambda f: (f / "manifest.json").unlink(), "missing", ""),
    (lambda f: (f / "manifest.json").write_text("{}"), "unreadable", "manifest.json"),
]


@pytest.mark.parametrize(("plant", "code", "where"), PLANTED)
def test_each_planted_fault_is_found(
    folder: Path, plant: Callable[[Path], object], code: str, where: str
) -> None:
    plant(folder)
    report = verify_export(folder)
    assert not report.ok
    assert [(f.code, f.where) for f in report.findings] == [(code, where)]
    assert not verify_export(zipped(folder)).ok


def test_rows_in_another_order_are_the_same_bundle(folder: Path) -> None:
    path = folder / "casper.json"
    path.write_text(json.dumps(json.loads(path.read_text())[::-1]))
    report = verify_export(folder)
    assert report.ok
    assert [finding.code for finding in report.findings] == ["order"]


def test_a_manifest_edited_by_hand_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"repeats":2', b'"repeats": 2'))
    (finding,) = verify_export(folder).findings
    assert "not in canonical form" in finding.message


def test_decoding_finds_what_digests_cannot(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)

    def gray(content: dict[str, Any]) -> None:
        content["mask"][0][0, 0] = 77

    manifest = frozen(stored_sample(blobs, tmp_path / "work", 1, plant=gray))
    write_folder(bundle_files(manifest), tmp_path / "out", blobs.path)
    assert verify_export(tmp_path / "out").ok
    codes = [f.code for f in verify_export(tmp_path / "out", decode=True).findings]
    assert "mask_values" in codes


def test_a_damaged_zip_is_named(folder: Path) -> None:
    path = zipped(folder)
    data = bytearray(path.read_bytes())
    data[data.find(b"ftyp") + 40] ^= 255
    path.write_bytes(data)
    assert [f.code for f in verify_export(path).findings] == ["unreadable"]
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BadInput, match="not a ZIP"):
        verify_export(path)
    with pytest.raises(NotFound):
        verify_export(folder / "absent")


def test_a_verification_can_be_stopped(folder: Path) -> None:
    with pytest.raises(Cancelled):
        verify_export(folder, should_stop=lambda: True)


def test_verification_needs_neither_django_nor_a_database(folder: Path) -> None:
    code = (
        "import sys; sys.modules['django'] = None; sys.modules['av'] = None\n"
        "from pathlib import Path\n"
        "from datasets_app.domain.bundles.verify import verify_export\n"
        "report = verify_export(Path(sys.argv[1]), decode=True)\n"
        "assert report.ok is False and report.findings[-1].code == 'not_decoded', report\n"
        "assert verify_export(Path(sys.argv[1])).ok\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=60)


def test_an_export_continues_where_it_stopped(bundle: Bundle, tmp_path: Path) -> None:
    manifest, blobs = bundle
    files = bundle_files(manifest)
    calls = iter([False] * 9)
    with pytest.raises(Cancelled):
        write_folder(files, tmp_path, blobs.path, should_stop=lambda: next(calls, True))
    assert not list(tmp_path.rglob("*.part"))
    rest = write_folder(files, tmp_path, blobs.path)
    assert 0 < rest < sum(file.size for file in files)
    assert write_folder(files, tmp_path, blobs.path) == 0
    assert verify_export(tmp_path).ok


def test_an_export_never_mixes_with_something_else(bundle: Bundle, tmp_path: Path) -> None:
    manifest, blobs = bundle
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(Conflict, match="not empty"):
        write_folder(bundle_files(manifest), tmp_path, blobs.path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(Conflict, match="another bundle"):
        write_folder(bundle_files(manifest), tmp_path, blobs.path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "mine.txt"]


def test_changed_blobs_are_never_exported(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"other")
    with pytest.raises(Corrupt, match="have changed"):
        write_folder(bundle_files(bundle[0]), tmp_path / "out", lambda digest: tmp_path / "bad")
    assert not list((tmp_path / "out").rglob("*.mp4*"))


def test_progress_counts_every_byte(bundle: Bundle, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    files = bundle_files(bundle[0])
    write_folder(files, tmp_path, bundle[1].path, progress=lambda *told: seen.append(told))
    assert seen[-1] == (sum(file.size for file in files),) * 2
    assert Fraction(*bundle[0].samples[0].fps) == Fraction(30000, 1001)

"""The same client against the program itself: a real server process, a real database."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from datasets_app.domain.bundles.verify import verify_export
from tests.bundle_store import stored_bundle
from tests.client import Home
from tests.web_server import WebServer, web_server

pytestmark = pytest.mark.processes

_FREEZE = """
from pathlib import Path
from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.bundles.manifest import read_manifest
from datasets_app.models import Bundle, BundleFile
from datasets_app.services.blobs import blob_from_bytes, blob_from_file
from matteweb.accounts.models import Project
root = Path({root!r})
manifest = read_manifest((root / "manifest.json").read_bytes())
bundle = Bundle.objects.create(
    project=Project.objects.get(slug="p"), name="casper", state="frozen",
    manifest_id=manifest.identity(), manifest_blob=blob_from_bytes(manifest.canonical()),
)
for file in bundle_files(manifest):
    stored = blob_from_bytes(file.data) if file.data is not None else (
        blob_from_file(root / "blobs" / file.sha256, move=False))
    BundleFile.objects.create(bundle=bundle, path=file.path, blob=stored)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    root = tmp_path_factory.mktemp("bundle")
    whole, _ = stored_bundle(root)
    (root / "manifest.json").write_bytes(whole.canonical())
    with web_server(tmp_path_factory.mktemp("data")) as started:
        started.installation.python(_FREEZE.format(root=str(root)))
        yield started


@pytest.fixture
def anna(tmp_path: Path, server: WebServer) -> Home:
    home = Home(tmp_path)
    words = ("login", server.address, "--user", "anna", "--password-stdin")
    home.run(*words, stdin="a long secret\n")
    return home


def test_a_real_bundle_is_pulled_resumed_and_proven(anna: Home, tmp_path: Path) -> None:
    told, _ = anna.run("pull", "p/casper", tmp_path / "out", "--json")
    assert verify_export(tmp_path / "out", decode=True).ok
    stream = tmp_path / "out/kubric/000002/rgb_full.mp4"
    data = stream.read_bytes()
    stream.with_name(f".{stream.name}.part").write_bytes(data[:1000])
    stream.unlink()
    again, _ = anna.run("pull", "p/casper", tmp_path / "out", "--json")
    assert again["received"] == len(data) - 1000
    assert again["kept"] == told["files"] - 2
    anna.run("verify", tmp_path / "out")


def test_a_real_upload_arrives_whole_over_a_killed_server(
    anna: Home, server: WebServer, tmp_path: Path
) -> None:
    data = random.Random(0).randbytes(3 << 20)
    (tmp_path / "clip.mp4").write_bytes(data)
    words = ("push", tmp_path / "clip.mp4", "--project", "p", "--chunk-mib", "1", "--json")
    process = anna.start(*words)
    server.kill()
    server.start()
    out, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    uid = out.split('"upload": "')[1].split('"')[0]
    address = f"{server.address}/api/projects/p/uploads/{uid}"
    facts = httpx.get(address, headers=server.headers).json()
    assert (facts["offset"], facts["size"], facts["filename"]) == (3 << 20, 3 << 20, "clip.mp4")
    (stored,) = [p for p in server.installation.data.rglob(f"*{uid}*") if p.stat().st_size]
    assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_a_stranger_is_told_that_there_is_no_such_project(anna: Home, tmp_path: Path) -> None:
    _, said = anna.run("pull", "other/casper", tmp_path / "out", code=3)
    assert "Traceback" not in said
    _, said = anna.run("push", __file__, "--project", "p", code=3)
    assert "cannot go into the library" in said

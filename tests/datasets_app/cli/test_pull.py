"""A bundle is fetched: in parts, after any interruption, never anything but what was frozen."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from datasets_app.domain.bundles.files import BundleFile
from datasets_app.domain.bundles.manifest import Manifest
from datasets_app.domain.bundles.verify import verify_export
from tests.client import STREAM, Home, contents
from tests.studio_server import StudioServer


def test_a_bundle_arrives_whole_and_is_proven(
    home: Home,
    studio: StudioServer,
    tmp_path: Path,
    whole: dict[str, bytes | None],
    bundle: tuple[Manifest, list[BundleFile]],
) -> None:
    told, _ = home.run("pull", "demo/casper", tmp_path / "out", "--json")
    assert contents(tmp_path / "out") == whole
    assert told["bundle"] == bundle[0].identity()
    assert told["files"] == len(bundle[1])
    told, _ = home.run("verify", tmp_path / "out", "--json")
    assert told == {
        "ok": True,
        "bundle": bundle[0].identity(),
        "files": len(bundle[1]),
        "problems": [],
    }
    assert verify_export(tmp_path / "out").ok


def test_what_is_there_is_not_fetched_again(
    home: Home,
    studio: StudioServer,
    tmp_path: Path,
    whole: dict[str, bytes | None],
    bundle: tuple[Manifest, list[BundleFile]],
) -> None:
    home.run("pull", "demo/casper", tmp_path / "out")
    (tmp_path / "out" / STREAM).unlink()
    studio.requests.clear()
    told, _ = home.run("pull", "demo/casper", tmp_path / "out", "--json")
    assert [path for _, path, _ in studio.requests if "/files/" in path] == [
        f"/api/projects/demo/bundles/casper/files/{STREAM}"
    ]
    assert told["kept"] == len(bundle[1]) - 2
    assert contents(tmp_path / "out") == whole


def test_a_cut_download_goes_on_where_it_was_cut(
    home: Home, studio: StudioServer, tmp_path: Path, whole: dict[str, bytes | None]
) -> None:
    studio.cut[STREAM] = [40_000, 30_000, 0, 10_000]
    home.run("pull", "demo/casper", tmp_path / "out")
    asked = [headers.get("range") for headers in studio.asked("GET", STREAM)]
    assert asked == [None, "bytes=40000-", "bytes=70000-", "bytes=70000-", "bytes=80000-"]
    assert contents(tmp_path / "out") == whole


def test_a_killed_pull_goes_on_in_the_next_run(
    home: Home, studio: StudioServer, tmp_path: Path, whole: dict[str, bytes | None]
) -> None:
    studio.slow = 0.1
    process = home.start("pull", "demo/casper", tmp_path / "out", "--jobs", "1")
    deadline = time.monotonic() + 60
    while not any(p.stat().st_size for p in (tmp_path / "out").rglob(".*.mp4.part")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (part,) = (tmp_path / "out").rglob(".*.mp4.part")
    there = part.stat().st_size
    studio.slow = 0
    studio.requests.clear()
    home.run("pull", "demo/casper", tmp_path / "out")
    assert f"bytes={there}-" in [h.get("range") for h in studio.asked("GET", "/files/")]
    assert contents(tmp_path / "out") == whole


def test_an_interrupted_pull_says_how_to_continue(
    home: Home, studio: StudioServer, tmp_path: Path
) -> None:
    studio.slow = 0.1
    process = home.start("pull", "demo/casper", tmp_path / "out")
    while not any((tmp_path / "out").rglob(".*.mp4.part")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again" in said
    assert not list((tmp_path / "out").rglob("*.mp4"))


def test_a_server_that_is_busy_is_asked_again(
    home: Home, studio: StudioServer, tmp_path: Path, whole: dict[str, bytes | None]
) -> None:
    studio.statuses[STREAM] = [503, 429]
    studio.statuses["manifest"] = [502]
    home.run("pull", "demo/casper", tmp_path / "out")
    assert contents(tmp_path / "out") == whole


def test_a_server_without_ranges_is_read_from_the_start(
    home: Home, studio: StudioServer, tmp_path: Path, whole: dict[str, bytes | None]
) -> None:
    studio.ignore_ranges = True
    studio.cut[STREAM] = [40_000]
    home.run("pull", "demo/casper", tmp_path / "out")
    assert contents(tmp_path / "out") == whole


def test_other_bytes_than_frozen_are_never_put_in_place(
    home: Home, studio: StudioServer, tmp_path: Path
) -> None:
    studio.contents[STREAM] = bytes(100_002)
    _, said = home.run("pull", "demo/casper", tmp_path / "out", code=1)
    assert f"{STREAM} arrives with other bytes than were frozen" in said
    assert not (tmp_path / "out" / STREAM).exists()


def test_a_part_that_was_damaged_on_disk_is_fetched_anew(
    home: Home, studio: StudioServer, tmp_path: Path, whole: dict[str, bytes | None]
) -> None:
    part = (tmp_path / "out" / STREAM).with_name(".rgb_full.mp4.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(50_000))
    home.run("pull", "demo/casper", tmp_path / "out")
    assert contents(tmp_path / "out") == whole


def test_the_token_never_goes_to_another_host(
    home: Home, studio: StudioServer, tmp_path: Path, bundle: tuple[Manifest, list[BundleFile]]
) -> None:
    path = f"/api/projects/demo/bundles/casper/files/{STREAM}"
    with StudioServer(bundle[1]) as elsewhere:
        studio.redirect[path] = f"{elsewhere.url}{path}"
        _, said = home.run("pull", "demo/casper", tmp_path / "out", code=4)
        (headers,) = elsewhere.asked("GET", STREAM)
    assert "authorization" not in headers
    assert "send a token" in said


def test_a_redirect_on_the_same_host_is_followed(
    home: Home, studio: StudioServer, tmp_path: Path, whole: dict[str, bytes | None]
) -> None:
    path = f"/api/projects/demo/bundles/casper/files/{STREAM}"
    studio.redirect[path] = f"{path}?again"
    studio.contents[f"{STREAM}?again"] = studio.contents[STREAM]
    studio.digests[f"{STREAM}?again"] = studio.digests[STREAM]
    home.run("pull", "demo/casper", tmp_path / "out")
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize("path", ["../out.json", "/etc/x.json", "a//b.json", "a\\b.json"])
def test_a_path_out_of_the_folder_is_refused(
    home: Home, studio: StudioServer, tmp_path: Path, path: str
) -> None:
    hostile = json.loads(studio.contents["manifest.json"])
    hostile["documents"][0]["path"] = path
    studio.contents["manifest.json"] = json.dumps(hostile).encode()
    _, said = home.run("pull", "demo/casper", tmp_path / "out", code=3)
    assert "outside of the bundle" in said
    assert not (tmp_path / "out").exists()


def test_another_bundle_is_never_mixed_in(home: Home, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/manifest.json").write_text("{}")
    _, said = home.run("pull", "demo/casper", tmp_path / "out", code=2)
    assert "holds another bundle" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


def test_a_mount_root_makes_the_lists_absolute_and_still_verifies(
    home: Home, tmp_path: Path
) -> None:
    for _ in range(2):
        home.run("pull", "demo/casper", tmp_path / "out", "--root", "/mnt/data/")
        rows = json.loads((tmp_path / "out/casper.json").read_text())
        assert {row["file_path"] for row in rows} == {
            "/mnt/data/object-paste/000001",
            "/mnt/data/kubric/000002",
        }
    home.run("verify", tmp_path / "out")
    assert verify_export(tmp_path / "out").ok

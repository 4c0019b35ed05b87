"""The whole thread by command: from two clips to a verified bundle, and every promise on the way.

Real processes on a fresh data folder, no server: each command works by itself.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from datasets_app.adapters.blob_store import BlobStore
from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from tests import clips
from tests.processes import Installation
from tests.scale import scale

pytestmark = pytest.mark.processes

COUNT = 2
SIZE = FrameSize(scale(320, 640), scale(192, 384))
FRAMES = scale(20, 84)
FINDINGS, CONFLICT = 6, 5
EDGE = 4
"""Pixels around the object in which the colours of an edge run over: chroma has half the size."""


@dataclass(frozen=True, slots=True)
class Source:
    """A clip that goes into the thread."""

    clip: Path
    mask: Path
    caption: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What the commands left behind: their answers, an exported folder and the installation."""

    installation: Installation
    added: list[dict[str, Any]]
    made: dict[str, Any]
    frozen: dict[str, Any]
    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the exported folder."""
        return dict(json.loads((self.folder / "manifest.json").read_text()))

    def masters(self, sample: dict[str, Any]) -> dict[str, Path]:
        """Return layer -> lossless file of one sample of the manifest."""
        store = BlobStore(self.installation.data / "blobs")
        return {master["layer"]: store.path(master["sha256"]) for master in sample["masters"]}


def answer(installation: Installation, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run a command with --json; return its one JSON object, whatever it says on stderr."""
    done = installation.run(*arguments, "--json", timeout=600)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    lines = done.stdout.splitlines()
    assert len(lines) == 1, f"{arguments} printed more than its answer: {done.stdout}"
    return dict(json.loads(lines[0]))


def spin(installation: Installation, sources: list[Source], folder: Path) -> Thread:
    """Pull the thread: both videos at the same time into an empty data folder, then the rest."""
    begun = [
        subprocess.Popen(
            installation.command("add_video", "--json", *_adding(source)),
            env=installation.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for source in sources
    ]
    added = []
    for process in begun:
        out, told = process.communicate(timeout=600)
        assert process.returncode == 0, told
        added.append(json.loads(out))
    made = answer(
        installation,
        *("synthesize", "--project", "p", "--recipe", "object_paste"),
        *("--count", str(COUNT), "--seed", "7", "--wait"),
    )
    answer(installation, "review", "--project", "p", "--accept", "all")
    frozen = answer(
        installation, "freeze_bundle", "--project", "p", "--name", "b", "--repeat", "object_paste=2"
    )
    answer(
        installation,
        *("export_bundle", "--project", "p", "b", "--folder", str(folder), "--root", "/mnt/b"),
    )
    return Thread(installation, added, made, frozen, folder)


def _adding(source: Source) -> list[str]:
    return [
        *("--project", "p", str(source.clip), "--mask", str(source.mask)),
        *("--name", source.caption, "--caption", source.caption, "--licence", "CC0-1.0"),
    ]


def _painted(folder: Path) -> list[Source]:
    sources = []
    for scene in demo_scenes()[:2]:
        clip, mask = folder / f"{scene.slug}.mkv", folder / f"{scene.slug}_mask.mkv"
        fps = Fraction(30000, 1001)
        with RgbMasterWriter(clip, SIZE, fps) as rgb, GrayMasterWriter(mask, SIZE, fps) as gray:
            for frame in demo_clip(scene.slug, size=SIZE, frames=FRAMES):
                rgb.write(frame.rgb)
                gray.write(frame.alpha)
        sources.append(Source(clip, mask, scene.caption))
    return sources


def _filmed(_: Path) -> list[Source]:
    names = {"davis_camel": "a stony yard", "davis_kite-walk": "a beach with dunes"}
    return [Source(clips.clip(name), clips.mask(name), text) for name, text in names.items()]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(_painted, id="painted"),
        pytest.param(_filmed, id="filmed", marks=clips.needs_clips),
    ],
)
def thread(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Thread]:
    """The thread on clips that the program paints, and on filmed ones when they are there."""
    folder = tmp_path_factory.mktemp("thread")
    yield spin(Installation(folder / "data"), request.param(folder), folder / "export")


def test_every_command_answers_with_what_it_made(thread: Thread) -> None:
    assert [one["state"] for one in thread.added] == ["ready", "ready"]
    assert all(mask["state"] == "ready" for one in thread.added for mask in one["masks"])
    assert thread.made["ready"] == COUNT
    assert thread.made["failed"] == []
    assert thread.frozen["rows"] == 2 * COUNT
    assert "object-paste" in thread.frozen["formula"]


def test_a_command_never_makes_a_demo_project(thread: Thread) -> None:
    found = thread.installation.query("SELECT slug FROM accounts_project")
    assert [row["slug"] for row in found] == ["p"]


def test_the_training_list_has_what_the_trainer_reads(thread: Thread) -> None:
    rows = json.loads((thread.folder / "casper.json").read_text())
    assert len(rows) == 2 * COUNT
    captions = {one["name"] for one in thread.added}
    for row in rows:
        assert row.keys() == {"file_path", "text", "type"}
        assert row["type"] == "video_mask_tuple"
        assert row["text"] in captions
        inside = Path(row["file_path"]).relative_to("/mnt/b")
        files = sorted(path.name for path in (thread.folder / inside).iterdir())
        assert files == ["mask.mp4", "rgb_full.mp4", "rgb_removed.mp4"]


def test_the_streams_of_a_tuple_have_the_same_frames_and_rate(thread: Thread) -> None:
    for sample in thread.manifest["samples"]:
        folder = thread.folder / sample["folder"]
        counts = {path.name: sum(1 for _ in read_rgb(path)) for path in folder.iterdir()}
        assert set(counts.values()) == {sample["frames"]}, counts
        for path in folder.iterdir():
            capture = cv2.VideoCapture(str(path))
            rate = capture.get(cv2.CAP_PROP_FPS)
            capture.release()
            assert rate == pytest.approx(sample["fps"][0] / sample["fps"][1], abs=0.01)


def test_the_exported_mask_has_three_values_and_no_other(thread: Thread) -> None:
    values = set()
    for sample in thread.manifest["samples"]:
        for frame in read_gray(thread.folder / sample["folder"] / "mask.mp4"):
            values |= set(np.unique(frame).tolist())
    assert values <= {0, 128, 255}
    assert {0, 128} <= values, "something is removed, something is background"


def test_the_masters_recompose_within_one_level(thread: Thread) -> None:
    """alpha fgr + (1 - alpha) removed is full, and full is removed where nothing was pasted."""
    for sample in thread.manifest["samples"]:
        paths = thread.masters(sample)
        streams = [
            read_gray(paths["alpha"]),
            *(read_rgb(paths[layer]) for layer in ("fgr", "rgb_removed", "rgb_full")),
        ]
        count = 0
        for alpha, fgr, removed, full in zip(*streams, strict=True):
            share = alpha[..., None].astype(np.float64) / 255
            mixed = share * fgr + (1 - share) * removed
            assert np.abs(mixed - full).max() <= 1.0
            assert np.array_equal(full[alpha == 0], removed[alpha == 0])
            count += 1
        assert count == sample["frames"]


def test_beside_the_object_the_exported_pair_differs_by_less_than_is_seen(thread: Thread) -> None:
    """Both streams are coded alike: a difference outside of the object would be learned.

    The mean is taken right up to the object, the percentile beyond the few pixels of its edge.
    """
    for sample in thread.manifest["samples"]:
        folder, alpha = thread.folder / sample["folder"], thread.masters(sample)["alpha"]
        beside, further = np.zeros(256, np.int64), np.zeros(256, np.int64)
        pairs = zip(
            read_gray(alpha),
            read_rgb(folder / "rgb_full.mp4"),
            read_rgb(folder / "rgb_removed.mp4"),
            strict=True,
        )
        for pasted, full, removed in pairs:
            height, width = full.shape[:2]
            object_ = (pasted[:height, :width] > 0).astype(np.uint8)
            difference = cv2.absdiff(full, removed)
            beside += np.bincount(difference[object_ == 0].ravel(), minlength=256)
            object_ = cv2.dilate(object_, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8))
            further += np.bincount(difference[object_ == 0].ravel(), minlength=256)
        mean = float((beside * np.arange(256)).sum() / beside.sum())
        high = int(np.searchsorted(further.cumsum(), 0.999 * further.sum()))
        assert mean <= 1.0, f"{sample['name']}: mean difference {mean:.2f} levels"
        assert high <= 6, f"{sample['name']}: 99.9th percentile {high} levels"


def test_the_exported_folder_and_zip_hold_what_was_frozen(thread: Thread, tmp_path: Path) -> None:
    whole = tmp_path / "b.zip"
    answer(thread.installation, "export_bundle", "--project", "p", "b", "--zip", str(whole))
    for path in (thread.folder, whole):
        report = answer(thread.installation, "verify_bundle", str(path), "--decode")
        assert report["bundle"] == thread.frozen["id"]
        assert report["ok"] is True


def test_a_changed_byte_does_not_verify(thread: Thread, tmp_path: Path) -> None:
    whole = tmp_path / "b.zip"
    answer(thread.installation, "export_bundle", "--project", "p", "b", "--zip", str(whole))
    data = bytearray(whole.read_bytes())
    data[len(data) // 2] ^= 1
    whole.write_bytes(data)
    report = answer(thread.installation, "verify_bundle", str(whole), code=FINDINGS)
    assert report["ok"] is False


def test_a_sample_is_rebuilt_to_the_same_bytes(thread: Thread) -> None:
    sample = thread.manifest["samples"][0]
    found = answer(thread.installation, "regenerate", str(sample["id"]))
    assert found["identical"] is True
    assert set(found["layers"]) >= {"rgb_full", "rgb_removed", "mask", "alpha", "fgr"}


def test_the_same_choice_frozen_twice_has_the_same_id(thread: Thread) -> None:
    again = ("freeze_bundle", "--project", "p", "--name", "again", "--repeat", "object-paste=2")
    assert answer(thread.installation, *again)["id"] == thread.frozen["id"]
    once = ("freeze_bundle", "--project", "p", "--name", "once")
    assert answer(thread.installation, *once)["id"] != thread.frozen["id"]


def test_a_taken_name_is_a_conflict_and_one_json_object(thread: Thread) -> None:
    said = answer(
        thread.installation, "freeze_bundle", "--project", "p", "--name", "b", code=CONFLICT
    )
    assert said["error"]["code"] == "conflict"
    assert said["error"]["hint"]

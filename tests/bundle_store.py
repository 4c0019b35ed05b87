"""A small real bundle: rendered streams and masters in a folder of blobs, and their manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from datasets_app.domain.bundles.manifest import TUPLE_LAYERS, Manifest, ManifestSample
from datasets_app.domain.media.checksum import FileDigest, digest_file
from datasets_app.domain.media.frames import FrameSize, delivery_size
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from tests.manifests import manifest, sample
from tests.tuples import SIZE, Frames, tuple_frames, write_videos


@dataclass(frozen=True)
class BlobFolder:
    """Files named by their sha256, without a suffix, as a content-addressed store names them."""

    root: Path

    def put(self, path: Path) -> FileDigest:
        digest = digest_file(path)
        path.replace(self.root / digest.sha256)
        return digest

    def path(self, digest: str) -> Path:
        return self.root / digest


def stored_sample(
    blobs: BlobFolder,
    work: Path,
    number: int,
    *,
    frames: int = 18,
    size: FrameSize = SIZE,
    plant: Callable[[Frames], None] | None = None,
    **fields: Any,
) -> ManifestSample:
    """Render a tuple, put its streams and masters into ``blobs`` and return its entry."""
    content = tuple_frames(frames, size, seed=number)
    if plant:
        plant(content)
    fps = Fraction(*fields.get("fps", (16, 1)))
    written = write_videos(work / str(number), content, fps=fps)
    folder = f"{fields.get('category', 'object-paste')}/{number:06d}"
    streams = [
        {"layer": layer, "path": f"{folder}/{layer}.mp4", **asdict(blobs.put(written[layer]))}
        for layer in TUPLE_LAYERS
    ]
    masters = []
    for layer in TUPLE_LAYERS:
        path = work / f"{layer}.mkv"
        writer = GrayMasterWriter if layer == "mask" else RgbMasterWriter
        with writer(path, size, fps) as out:
            for frame in content[layer]:
                out.write(frame)
        masters.append({"layer": layer, **asdict(blobs.put(path))})
    even = delivery_size(size)
    facts: dict[str, Any] = {"frames": frames, "width": even.width, "height": even.height}
    return sample(number, streams=streams, masters=masters, **facts, **fields)


def stored_bundle(root: Path) -> tuple[Manifest, BlobFolder]:
    """Return a bundle of two categories, three samples and a held-out one, with its blobs."""
    (root / "blobs").mkdir(parents=True)
    blobs, work = BlobFolder(root / "blobs"), root / "work"
    return (
        manifest(
            stored_sample(blobs, work, 1, repeats=2),
            stored_sample(blobs, work, 2, category="kubric", fps=(30000, 1001)),
            stored_sample(blobs, work, 3, split="validation"),
        ),
        blobs,
    )

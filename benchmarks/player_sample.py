"""Two samples of four layers in an installation's store; run with its environment.

``python -m benchmarks.player_sample 640x384`` prints ``{"samples": [id, id], "footage": name}``.
Real clips when they lie beside the project and have this size, else painted ones; 30 frames per
second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks.footage import REAL_PAIR
from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import AnyFrame, FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.stream_files import StreamWriter
from tests import clips

REAL_SIZE = FrameSize(640, 384)
FRAMES = 80
RATE = Fraction(30)
LAYERS = ("rgb_full", "rgb_removed", "mask", "alpha")

Tuple = dict[str, AnyFrame]


def main() -> None:
    """Write both samples."""
    import django

    django.setup()
    size = FrameSize(*map(int, sys.argv[1].split("x")))
    real = clips.ROOT.is_dir() and size == REAL_SIZE
    made = [_store(number, size, _real() if real else _painted(size)) for number in range(2)]
    footage = "real clips" if real else "painted clips"
    sys.stdout.write(json.dumps({"samples": made, "footage": footage}) + "\n")


def _real() -> Iterator[Tuple]:
    subject, behind = REAL_PAIR
    streams = (
        read_rgb(clips.clip(subject)),
        read_rgb(clips.clip(behind)),
        read_gray(clips.mask(subject)),
    )
    for full, removed, mask in zip(*streams, strict=False):
        yield _tuple(full, removed, np.where(mask > 127, 255, 0).astype(np.uint8))


def _painted(size: FrameSize) -> Iterator[Tuple]:
    first, second = [scene.slug for scene in demo_scenes()][:2]
    frames = (demo_clip(slug, size=size, frames=FRAMES) for slug in (first, second))
    for full, removed in zip(*frames, strict=True):
        yield _tuple(full.rgb, removed.rgb, full.alpha)


def _tuple(full: AnyFrame, removed: AnyFrame, alpha: AnyFrame) -> Tuple:
    soft = cv2.GaussianBlur(alpha, (0, 0), 2).astype(np.uint8)
    mask = np.where(alpha > 127, 0, 128).astype(np.uint8)
    return {"rgb_full": full, "rgb_removed": removed, "mask": mask, "alpha": soft}


def _store(number: int, size: FrameSize, frames: Iterator[Tuple]) -> int:
    from datasets_app.models import Layer, Sample
    from datasets_app.services.streams import stream_store
    from matteweb.accounts.models import Project

    tuples = list(islice(frames, FRAMES))
    sample = Sample.objects.create(
        project=Project.objects.get(slug="p"),
        index=number,
        name=f"bench-{number}",
        state="ready",
        frames=len(tuples),
        width=size.width,
        height=size.height,
        fps_num=RATE.numerator,
        fps_den=RATE.denominator,
    )
    with TemporaryDirectory() as folder:
        writers = {name: _writer(Path(folder), name, size, len(tuples)) for name in LAYERS}
        with ExitStack() as stack:
            for writer in writers.values():
                stack.enter_context(writer)
            for layers in tuples:
                for name, writer in writers.items():
                    writer.write(layers[name])
        for name, writer in writers.items():
            Layer.objects.create(sample=sample, name=name, **stream_store(writer.files()))
    return sample.pk


def _writer(folder: Path, name: str, size: FrameSize, frames: int) -> StreamWriter:
    return StreamWriter(
        folder,
        name,
        kind="rgb" if name.startswith("rgb") else "gray",
        size=size,
        fps=RATE,
        expected=frames,
        master=True,
        delivery=True,
        pictures=False,
    )


if __name__ == "__main__":
    main()

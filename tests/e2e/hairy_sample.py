"""A sample with the hardest matte: thin hair, every value from 0 to 255.

Run inside an installation: ``python -m tests.e2e.hairy_sample WIDTH HEIGHT FRAMES`` prints
``{"sample": id, "masters": {layer: path}}``.
"""

from __future__ import annotations

import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame


def hairy(number: int, size: FrameSize) -> GrayFrame:
    """Return a matte of hair: anti-aliased lines of every brightness over a soft head, with a ramp
    of all 256 values, so that none is missing on any frame."""
    rng = np.random.default_rng(1000 + number)
    matte = np.zeros((size.height, size.width), np.uint8)
    middle = (size.width // 2, size.height // 2)
    cv2.circle(matte, middle, size.height // 4, 255, -1, cv2.LINE_AA)
    matte = cv2.GaussianBlur(matte, (0, 0), 2)
    for _ in range(120):
        ends = rng.integers(0, (size.width, size.height), (2, 2))
        value = int(rng.integers(1, 256))
        cv2.line(matte, tuple(map(int, ends[0])), tuple(map(int, ends[1])), value, 1, cv2.LINE_AA)
    matte.reshape(-1)[:256] = np.roll(np.arange(256, dtype=np.uint8), number)
    hair: GrayFrame = matte.astype(np.uint8)
    return hair


def colour(number: int, size: FrameSize, seed: int) -> RgbFrame:
    """Return noise of mid size, which 4:2:0 cannot keep."""
    rng = np.random.default_rng(10 * number + seed)
    small = rng.integers(0, 256, (size.height // 2, size.width // 2, 3), np.uint8)
    frame = cv2.resize(small, (size.width, size.height), interpolation=cv2.INTER_LINEAR)
    noise: RgbFrame = frame.astype(np.uint8)
    return noise


def main() -> None:
    """Write the sample into the installation's store."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matteweb.settings")
    django.setup()
    from datasets_app.adapters.blob_location import blob_location
    from datasets_app.domain.media.stream_files import StreamWriter
    from datasets_app.models import Layer, Sample
    from datasets_app.services.streams import stream_store
    from matteweb.accounts.models import Project

    width, height, frames = (int(argument) for argument in sys.argv[1:4])
    size, fps = FrameSize(width, height), Fraction(24)
    sample = Sample.objects.create(
        project=Project.objects.get(slug="p"),
        index=0,
        name="hairy",
        state="ready",
        frames=frames,
        width=width,
        height=height,
        fps_num=24,
        fps_den=1,
    )
    masters = {}
    with TemporaryDirectory() as folder:
        for seed, name in enumerate(("rgb_full", "rgb_removed", "alpha")):
            gray = name == "alpha"
            writer = StreamWriter(
                Path(folder),
                name,
                kind="gray" if gray else "rgb",
                size=size,
                fps=fps,
                expected=frames,
                master=True,
                delivery=True,
                pictures=False,
            )
            with writer:
                for number in range(frames):
                    writer.write(hairy(number, size) if gray else colour(number, size, seed))
            layer = Layer.objects.create(sample=sample, name=name, **stream_store(writer.files()))
            if layer.master is not None:
                masters[name] = str(blob_location(layer.master))
    print(json.dumps({"sample": sample.pk, "masters": masters}))  # noqa: T201


if __name__ == "__main__":
    main()

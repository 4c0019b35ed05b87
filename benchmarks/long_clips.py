"""Clips of any length and size for the memory figure: the short ones resized, then in a loop."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2

from benchmarks.footage import FRAMES, RATE, Footage, store_mask
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import RgbDeliveryWriter
from datasets_app.domain.recipes.object_paste import ObjectPastePlan

_PLAN = "plan.json"
_SOURCES = "sources.json"


def prepare(clips: Footage, folder: Path, size: FrameSize, frames: int) -> None:
    """Leave in ``folder`` a plan of ``frames`` frames at ``size`` and its sources.

    In a process before the one that is measured, so that its peak is not taken for the job's.
    """
    plan = clips.plan()
    sources = {}
    for ref in (plan.foreground, plan.background):
        short = folder / f"{ref.digest}-short.mp4"
        _store_rgb(_resized(read_rgb(clips.sources[ref.digest], stop=FRAMES), size), short, size)
        sources[ref.digest] = _looped(short, folder / f"{ref.digest}-long.mp4", frames)
    short = folder / "mask-short.mkv"
    store_mask(_resized(read_gray(clips.sources[plan.mask.digest], stop=FRAMES), size), short, size)
    sources[plan.mask.digest] = _looped(short, folder / "mask-long.mkv", frames)
    sides = {"width": size.width, "height": size.height}
    long = plan.model_copy(
        update={
            **sides,
            "frames": frames,
            "foreground": plan.foreground.model_copy(update=sides),
            "mask": plan.mask.model_copy(update=sides),
            "background": plan.background.model_copy(update=sides),
        }
    )
    (folder / _PLAN).write_text(long.model_dump_json())
    (folder / _SOURCES).write_text(json.dumps({key: str(path) for key, path in sources.items()}))


def prepared(folder: Path) -> tuple[ObjectPastePlan, dict[str, Path]]:
    """Return what ``prepare`` left."""
    plan = ObjectPastePlan.model_validate_json((folder / _PLAN).read_text())
    sources = json.loads((folder / _SOURCES).read_text())
    return plan, {key: Path(path) for key, path in sources.items()}


def _resized(frames: Iterable[RgbFrame], size: FrameSize) -> Iterator[RgbFrame | GrayFrame]:
    for frame in frames:
        yield cv2.resize(frame, (size.width, size.height), interpolation=cv2.INTER_CUBIC)


def _store_rgb(frames: Iterable[RgbFrame], path: Path, size: FrameSize) -> None:
    with RgbDeliveryWriter(path, size, RATE) as out:
        for frame in frames:
            out.write(frame)


def _looped(source: Path, path: Path, frames: int) -> Path:
    """Copy the packets of ``source`` over and over, until there are ``frames`` frames."""
    with av.open(str(path), "w") as out, av.open(str(source)) as template:
        video = template.streams.video[0]
        stream = out.add_stream_from_template(video)
        tick = round(1 / (RATE * (video.time_base or Fraction(1, 16))))
        for turn in range(frames // FRAMES):
            with av.open(str(source)) as container:
                for packet in container.demux(video=0):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts += turn * tick * FRAMES
                    packet.dts += turn * tick * FRAMES
                    packet.stream = stream
                    out.mux(packet)
    return path

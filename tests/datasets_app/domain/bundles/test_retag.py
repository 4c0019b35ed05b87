"""Another rate, the same frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from datasets_app.domain.bundles.retag import retag_fps
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from matteweb.errors import BadInput, NotFound
from tests import clips
from tests.tuples import SIZE, tuple_frames, write_videos

RATES = [Fraction(24), Fraction(30000, 1001), Fraction(16), Fraction(1), Fraction(120)]


def rate_of(path: Path) -> Fraction:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.codec_context.name == "h264":
            assert stream.codec_context.framerate == stream.average_rate
        assert stream.average_rate is not None
        return Fraction(stream.average_rate)


def packets_of(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(p.pts, bytes(p)) for p in container.demux(video=0) if p.size]


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("layer", ["rgb_full", "mask"])
def test_every_frame_stays_and_the_rate_is_exact(tmp_path: Path, fps: Fraction, layer: str) -> None:
    source = write_videos(tmp_path, tuple_frames(26))[layer]
    out = tmp_path / "out.mp4"
    assert retag_fps(source, out, fps) == 26
    assert rate_of(out) == fps
    read = read_gray if layer == "mask" else read_rgb
    for before, after in zip(read(source), read(out), strict=True):
        np.testing.assert_array_equal(before, after)


def test_packets_are_copied_byte_for_byte(tmp_path: Path) -> None:
    source = write_videos(tmp_path, tuple_frames(26))["rgb_full"]
    retag_fps(source, tmp_path / "out.mp4", Fraction(25))
    before, after = packets_of(source), packets_of(tmp_path / "out.mp4")
    assert [data for _, data in before] == [data for _, data in after]
    assert _ranks(before) == _ranks(after)


def _ranks(packets: list[tuple[int | None, bytes]]) -> list[int]:
    times = [pts for pts, _ in packets if pts is not None]
    return [sorted(times).index(pts) for pts in times]


@pytest.mark.parametrize("writer", [RgbMasterWriter, GrayMasterWriter])
def test_a_lossless_master_is_retagged_too(tmp_path: Path, writer: type) -> None:
    frames = tuple_frames(12)["rgb_full" if writer is RgbMasterWriter else "mask"]
    with writer(tmp_path / "a.mkv", SIZE, Fraction(30000, 1001)) as out:
        for frame in frames:
            out.write(frame)
    assert retag_fps(tmp_path / "a.mkv", tmp_path / "b.mkv", Fraction(24)) == 12
    read = read_rgb if writer is RgbMasterWriter else read_gray
    for before, after in zip(frames, read(tmp_path / "b.mkv"), strict=True):
        np.testing.assert_array_equal(before, after)
    assert rate_of(tmp_path / "b.mkv") == 24


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source = write_videos(tmp_path, tuple_frames(20))["rgb_full"]
    for name in "ab":
        retag_fps(source, tmp_path / f"{name}.mp4", Fraction(24))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_what_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(BadInput):
        retag_fps(tmp_path / "text.mp4", tmp_path / "out.mp4", Fraction(24))
    with pytest.raises(NotFound):
        retag_fps(tmp_path / "absent.mp4", tmp_path / "out.mp4", Fraction(24))
    assert not (tmp_path / "out.mp4").exists()


@clips.needs_clips
def test_a_real_clip_keeps_its_frames(tmp_path: Path) -> None:
    source = clips.clip("davis_camel")
    frames = retag_fps(source, tmp_path / "out.mp4", Fraction(24))
    before, after = read_rgb(source, stop=30), read_rgb(tmp_path / "out.mp4", stop=30)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    assert frames == 90
    assert rate_of(tmp_path / "out.mp4") == 24

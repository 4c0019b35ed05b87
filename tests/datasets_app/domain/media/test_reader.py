"""Frames by number, whatever the codec and the order in which it stores them."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from datasets_app.domain.media.frame_index import build_frame_index
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.reader import read_gray, read_gray_at, read_rgb
from datasets_app.domain.media.writer import GrayDeliveryWriter, GrayMasterWriter
from matteweb.errors import BadInput, NotFound
from tests.clips import clip, needs_clips
from tests.encodings import (
    Encoding,
    encode,
    encode_sound,
    gray_frames,
    noise_pictures,
    numbered_pictures,
    read_number,
)
from tests.scale import scale

SIZE = FrameSize(64, 48)
FRAMES = 60

ENCODINGS = {
    "closed groups with B-frames": ("a.mp4", Encoding(options={"g": "10", "bf": "3"})),
    "open groups": (
        "b.mp4",
        Encoding(options={"g": "10", "bf": "3", "x264-params": "open-gop=1:scenecut=0"}),
    ),
    "intra refresh": ("c.mkv", Encoding(options={"x264-params": "intra-refresh=1:keyint=10"})),
    "raw stream": ("d.h264", Encoding(options={"g": "10", "bf": "2"})),
    "transport stream": ("e.ts", Encoding(options={"g": "10", "bf": "2"})),
    "old MPEG-4 in AVI": ("f.avi", Encoding("mpeg4", options={"g": "10", "bf": "2"})),
    "Motion JPEG": ("g.avi", Encoding("mjpeg", "yuvj420p")),
    "VP9 with hidden frames": (
        "h.webm",
        Encoding("libvpx-vp9", options={"g": "10", "cpu-used": "8", "auto-alt-ref": "1"}),
    ),
    "FFV1": ("i.mkv", Encoding("ffv1", options={"g": "1"})),
}


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


@cache
def _stored(name: str) -> tuple[Path, list[GrayFrame]]:
    file, how = ENCODINGS[name]
    path = Path(_folder().name) / file
    encode(path, gray_frames(numbered_pictures(FRAMES, SIZE)), how)
    return path, list(read_gray(path))


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_frame_comes_out_once_and_in_order(name: str) -> None:
    _, frames = _stored(name)
    assert [read_number(frame) for frame in frames] == list(range(FRAMES))


@pytest.mark.parametrize("name", ENCODINGS)
@settings(max_examples=scale(12, 200), deadline=None)
@given(
    start=st.integers(0, FRAMES + 3),
    length=st.integers(0, 25) | st.none(),
    step=st.integers(1, 9),
)
def test_a_range_is_the_same_slice_of_the_whole(
    name: str, start: int, length: int | None, step: int
) -> None:
    path, frames = _stored(name)
    stop = None if length is None else start + length
    found = list(read_gray(path, start=start, stop=stop, step=step))
    wanted = frames[start:stop:step]
    assert len(found) == len(wanted)
    assert all(np.array_equal(one, other) for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("name", ENCODINGS)
def test_frames_by_number_are_those_of_the_whole_in_whatever_file(name: str) -> None:
    path, whole = _stored(name)
    last = len(whole) - 1
    for numbers in ([0], [last], [0, 1, last // 2, last], [last // 2, last, last + 3], []):
        expected = [whole[number] for number in numbers if number <= last]
        found = list(read_gray_at(path, numbers))
        assert len(found) == len(expected), numbers
        assert all(map(np.array_equal, found, expected)), numbers


def test_a_late_range_does_not_decode_what_lies_before(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    pictures = numbered_pictures(FRAMES, SIZE)
    with GrayDeliveryWriter(path, SIZE, Fraction(16)) as writer:
        for picture in pictures:
            writer.write(picture)
    data = bytearray(path.read_bytes())
    for chunk in build_frame_index(path).chunks[1:12]:
        data[chunk.offset : chunk.offset + chunk.size] = bytes(chunk.size)
    path.write_bytes(data)
    assert np.array_equal(next(read_gray(path, start=40)), pictures[40])
    with pytest.raises(BadInput, match="cannot be read beyond frame 1"):
        list(read_gray(path))


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
@pytest.mark.parametrize("flips", [(False, False), (True, False), (False, True)])
def test_frames_are_shown_upright(tmp_path: Path, degrees: int, flips: tuple[bool, bool]) -> None:
    picture = noise_pictures(1, FrameSize(48, 32))[0]
    how = Encoding(options={"qp": "0"}, colour_range=2, turn=(degrees, *flips))
    path = encode(tmp_path / "turned.mp4", gray_frames([picture]), how)
    upright = np.rot90(picture, degrees // 90)
    if flips[0]:
        upright = upright[:, ::-1]
    if flips[1]:
        upright = upright[::-1]
    shown = next(read_gray(path))
    assert np.array_equal(shown, upright)
    assert shown.flags.c_contiguous
    assert next(read_rgb(path)).shape == (*upright.shape, 3)


def test_a_yielded_frame_is_the_callers_own(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    picture = noise_pictures(1, SIZE)[0]
    with GrayDeliveryWriter(path, SIZE, Fraction(16)) as writer:
        for _ in range(6):
            writer.write(picture)
    # A decoder predicts later frames from its buffers: scribbling must not reach them.
    for frame in read_gray(path):
        assert np.array_equal(frame, picture)
        frame[:] = 0


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_closing_the_generator_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with GrayMasterWriter(path, SIZE, Fraction(16)) as writer:
        for picture in noise_pictures(5, SIZE):
            writer.write(picture)
    before = _open_files()
    frames = read_gray(path, start=1)
    next(frames)
    assert _open_files() == before + 1
    frames.close()
    assert _open_files() == before


def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    size, path = FrameSize(320, 240), tmp_path / "long.mp4"
    pictures = numbered_pictures(4, size)
    with GrayDeliveryWriter(path, size, Fraction(16)) as writer:
        for number in range(scale(240, 2400)):
            writer.write(pictures[number % 4])
    frames = read_rgb(path)
    for _ in islice(frames, 40):
        pass
    early = psutil.Process().memory_info().rss
    for _ in frames:
        pass
    assert psutil.Process().memory_info().rss - early < 8 << 20


def test_a_still_is_a_clip_of_one_frame(tmp_path: Path) -> None:
    picture = noise_pictures(1, SIZE)[0]
    path = tmp_path / "still"
    Image.fromarray(picture).save(path, "PNG")
    assert np.array_equal(next(read_gray(path)), picture)
    assert [frame.shape for frame in read_rgb(path)] == [(48, 64, 3)]
    assert list(read_rgb(path, start=1)) == []


def test_what_is_no_footage_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"there is no file gone\.mp4"):
        next(read_rgb(tmp_path / "gone.mp4"))
    with pytest.raises(BadInput, match="holds only sound"):
        next(read_rgb(encode_sound(tmp_path / "song.mp4")))
    text = tmp_path / "notes.mp4"
    text.write_text("not a video\n" * 50)
    with pytest.raises(BadInput, match=r"notes\.mp4 is not a video"):
        next(read_rgb(text))


def test_a_playlist_reads_no_other_file(tmp_path: Path) -> None:
    other = encode(tmp_path / "other.ts", gray_frames(numbered_pictures(3, SIZE)))
    playlist = tmp_path / "innocent.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n")
    concat = tmp_path / "innocent.mov"
    concat.write_text(f"ffconcat version 1.0\nfile {other.name}\n")
    for path in (playlist, concat):
        with pytest.raises(BadInput, match="is not a video"):
            next(read_rgb(path))


def test_a_file_name_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "concat:a.mp4"
    path.write_bytes(_stored("closed groups with B-frames")[0].read_bytes())
    monkeypatch.chdir(tmp_path)
    assert len(list(read_gray(Path("concat:a.mp4")))) == FRAMES


def test_a_change_of_size_is_named(tmp_path: Path) -> None:
    parts = [
        encode(tmp_path / f"{side}.h264", gray_frames(numbered_pictures(4, FrameSize(side, 48))))
        for side in (64, 80)
    ]
    path = tmp_path / "both.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    with pytest.raises(BadInput, match="changes its size at frame 4: 64x48 before, 80x48"):
        list(read_rgb(path))


def test_only_forward_ranges_exist() -> None:
    for start, stop, step in ((-1, None, 1), (0, -1, 1), (0, None, 0)):
        with pytest.raises(ValueError, match="only forwards"):
            read_rgb(Path("any"), start=start, stop=stop, step=step)


def test_more_threads_give_the_same_frames() -> None:
    path, frames = _stored("closed groups with B-frames")
    several = list(read_gray(path, threads=2))
    assert all(np.array_equal(one, other) for one, other in zip(several, frames, strict=True))


@needs_clips
def test_a_real_clip_is_read_in_full_and_from_anywhere() -> None:
    path = clip("davis_camel")
    frames = list(read_rgb(path))
    assert len(frames) == 90
    for start in (1, 37, 89):
        assert np.array_equal(next(read_rgb(path, start=start)), frames[start])

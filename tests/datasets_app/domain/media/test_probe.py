"""Footage is what decoding says it is; what is none ends in one sentence."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import av
import psutil
import pytest
from PIL import Image

from datasets_app.domain.media.clip_facts import ClipFacts, Limits
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.probe import probe
from datasets_app.domain.media.writer import GrayMasterWriter, RgbDeliveryWriter
from matteweb.errors import BadInput, Cancelled, MatteError, NotFound, Unsupported
from tests.clips import ROOT, needs_clips
from tests.encodings import (
    Encoding,
    encode,
    encode_sound,
    gray_frames,
    noise_colours,
    noise_pictures,
    numbered_pictures,
)

T = TypeVar("T")

SIZE = FrameSize(64, 48)
LIMITS = Limits(cpu_seconds=60, wall_seconds=120)


def _clip(path: Path, how: Encoding, frames: int = 20, size: FrameSize = SIZE) -> Path:
    return encode(path, gray_frames(numbered_pictures(frames, size)), how)


def _children() -> list[psutil.Process]:
    """Return examiners that run below this process; other tests may have children of theirs."""
    return [child for child in psutil.Process().children() if _examines(child)]


def _examines(child: psutil.Process) -> bool:
    try:
        return any("probe_process" in word for word in child.cmdline())
    except psutil.Error:
        return False


def test_an_ordinary_clip_is_described_in_full(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with RgbDeliveryWriter(path, SIZE, Fraction(30000, 1001)) as out:
        for frame in noise_colours(13, SIZE):
            out.write(frame)
    facts = probe(path, LIMITS)
    assert facts == ClipFacts(
        kind="clip",
        frames=13,
        width=64,
        height=48,
        fps=Fraction(30000, 1001),
        vfr=None,
        rotation=0,
        mirrored=False,
        full_range=False,
        matrix="bt709",
        matrix_assumed=False,
        primaries="bt709",
        transfer="bt709",
        codec="h264",
        pix_fmt="yuv420p",
        bit_depth=8,
        pixel_aspect=Fraction(1),
        interlaced=False,
        has_alpha=False,
        has_audio=False,
    )
    assert not facts.odd_size
    assert ClipFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_a_varying_rate_is_named_with_its_range(tmp_path: Path) -> None:
    steps = [33, 33, 34, 33, 60, 40, 33, 20, 33, 33]
    times = [sum(steps[:number]) for number in range(11)]
    how = Encoding(times=times, tick=Fraction(1, 1000), rate=Fraction(30), options={"bf": "0"})
    facts = probe(_clip(tmp_path / "phone.mp4", how, 11), LIMITS)
    assert facts.vfr == (Fraction(1000, 60), Fraction(50))
    assert facts.frames == 11


def test_a_coarse_clock_is_no_varying_rate(tmp_path: Path) -> None:
    facts = probe(_clip(tmp_path / "a.mkv", Encoding(rate=Fraction(30000, 1001)), 40), LIMITS)
    assert (facts.fps, facts.vfr) == (Fraction(30000, 1001), None)


def test_a_turned_clip_has_the_size_that_is_shown(tmp_path: Path) -> None:
    how = Encoding(turn=(90, False, False))
    facts = probe(_clip(tmp_path / "turned.mp4", how), LIMITS)
    assert (facts.width, facts.height, facts.rotation, facts.mirrored) == (48, 64, 90, False)
    mirrored = probe(_clip(tmp_path / "selfie.mp4", Encoding(turn=(0, True, False))), LIMITS)
    assert (mirrored.rotation, mirrored.mirrored) == (0, True)


def test_odd_sizes_ranges_and_sound_are_noticed(tmp_path: Path) -> None:
    odd = _clip(tmp_path / "odd.mkv", Encoding("ffv1", "yuv444p"), 3, FrameSize(65, 49))
    facts = probe(odd, LIMITS)
    assert facts.odd_size
    assert (facts.width, facts.height, facts.matrix_assumed) == (65, 49, True)
    full = _clip(tmp_path / "full.mp4", Encoding(colour_range=2, sound=True))
    facts = probe(full, LIMITS)
    assert (facts.full_range, facts.has_audio, facts.frames) == (True, True, 20)


def test_a_raw_stream_without_times_has_the_rate_of_its_header(tmp_path: Path) -> None:
    facts = probe(_clip(tmp_path / "a.h264", Encoding(rate=Fraction(25))), LIMITS)
    assert (facts.frames, facts.fps, facts.vfr) == (20, Fraction(25), None)


def test_a_still_is_a_still(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    picture = Image.fromarray(noise_colours(1, FrameSize(64, 48))[0])
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, "JPEG", exif=exif)
    facts = probe(path, LIMITS)
    assert (facts.kind, facts.frames, facts.fps) == ("still", 1, None)
    assert (facts.width, facts.height, facts.codec) == (48, 64, "jpeg")


def _text(path: Path) -> Path:
    path.write_text("This is my shopping list: bread, Käse, butter.\n" * 40)
    return path


def _empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def _noise(path: Path) -> Path:
    path.write_bytes(bytes(range(256)) * 64)
    return path


def _cut(path: Path) -> Path:
    with RgbDeliveryWriter(path, SIZE, Fraction(16)) as out:
        for frame in noise_colours(20, SIZE):
            out.write(frame)
    path.write_bytes(path.read_bytes()[:-9000])
    return path


def _cut_without_index(path: Path) -> Path:
    data = _clip(path, Encoding(), 60).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def _cut_master(path: Path) -> Path:
    with GrayMasterWriter(path, SIZE, Fraction(16)) as out:
        for picture in noise_pictures(30, SIZE):
            out.write(picture)
    path.write_bytes(path.read_bytes()[:40_000])
    return path


def _without_frames(path: Path) -> Path:
    with av.open(str(path), "w", options={"movflags": "empty_moov+frag_keyframe"}) as out:
        stream = out.add_stream("libx264", rate=16)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.start_encoding()
    return path


def _huge_png(path: Path) -> Path:
    def part(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = part(b"IDAT", zlib.compress(bytes(100_000)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + body + part(b"IEND", b""))
    return path


def _huge_master(path: Path) -> Path:
    with GrayMasterWriter(path, FrameSize(600, 500), Fraction(16)) as out:
        out.write(noise_pictures(1, FrameSize(600, 500))[0])
    data = path.read_bytes()
    for side, element in ((600, b"\xb0\x82"), (500, b"\xba\x82")):
        data = data.replace(element + struct.pack(">H", side), element + struct.pack(">H", 60_000))
    path.write_bytes(data)
    return path


def _hdr(path: Path) -> Path:
    return _clip(path, Encoding(pixel_format="yuv420p10le", transfer=16, matrix=9))


def _askew(path: Path) -> Path:
    return _clip(path, Encoding(turn=(30, False, False)))


BAD: list[tuple[str, Callable[[Path], Path], type[MatteError], str]] = [
    ("list.mp4", _text, BadInput, "list.mp4 is a text file, not a video"),
    ("none.mp4", _empty, BadInput, "none.mp4 is empty: it has 0 bytes"),
    ("noise.mp4", _noise, BadInput, "noise.mp4 is not a video that can be read"),
    ("song.mp4", encode_sound, BadInput, "song.mp4 holds only sound"),
    ("cut.mp4", _cut, BadInput, "cut.mp4 (is incomplete|is damaged|cannot be decoded)"),
    (
        "cut2.mp4",
        _cut_without_index,
        BadInput,
        "cut2.mp4 (is not a video that can be read|holds no video)",
    ),
    ("cut.mkv", _cut_master, BadInput, "cut.mkv (is incomplete|is damaged|cannot be decoded)"),
    ("zero.mp4", _without_frames, BadInput, "zero.mp4 holds no frames"),
    ("huge.png", _huge_png, Unsupported, "huge.png claims to be larger than 8192 px per side"),
    ("huge.mp4", _huge_png, Unsupported, "huge.mp4 claims to be larger than 8192 px per side"),
    ("huge.mkv", _huge_master, Unsupported, "huge.mkv claims frames .* larger than can be decoded"),
    ("sunset.mp4", _hdr, Unsupported, r"sunset.mp4 is HDR footage \(PQ\)"),
    ("askew.mp4", _askew, Unsupported, "no multiple of 90 degrees"),
]


@pytest.mark.parametrize(("name", "make", "kind", "sentence"), BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_file_ends_in_a_sentence_with_a_hint(
    tmp_path: Path,
    name: str,
    make: Callable[[Path], Path],
    kind: type[MatteError],
    sentence: str,
) -> None:
    path = make(tmp_path / name)
    blob = path.rename(tmp_path / "0f3a")
    with pytest.raises(kind, match=sentence) as caught:
        probe(blob, LIMITS, name=name)
    assert type(caught.value) is kind
    assert caught.value.hint
    assert "0f3a" not in str(caught.value)
    assert _children() == []


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no file"):
        probe(tmp_path / "gone.mp4", LIMITS)


def test_too_many_frames_and_too_large_frames_are_named(tmp_path: Path) -> None:
    path = _clip(tmp_path / "a.mp4", Encoding())
    with pytest.raises(Unsupported, match="more than 19 frames"):
        probe(path, replace(LIMITS, max_frames=19))
    with pytest.raises(Unsupported, match="64x48, more than 63 px per side"):
        probe(path, replace(LIMITS, max_side=63))


@pytest.fixture(scope="module")
def slow_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip that takes a core many seconds: few frames, stored over and over."""
    size, folder = FrameSize(640, 480), tmp_path_factory.mktemp("slow")
    with GrayMasterWriter(folder / "few.mkv", size, Fraction(16)) as out:
        for picture in noise_pictures(4, size):
            out.write(picture)
    path = folder / "slow.mkv"
    with av.open(str(folder / "few.mkv")) as few:
        packets = [packet for packet in few.demux(video=0) if packet.size]
        with av.open(str(path), "w") as out:
            stream = out.add_stream_from_template(few.streams.video[0], opaque=True)
            for number in range(2000):
                packet = av.Packet(bytes(packets[number % 4]))
                packet.stream, packet.is_keyframe = stream, True
                packet.time_base = Fraction(1, 16)
                packet.pts = packet.dts = number
                out.mux(packet)
    return path


def test_an_endless_decode_ends_at_its_limits(slow_clip: Path) -> None:
    with pytest.raises(Unsupported, match="takes more than 1 s to be decoded"):
        probe(slow_clip, replace(LIMITS, cpu_seconds=1))
    before = os.times()
    with pytest.raises(Unsupported, match="takes more than 1 s to be decoded"):
        probe(slow_clip, replace(LIMITS, wall_seconds=1))
    after = os.times()  # of children: those that have ended
    used = after.children_user - before.children_user
    assert used + after.children_system - before.children_system < 3
    assert _children() == []


def test_a_decode_without_memory_ends_in_a_sentence(tmp_path: Path) -> None:
    size = FrameSize(4000, 3000)
    path = tmp_path / "large.mkv"
    with GrayMasterWriter(path, size, Fraction(16)) as out:
        out.write(numbered_pictures(1, size)[0])
    assert probe(path, LIMITS).width == 4000
    with pytest.raises(MatteError) as caught:
        probe(path, replace(LIMITS, memory_mib=64))
    assert caught.value.message.startswith("large.mkv")
    assert _children() == []


def test_progress_is_told_and_a_stop_is_heard(slow_clip: Path) -> None:
    seen: list[int] = []
    with pytest.raises(Cancelled):
        probe(
            slow_clip,
            LIMITS,
            progress=lambda done, _: seen.append(done),
            should_stop=lambda: len(seen) >= 2,
        )
    assert seen == sorted(seen)
    assert _children() == []


PARENT = """
import sys
from pathlib import Path
from typing import TypeVar
from datasets_app.domain.media.probe import Limits, probe
probe(Path(sys.argv[1]), Limits())
"""


@pytest.mark.processes
def test_the_examiner_dies_with_its_parent(slow_clip: Path) -> None:
    root = str(Path(__file__).parents[4])
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(slow_clip)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )
    try:
        child = _wait_for(lambda: psutil.Process(parent.pid).children())[0]
        # Let it get past its start, where it asks to be told of the parent's end.
        _wait_for(lambda: child.cpu_times().user > 0.5)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running()


def _wait_for(look: Callable[[], T]) -> T:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := look():
            return found
        threading.Event().wait(0.02)
    raise TimeoutError


@needs_clips
def test_real_clips_are_what_they_are() -> None:
    expected = {
        "animator-draw/input_video.mp4": (200, 640, 384, Fraction(16)),
        "davis_kite-walk/mask_00.mp4": (80, 640, 384, Fraction(16)),
        "unmasked/dog.mp4": (289, 1280, 720, Fraction(30000, 1001)),
    }
    for name, wanted in expected.items():
        facts = probe(ROOT / name, LIMITS)
        assert (facts.frames, facts.width, facts.height, facts.fps) == wanted
        assert facts.vfr is None

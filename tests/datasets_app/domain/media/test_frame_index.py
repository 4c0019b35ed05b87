"""The index leads to the very packets, in the order in which their pictures are shown."""

from __future__ import annotations

import base64
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.codec import CodecContext

from datasets_app.domain.media.frame_index import FrameIndex, build_frame_index
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import (
    GrayDeliveryWriter,
    GrayMasterWriter,
    RgbDeliveryWriter,
)
from matteweb.errors import BadInput, Unsupported
from tests.encodings import Encoding, encode, gray_frames, numbered_pictures, read_number

SIZE = FrameSize(64, 48)
RATE = Fraction(30000, 1001)


def _delivery(path: Path, writer: type[Any], frames: int = 40) -> Path:
    with writer(path, SIZE, RATE) as out:
        for picture in numbered_pictures(frames, SIZE):
            colour = writer is RgbDeliveryWriter
            out.write(np.repeat(picture[..., None], 3, 2) if colour else picture)
    return path


def _decode_like_a_browser(path: Path, index: FrameIndex, first: int) -> dict[int, int]:
    """Decode one group of pictures by byte range; return the number seen per display index."""
    decoder = CodecContext.create("h264", "r")
    decoder.extradata = base64.b64decode(index.description)
    data, seen = path.read_bytes(), {}
    group = index.chunks[first : first + 12]
    for chunk in [*group, None]:
        packet = None
        if chunk is not None:
            packet = av.Packet(data[chunk.offset : chunk.offset + chunk.size])
            packet.pts = chunk.display_index
        for frame in decoder.decode(packet):
            luma = frame.reformat(format="gray").to_ndarray().astype(np.uint8)
            seen[frame.pts or 0] = read_number(luma)
    return seen


@pytest.mark.parametrize("writer", [RgbDeliveryWriter, GrayDeliveryWriter])
def test_a_group_decodes_from_its_bytes_alone(tmp_path: Path, writer: type[Any]) -> None:
    path = _delivery(tmp_path / "a.mp4", writer)
    index = build_frame_index(path)
    for first in (0, 12, 24):
        assert index.chunks[first].key
        seen = _decode_like_a_browser(path, index, first)
        assert seen == {number: number for number in range(first, first + 12)}


def test_b_frames_are_stored_in_another_order_than_shown(tmp_path: Path) -> None:
    index = build_frame_index(_delivery(tmp_path / "a.mp4", RgbDeliveryWriter))
    shown = [chunk.display_index for chunk in index.chunks]
    assert sorted(shown) == list(range(40))
    assert shown[:4] == [0, 3, 1, 2]


def test_the_codec_is_spelled_from_the_stream(tmp_path: Path) -> None:
    colour = build_frame_index(_delivery(tmp_path / "a.mp4", RgbDeliveryWriter))
    gray = build_frame_index(_delivery(tmp_path / "b.mp4", GrayDeliveryWriter))
    assert (colour.codec[:9], colour.full_range) == ("avc1.6400", False)
    assert (gray.codec[:9], gray.full_range) == ("avc1.F400", True)
    for index in (colour, gray):
        avcc = base64.b64decode(index.description)
        assert avcc[0] == 1
        assert index.codec[5:] == avcc[1:4].hex().upper()


def test_the_document_is_what_the_player_reads(tmp_path: Path) -> None:
    index = build_frame_index(_delivery(tmp_path / "a.mp4", GrayDeliveryWriter, 13))
    document = json.loads(index.to_json_bytes())
    assert set(document) == {
        "codec", "description", "width", "height", "frames", "fps", "full_range", "chunks",
    }  # fmt: skip
    assert (document["width"], document["height"], document["frames"]) == (64, 48, 13)
    assert document["fps"] == [30000, 1001]
    assert document["chunks"][0][2:] == [1, 0]
    assert [len(chunk) for chunk in document["chunks"]] == [4] * 13


def test_other_streams_have_no_index(tmp_path: Path) -> None:
    master = tmp_path / "a.mkv"
    with GrayMasterWriter(master, SIZE, RATE) as out:
        out.write(numbered_pictures(1, SIZE)[0])
    raw = encode(tmp_path / "b.h264", gray_frames(numbered_pictures(3, SIZE)))
    for path in (master, raw):
        with pytest.raises(Unsupported, match=r"no H\.264 in MP4"):
            build_frame_index(path)


def test_uneven_times_have_no_index(tmp_path: Path) -> None:
    how = Encoding(times=[0, 10, 35, 40], tick=Fraction(1, 1000), options={"bf": "0"})
    path = encode(tmp_path / "a.mp4", gray_frames(numbered_pictures(4, SIZE)), how)
    with pytest.raises(BadInput, match="at one rate"):
        build_frame_index(path)

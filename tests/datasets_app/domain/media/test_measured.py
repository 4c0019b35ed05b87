"""Layers of exact numbers: stored without loss, read back in their unit, shown as pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets_app.domain.bundles.lossless import write_ffv1, write_pictures
from datasets_app.domain.media.frame_reader import FrameFile, FrameReader
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.measured import MEASURES, MeasuredKind, Values, layer_kind
from datasets_app.domain.media.reader import read_measured, read_rgb
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from matteweb.errors import BadInput

SIZE, FPS, FRAMES = FrameSize(32, 18), Fraction(16), 5
FARTHEST: dict[MeasuredKind, tuple[float, float]] = {
    "distance": (0.5, 250),
    "flow": (-500, 500),
    "normals": (-1, 1),
    "light": (-2, 40),
}
kinds = pytest.mark.parametrize("kind", list(MEASURES))


def values_of(kind: MeasuredKind, seed: int = 0) -> Values:
    """Return values over the whole range, with a corner where nothing was measured."""
    low, high = FARTHEST[kind]
    shape = (SIZE.height, SIZE.width, MEASURES[kind].values)
    values = np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)
    if kind != "light":
        values[:3, :4] = np.nan
    return values


@pytest.fixture
def written(kind: MeasuredKind, tmp_path: Path) -> StreamFiles:
    with StreamWriter(
        tmp_path, kind, kind=kind, size=SIZE, fps=FPS, expected=FRAMES, master=True
    ) as writer:
        for number in range(FRAMES):
            writer.write(MEASURES[kind].encoded(values_of(kind, number)))
    return writer.files()


@kinds
def test_what_was_measured_is_read_back_within_half_a_step(kind: MeasuredKind) -> None:
    measure, values = MEASURES[kind], values_of(kind)
    read = measure.decoded(measure.encoded(values))
    assert read.dtype == np.float32
    assert np.array_equal(np.isnan(read), np.isnan(values)), "unknown stays unknown"
    allowed = measure.step / 2 if measure.step else np.abs(values) / 2048 + 1e-7
    assert np.all(np.nan_to_num(np.abs(read - values) - allowed) <= 1e-5)


def test_what_lies_beyond_the_range_is_cut_and_stays_known() -> None:
    far = np.array([[[1e6], [0.0]]], np.float32)
    assert MEASURES["distance"].decoded(MEASURES["distance"].encoded(far)).ravel() == pytest.approx(
        [65535 / 256, 1 / 256]
    )


def test_flow_has_the_form_of_kitti() -> None:
    stored = MEASURES["flow"].encoded(np.array([[[1.5, -2.0], [np.nan, np.nan]]], np.float32))
    assert stored.tolist() == [[[32768 + 96, 32768 - 128, 1], [0, 0, 0]]]


@kinds
def test_the_master_holds_the_very_numbers_at_any_frame(
    kind: MeasuredKind, written: StreamFiles
) -> None:
    assert written.master is not None
    for number, frame in enumerate(read_measured(written.master)):
        assert np.array_equal(frame, MEASURES[kind].encoded(values_of(kind, number)))
    (third,) = read_measured(written.master, start=3, stop=4)
    assert np.array_equal(third, MEASURES[kind].encoded(values_of(kind, 3)))


@kinds
def test_the_delivery_is_a_picture_of_it(kind: MeasuredKind, written: StreamFiles) -> None:
    assert written.delivery is not None
    shown = MEASURES[kind].shown(MEASURES[kind].encoded(values_of(kind)))
    delivered = next(read_rgb(written.delivery))
    assert delivered.shape == shown.shape
    if kind != "light":
        assert not shown[:3, :4].any(), "nothing is black"
    # Noise of full strength survives 4:2:0 in its brightness, not in its colours.
    assert abs(float(delivered.mean()) - float(shown.mean())) < 8


@kinds
def test_a_pointer_reads_the_value_in_its_unit(kind: MeasuredKind, written: StreamFiles) -> None:
    assert written.master is not None
    reader = FrameReader()
    try:
        file = FrameFile(written.master, kind)
        ((*known,),) = reader.values([file], 2, 10, 9)
        ((*unknown,),) = reader.values([file], 2, 0, 0)
        picture = reader.picture(file, 2)
    finally:
        reader.close()
    measure = MEASURES[kind]
    stored = measure.encoded(values_of(kind, 2))
    assert known == pytest.approx(measure.decoded(stored)[9, 10], abs=1e-3)
    assert (unknown == []) == (kind != "light")
    png = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.array_equal(np.asarray(png), measure.shown(stored))


@kinds
def test_exports_without_loss_keep_all_sixteen_bits(
    kind: MeasuredKind, written: StreamFiles, tmp_path: Path
) -> None:
    assert written.master is not None
    assert write_ffv1(written.master, tmp_path / "out.mkv", FPS, kind=kind) == FRAMES
    assert write_pictures(written.master, tmp_path / "png", kind=kind) == FRAMES
    for number, frame in enumerate(read_measured(tmp_path / "out.mkv")):
        png = np.asarray(cv2.imread(str(tmp_path / f"png/{number:05d}.png"), cv2.IMREAD_UNCHANGED))
        assert png.dtype == np.uint16
        assert np.array_equal(frame, png[..., ::-1] if png.ndim == 3 else png)
        assert np.array_equal(frame, MEASURES[kind].encoded(values_of(kind, number)))


def test_a_picture_is_no_measured_layer(tmp_path: Path) -> None:
    with StreamWriter(
        tmp_path, "alpha", kind="gray", size=SIZE, fps=FPS, expected=1, master=True
    ) as writer:
        writer.write(np.zeros((SIZE.height, SIZE.width), np.uint8))
    with pytest.raises(BadInput, match="instead of 16-bit numbers"):
        next(read_measured(tmp_path / "alpha.mkv"))


def test_near_is_bright_and_stillness_is_white() -> None:
    near = MEASURES["distance"].encoded(np.array([[[2.0], [4.0], [8.0]]], np.float32))
    bright = MEASURES["distance"].shown(near)[0, :, 0].astype(int)
    assert bright[0] - bright[1] == pytest.approx(bright[1] - bright[2], abs=1)
    assert bright[2] > 0
    still = MEASURES["flow"].encoded(np.zeros((1, 1, 2), np.float32))
    assert MEASURES["flow"].shown(still)[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        ("rgb_full", "rgb"),
        ("fgr", "rgb"),
        ("fgr_03", "rgb"),
        ("alpha_00", "gray"),
        ("depth", "gray"),
        ("distance", "distance"),
        ("flow_backward", "flow"),
        ("light_fgr_01", "light"),
    ],
)
def test_a_layer_tells_its_kind_by_its_name(layer: str, kind: str) -> None:
    assert layer_kind(layer) == kind

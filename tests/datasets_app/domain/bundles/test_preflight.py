"""Each fault that a trainer would swallow is found in a tuple into which it was planted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from datasets_app.domain.bundles.preflight import aspect_findings, check_tuple
from datasets_app.domain.findings import errors_in
from datasets_app.domain.media.frames import FrameSize
from matteweb.errors import Cancelled
from tests.manifests import sample
from tests.tuples import Frames, tuple_frames, write_pictures, write_videos


def codes(layers: dict[str, Path], caption: str = "a lake", **options: Any) -> list[str]:
    return sorted({f.code for f in check_tuple(layers, caption, **options)[1]})


@pytest.mark.parametrize("write", [write_videos, write_pictures])
def test_a_good_tuple_passes_in_both_variants(
    tmp_path: Path, write: Callable[..., dict[str, Path]]
) -> None:
    facts, findings = check_tuple(write(tmp_path, tuple_frames(81)), "a lake")
    assert findings == []
    assert facts is not None
    assert facts.streams["mask"].frames == facts.removed_frames == facts.changed_frames == 81
    assert facts.removed_share() == pytest.approx(16 * 16 / (64 * 48))
    assert facts.outside_mean() < 4


def _shorter_mask(content: Frames) -> None:
    del content["mask"][-1]


def _other_size(content: Frames) -> None:
    content["rgb_removed"] = tuple_frames(20, FrameSize(48, 64))["rgb_removed"]


def _wrong_value(content: Frames) -> None:
    content["mask"][7][0, 0] = 127


def _white_mask(content: Frames) -> None:
    for frame in content["mask"]:
        frame[:] = np.where(frame == 0, 128, frame)


def _same(content: Frames) -> None:
    content["rgb_removed"] = content["rgb_full"]


def _black(content: Frames) -> None:
    for frame in content["rgb_removed"]:
        frame[:] = 0


def _one_black(content: Frames) -> None:
    content["rgb_full"][3][:] = 0


def _too_short(content: Frames) -> None:
    for frames in content.values():
        del frames[16:]


def _no_mask(content: Frames) -> None:
    del content["mask"]


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (_shorter_mask, "frame_counts"),
        (_other_size, "sizes"),
        (_wrong_value, "mask_values"),
        (_white_mask, "nothing_removed"),
        (_same, "nothing_changed"),
        (_black, "black"),
        (_one_black, "black_frames"),
        (_too_short, "too_short"),
        (_no_mask, "missing_stream"),
    ],
)
def test_each_planted_fault_is_found(
    tmp_path: Path, plant: Callable[[Frames], None], expected: str
) -> None:
    content = tuple_frames(20)
    plant(content)
    assert expected in codes(write_videos(tmp_path, content))


def test_an_odd_size_is_found(tmp_path: Path) -> None:
    layers = write_pictures(tmp_path, tuple_frames(20, FrameSize(63, 48)))
    assert codes(layers) == ["odd_size", "short"]


def test_an_empty_caption_blocks(tmp_path: Path) -> None:
    assert "caption_empty" in codes(write_videos(tmp_path, tuple_frames(20)), caption=" ")


def test_a_truncated_stream_is_a_finding_that_names_it(tmp_path: Path) -> None:
    layers = write_videos(tmp_path, tuple_frames(20))
    data = layers["rgb_full"].read_bytes()
    layers["rgb_full"].write_bytes(data[: len(data) // 3])
    facts, findings = check_tuple(layers, "a lake", where="000001")
    assert facts is None
    (error,) = errors_in(findings)
    assert (error.code, error.where) == ("unreadable", "000001")
    assert "rgb_full.mp4" in error.message


def test_a_fourth_channel_is_refused_because_it_shifts_all_later_ones(tmp_path: Path) -> None:
    layers = write_pictures(tmp_path, tuple_frames(20))
    cv2.imwrite(str(layers["rgb_full"] / "00004.png"), np.full((48, 64, 4), 90, np.uint8))
    (error,) = errors_in(check_tuple(layers, "a lake")[1])
    assert "input/00004.png has 4 channels, not 3" in error.message


def test_a_mask_stored_with_loss_is_told_apart_from_a_soft_one(tmp_path: Path) -> None:
    content = tuple_frames(20)
    content["mask"] = [cv2.add(frame, 3) for frame in content["mask"]]
    layers = write_videos(tmp_path, content)
    assert "mask_values" in codes(layers)
    assert codes(layers, exact_mask=False) == ["mask_lossy", "short"]
    ramp = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (48, 1))
    soft = write_videos(tmp_path, {**content, "mask": [ramp] * 20})
    assert "mask_blurred" in codes(soft, exact_mask=False)


def test_streams_that_are_out_of_step_are_noticed(tmp_path: Path) -> None:
    content = tuple_frames(20)
    content["rgb_removed"] = [np.roll(f, 24, axis=1) for f in content["rgb_removed"]]
    assert "outside_differs" in codes(write_videos(tmp_path, content))


def test_a_check_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        check_tuple(write_videos(tmp_path, tuple_frames(20)), "a", should_stop=lambda: True)


def test_an_aspect_ratio_that_fills_no_batch_is_named() -> None:
    samples = [sample(1, repeats=7), sample(2, repeats=8, width=48, height=48)]
    (finding,) = aspect_findings(samples)
    assert finding.message == "7 rows of aspect ratio 4:3 cannot fill a batch of 8"

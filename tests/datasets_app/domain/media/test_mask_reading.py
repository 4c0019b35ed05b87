"""What a mask file means: which side is the object, where the cut is, what stays soft."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.demo_clip import demo_clip
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.mask_reading import (
    MaskReading,
    MaskSurvey,
    choose_reading,
    is_video,
    object_mask,
    read_mask,
    survey_mask,
)
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import GrayDeliveryWriter
from matteweb.errors import BadInput, Cancelled
from tests.clips import mask, needs_clips
from tests.encodings import Encoding, encode, gray_frames

SIZE = FrameSize(96, 64)
LIMITS = Limits()
DAVIS = [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]


def _hard(frames: int = 6) -> list[GrayFrame]:
    masks = []
    for number in range(frames):
        picture = np.zeros((SIZE.height, SIZE.width), np.uint8)
        cv2.circle(picture, (30 + 4 * number, 30), 18, 255, cv2.FILLED)
        masks.append(picture)
    return masks


def _pack(path: Path, images: Sequence[Image.Image]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, image in enumerate(images):
            data = BytesIO()
            image.save(data, "PNG")
            archive.writestr(f"{number:05d}.png", data.getvalue())
    return path


def _grays(path: Path, masks: Sequence[GrayFrame]) -> Path:
    return _pack(path, [Image.fromarray(one) for one in masks])


def _exported(path: Path, masks: Sequence[GrayFrame]) -> Path:
    with GrayDeliveryWriter(path, SIZE, Fraction(16)) as out:
        for one in masks:
            out.write(one)
    return path


def test_a_lossy_mask_is_cut_above_127_and_equals_the_true_one(tmp_path: Path) -> None:
    true = _hard()
    levels = [np.where(one > 0, 235, 16).astype(np.uint8) for one in true]
    how = Encoding(options={"crf": "28"})
    path = encode(tmp_path / "mask.mp4", gray_frames(levels), how)
    assert len(np.unique(list(read_gray(path)))) > 10
    survey = survey_mask(path, LIMITS)
    reading = choose_reading(survey)
    assert (reading.kind, reading.polarity, reading.threshold) == ("hard", "white", 127)
    found = np.array(list(read_mask(path, reading)))
    both, either = (found & np.array(true)) > 0, (found | np.array(true)) > 0
    assert both.sum() / either.sum() > 0.98
    assert np.unique(found).tolist() == [0, 255]


@pytest.mark.parametrize("packed", [False, True])
def test_soft_alpha_stays_as_it_is(tmp_path: Path, packed: bool) -> None:
    masks = [one.alpha for one in demo_clip("jellyfish", size=SIZE, frames=4)]
    path = tmp_path / "alpha"
    (_grays if packed else _exported)(path.with_suffix(".zip" if packed else ".mp4"), masks)
    path = next(tmp_path.iterdir())
    survey = survey_mask(path, LIMITS)
    assert survey.soft_share > 0.02
    reading = choose_reading(survey)
    assert (reading.kind, reading.polarity) == ("alpha", "white")
    assert np.array_equal(list(read_mask(path, reading)), masks)
    assert survey.coverage(reading) == pytest.approx(np.mean(masks) / 255)
    inverted = choose_reading(survey, polarity="black")
    assert np.array_equal(next(read_mask(path, inverted)), 255 - masks[0])
    cut = choose_reading(survey, threshold=200)
    assert np.array_equal(next(read_mask(path, cut)), np.where(masks[0] > 200, 255, 0))


def test_a_few_soft_pixels_do_not_make_a_mask_soft(tmp_path: Path) -> None:
    masks = [cv2.GaussianBlur(_hard()[0], (0, 0), 0.5), *_hard()[1:]]
    survey = survey_mask(_grays(tmp_path / "a.zip", masks), LIMITS)
    assert 0 < survey.soft_share <= 0.02
    assert choose_reading(survey).kind == "hard"


@pytest.mark.parametrize("crf", [None, 23])
def test_an_exported_trimask_has_the_opposite_sense(tmp_path: Path, crf: int | None) -> None:
    removed = _hard()
    trimasks = [np.where(one > 0, 0, 128).astype(np.uint8) for one in removed]
    for one in trimasks:
        one[50:, :20] = 255
    if crf is None:
        path = _exported(tmp_path / "mask.mp4", trimasks)
    else:
        how = Encoding(options={"crf": str(crf)}, colour_range=2)
        path = encode(tmp_path / "mask.mp4", gray_frames(trimasks), how)
    survey = survey_mask(path, LIMITS)
    assert survey.trimask
    reading = choose_reading(survey)
    assert (reading.kind, reading.polarity, reading.threshold) == ("hard", "black", 191)
    found = np.array(list(read_mask(path, reading)))
    wrong = (found != np.array(removed)).mean()
    assert wrong == 0 if crf is None else wrong < 0.005
    # Read with the other polarity it is what the trimask keeps, never its background.
    kept = np.array(list(read_mask(path, choose_reading(survey, polarity="white"))))
    assert np.array_equal(kept[:, 54:, :16], np.full((6, 10, 16), 255))
    assert kept[:, :44].max() == 0
    # Whoever really has an alpha of one half everywhere can say so.
    assert choose_reading(survey, kind="alpha").kind == "alpha"


def _davis(numbers: GrayFrame) -> Image.Image:
    image = Image.fromarray(numbers, "P")
    image.putpalette(DAVIS)
    return image


def test_a_palette_numbers_objects_as_in_davis(tmp_path: Path) -> None:
    numbers = [np.where(one > 0, 1, 0).astype(np.uint8) for one in _hard()]
    for one in numbers:
        one[40:, 70:] = 3
    path = _pack(tmp_path / "a.zip", [_davis(one) for one in numbers])
    survey = survey_mask(path, LIMITS)
    reading = choose_reading(survey)
    assert (reading.kind, reading.objects, reading.channel) == ("index", (1, 3), "number")
    found = list(read_mask(path, reading))
    assert np.array_equal(found, numbers)
    assert np.array_equal(object_mask(found[0], 1), _hard()[0])
    assert survey.coverage(reading) == pytest.approx(np.mean(np.array(numbers) > 0))


@pytest.mark.parametrize("number", [1, 2])
def test_one_numbered_object_is_a_hard_mask(tmp_path: Path, number: int) -> None:
    numbers = [np.where(one > 0, number, 0).astype(np.uint8) for one in _hard()]
    for images in ([_davis(one) for one in numbers], [Image.fromarray(one) for one in numbers]):
        path = _pack(tmp_path / "a.zip", images)
        reading = choose_reading(survey_mask(path, LIMITS))
        assert reading.kind == "hard"
        assert np.array_equal(list(read_mask(path, reading)), _hard())


def test_a_dark_video_does_not_number_objects(tmp_path: Path) -> None:
    nearly = [np.full((SIZE.height, SIZE.width), number % 4, np.uint8) for number in range(6)]
    survey = survey_mask(_exported(tmp_path / "a.mp4", nearly), LIMITS)
    assert not survey.numbered
    assert survey.coverage(choose_reading(survey)) == 0


def test_opacity_is_the_mask_where_it_says_anything(tmp_path: Path) -> None:
    white = np.full((SIZE.height, SIZE.width, 3), 255, np.uint8)
    cut_out = [Image.fromarray(np.dstack([white, one])) for one in _hard()]
    path = _pack(tmp_path / "a.zip", cut_out)
    reading = choose_reading(survey_mask(path, LIMITS))
    assert reading.channel == "alpha"
    assert np.array_equal(list(read_mask(path, reading)), _hard())
    opaque = [
        Image.fromarray(np.dstack([one, one, one, np.full_like(one, 255)])) for one in _hard()
    ]
    path = _pack(tmp_path / "b.zip", opaque)
    reading = choose_reading(survey_mask(path, LIMITS))
    assert reading.channel == "luma"
    assert np.array_equal(list(read_mask(path, reading)), _hard())


def test_a_single_picture_is_a_mask_of_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "0f3a"
    Image.fromarray(_hard()[0]).save(path, "PNG")
    survey = survey_mask(path, LIMITS, name="still.png")
    assert (survey.frames, survey.size) == (1, SIZE)
    assert np.array_equal(list(read_mask(path, choose_reading(survey))), _hard(1))


def test_the_survey_counts_every_value(tmp_path: Path) -> None:
    masks = _hard()
    seen: list[tuple[int, int | None]] = []
    path = _grays(tmp_path / "a.zip", masks)
    survey = survey_mask(path, LIMITS, progress=lambda *at: seen.append(at))
    counts = np.bincount(np.array(masks).ravel(), minlength=256)
    assert list(survey.histogram) == counts.tolist()
    assert seen == [(number, 6) for number in range(1, 7)]
    with pytest.raises(Cancelled):
        survey_mask(path, LIMITS, should_stop=lambda: True)


@given(
    st.sampled_from(["hard", "alpha"]),
    st.sampled_from(["white", "black"]),
    st.integers(0, 254),
)
def test_a_reading_does_to_every_value_what_it_says(
    kind: str, polarity: str, threshold: int
) -> None:
    reading = MaskReading(kind, polarity, threshold, 0.0)  # type: ignore[arg-type]
    for value in range(256):
        seen = 255 - value if polarity == "black" else value
        wanted = seen if kind == "alpha" else 255 * (seen > threshold)
        assert reading.table()[value] == wanted
    assert MaskReading.from_json(json.loads(json.dumps(reading.as_json()))) == reading


def test_an_impossible_threshold_is_refused(tmp_path: Path) -> None:
    survey: MaskSurvey = survey_mask(_grays(tmp_path / "a.zip", _hard()), LIMITS)
    for threshold in (-1, 255):
        with pytest.raises(BadInput, match="is no threshold"):
            choose_reading(survey, threshold=threshold)


def test_what_is_decoded_as_video(tmp_path: Path) -> None:
    assert is_video(_exported(tmp_path / "a", _hard()))
    assert not is_video(_grays(tmp_path / "b", _hard()))
    assert not is_video(tmp_path)


@needs_clips
def test_real_masks_are_hard_and_white() -> None:
    path = mask("davis_kite-walk")
    survey = survey_mask(path, LIMITS)
    reading = choose_reading(survey)
    assert (reading.kind, reading.polarity, reading.threshold) == ("hard", "white", 127)
    assert survey.coverage(reading) == pytest.approx(0.018, abs=0.001)

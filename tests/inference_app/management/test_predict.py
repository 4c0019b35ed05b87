"""The command from file to file: what comes out, and what is refused before it starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from django.core.management import call_command

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.reader import read_gray
from inference_app.domain import smaller
from matteweb.errors import BadInput, MatteError, NotFound, Unsupported
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, squares
from tests.inference_app.short_memory import short_above

SIZE = FrameSize(64, 48)


def predict(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    arguments = {"predictor": "guided_filter", "json": True, "threads": 1} | options
    call_command("predict", **arguments)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def picture_at(path: Path) -> npt.NDArray[Any]:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return np.asarray(picture)


@pytest.fixture
def masks() -> list[GrayFrame]:
    return squares(6, SIZE)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return clip_file(tmp_path)


@pytest.fixture
def mask(tmp_path: Path, masks: list[GrayFrame]) -> Path:
    return mask_file(tmp_path, masks)


def test_a_folder_gets_colour_with_alpha_and_alpha_at_sixteen_bits(
    tmp_path: Path, clip: Path, mask: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    answer = predict(capsys, input=clip, mask=mask, output=out)
    assert answer["frames"] == 6 and (answer["width"], answer["height"]) == (64, 48)
    assert sorted(path.name for path in out.glob("*.png")) == [f"{n:05d}.png" for n in range(6)]
    picture = picture_at(out / "00003.png")
    deep = picture_at(out / "alpha/00003.png")
    assert picture.shape == (48, 64, 4) and deep.dtype == np.uint16
    assert np.abs(deep / 257 - picture[..., 3]).max() <= 0.5


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mov", "prores"), ("a.webm", "vp9"), ("a.mkv", "ffv1")]
)
def test_a_video_has_every_frame_and_its_alpha(
    tmp_path: Path,
    clip: Path,
    mask: Path,
    name: str,
    codec: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    predict(capsys, input=clip, mask=mask, output=tmp_path / name)
    with av.open(str(tmp_path / name)) as file:
        stream = file.streams.video[0]
        assert stream.codec_context.name.startswith(codec)
        assert stream.average_rate == 16
        if codec == "prores":
            assert stream.pix_fmt is not None and stream.pix_fmt.startswith("yuva444")
        if codec == "vp9":
            assert stream.metadata.get("alpha_mode") == "1"
        assert sum(1 for _ in file.decode(stream)) == 6


def test_the_lossless_alpha_is_what_the_pictures_hold(
    tmp_path: Path, clip: Path, mask: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict(capsys, input=clip, mask=mask, output=tmp_path / "a.mkv")
    predict(capsys, input=clip, mask=mask, output=tmp_path / "b")
    for index, alpha in enumerate(read_gray(tmp_path / "a.mkv")):
        picture = picture_at(tmp_path / "b" / f"{index:05d}.png")
        assert np.array_equal(alpha, picture[..., 3])


def test_a_still_and_another_size_come_out_as_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "still.png"), np.full((48, 64, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / "mask.png"), squares(1, SIZE)[0])
    answer = predict(
        capsys,
        input=tmp_path / "still.png",
        mask=tmp_path / "mask.png",
        output=tmp_path / "cut.png",
        height=24,
    )
    assert (answer["width"], answer["height"], answer["frames"]) == (32, 24, 1)
    assert picture_at(tmp_path / "cut.png").shape == (24, 32, 4)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"mask": None}, BadInput, "needs a mask"),
        ({"predictor": "nobody"}, BadInput, "there is no predictor"),
        ({"predictor": "dis_flow"}, Unsupported, "makes neither alpha"),
        ({"predictor": "layered_depth", "output": Path("a.mov")}, Unsupported, "a depth cannot"),
        ({"output": Path("a.gif")}, Unsupported, "cannot be written as .gif"),
        ({"input": Path("absent.mp4")}, NotFound, "absent.mp4"),
        ({"device": "cuda:9"}, BadInput, "CUDA"),
        ({"checkpoint": Path("x.pkl")}, BadInput, "takes no checkpoint"),
    ],
)
def test_what_cannot_run_is_refused_in_words(
    tmp_path: Path,
    clip: Path,
    mask: Path,
    change: dict[str, Any],
    error: type[Exception],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = {"input": clip, "mask": mask, "output": tmp_path / "o.mkv"} | change
    with pytest.raises(error, match=words):
        predict(capsys, **options)
    assert not (tmp_path / "o.mkv").exists()


def test_a_mask_of_another_size_or_length_is_named(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = mask_file(tmp_path, squares(6, FrameSize(32, 24)), "small")
    with pytest.raises(BadInput, match=r"small.* is 32x24 but .* 64x48"):
        predict(capsys, input=clip, mask=small, output=tmp_path / "o")
    short = mask_file(tmp_path, squares(4, SIZE), "short")
    with pytest.raises(BadInput, match=r"has 4 frames but .* 6"):
        predict(capsys, input=clip, mask=short, output=tmp_path / "o")
    one = mask_file(tmp_path, squares(1, SIZE), "one")
    with pytest.raises(BadInput, match="on each of the 6 frames"):
        predict(capsys, input=clip, mask=one, output=tmp_path / "o")


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, clip: Path, mask: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/note.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds something already"):
        predict(capsys, input=clip, mask=mask, output=tmp_path / "full")


def test_a_depth_leaves_as_pictures_of_sixteen_bits(
    tmp_path: Path, clip: Path, mask: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    answer = predict(capsys, predictor="layered_depth", input=clip, mask=mask, output=out)
    assert (answer["layer"], answer["frames"]) == ("depth", 6)
    depth = picture_at(out / "00005.png")
    assert depth.dtype == np.uint16 and depth.shape == (48, 64)
    assert depth[-1, 0] > depth[0, 0], "the floor comes nearer downwards"


@pytest.mark.django_db
def test_a_video_of_the_installation_is_named_by_its_number(
    tmp_path: Path,
    clip: Path,
    mask: Path,
    masks: list[GrayFrame],
    settings: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.BLOB_DIR, settings.WORK_DIR = tmp_path / "blobs", tmp_path / "work"
    predict(capsys, input=clip, mask=mask, output=tmp_path / "file.mkv")
    video = add(factories.project(), clip)
    number = Path(str(video.pk))
    with pytest.raises(BadInput, match="needs a mask"):
        predict(capsys, input=number, output=tmp_path / "none.mkv")
    first = attach(video, mask)
    predict(capsys, input=number, output=tmp_path / "number.mkv")
    assert [*map(bytes, read_gray(tmp_path / "number.mkv"))] == [
        *map(bytes, read_gray(tmp_path / "file.mkv"))
    ]
    attach(video, mask_file(tmp_path, masks, "second"), name="garbage")
    assert predict(capsys, input=number, output=tmp_path / "one.mkv")["frames"] == 6
    attach(video, mask_file(tmp_path, masks, "third"))
    with pytest.raises(BadInput, match="several masks"):
        predict(capsys, input=number, output=tmp_path / "two.mkv")
    with pytest.raises(MatteError) as without_weights:
        predict(capsys, predictor="birefnet", input=number, output=tmp_path / "two.mkv")
    assert "several masks" not in str(without_weights.value), "it asks for no mask"
    chosen = {"input": number, "mask": Path(str(first.pk))}
    assert predict(capsys, output=tmp_path / "two.mkv", **chosen)["frames"] == 6
    with pytest.raises(NotFound, match="no video 999"):
        predict(capsys, input=Path("999"), output=tmp_path / "absent.mkv")


def test_short_memory_lowers_the_size_from_the_frame_at_which_it_ran_out(
    tmp_path: Path,
    clip: Path,
    mask: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smaller, "SMALLEST", 24)
    predict(capsys, input=clip, mask=mask, output=tmp_path / "whole.mkv")
    short_above(monkeypatch, 40, after=3)
    answer = predict(capsys, input=clip, mask=mask, output=tmp_path / "a.mkv")
    assert answer["frames"] == 6
    assert [note.split(": ")[1] for note in answer["notes"]] == [
        "worked at 48 pixels from frame 3 on",
        "worked at 36 pixels from frame 3 on",
    ]
    one, whole = (list(read_gray(tmp_path / name)) for name in ("a.mkv", "whole.mkv"))
    same = [np.array_equal(mine, theirs) for mine, theirs in zip(one, whole, strict=True)]
    assert same == [True] * 3 + [False] * 3

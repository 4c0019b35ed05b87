"""What is stored at a pixel, and a stored frame as a picture: those of the master."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.models import Layer, Sample
from datasets_app.services.blobs import blob_from_bytes, blob_from_file
from matteweb.accounts.models import Project, Role
from tests import factories
from tests.footage import add, attach, clip_file, mask_file, squares

pytestmark = pytest.mark.django_db

SIZE = FrameSize(50, 34)
FRAMES = 5


def colour(number: int) -> RgbFrame:
    return np.random.default_rng(number).integers(0, 256, (34, 50, 3), np.uint8)


def matte(number: int) -> GrayFrame:
    return np.random.default_rng(100 + number).integers(0, 256, (34, 50), np.uint8)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project(slug="lab")


@pytest.fixture
def viewer(project: Project) -> Client:
    browser = Client()
    browser.force_login(factories.member(project, Role.VIEWER))
    return browser


@pytest.fixture
def sample(project: Project, tmp_path: Path) -> Sample:
    """A sample of noise, whose masters nothing but an exact reader gives back."""
    made = Sample.objects.create(
        project=project, index=0, name="noise", state="ready", frames=FRAMES, width=50, height=34
    )
    with RgbMasterWriter(tmp_path / "rgb_full.mkv", SIZE, Fraction(24)) as rgb:
        for number in range(FRAMES):
            rgb.write(colour(number))
    with GrayMasterWriter(tmp_path / "alpha.mkv", SIZE, Fraction(24)) as gray:
        for number in range(FRAMES):
            gray.write(matte(number))
    for name in ("rgb_full", "alpha"):
        Layer.objects.create(
            sample=made,
            name=name,
            master=blob_from_file(tmp_path / f"{name}.mkv"),
            delivery=blob_from_bytes(b"not looked at"),
            frames=FRAMES,
            width=50,
            height=34,
        )
    return made


def test_the_values_of_every_layer_are_those_of_the_master(viewer: Client, sample: Sample) -> None:
    rng = Random(3)
    for _ in range(20):
        frame, x, y = rng.randrange(FRAMES), rng.randrange(50), rng.randrange(34)
        answer = viewer.get(
            f"/p/lab/samples/{sample.pk}/values.json", {"frame": frame, "x": x, "y": y}
        ).json()
        stored = {layer["name"]: (layer["value"], layer["from"]) for layer in answer["layers"]}
        assert stored == {
            "rgb_full": (colour(frame)[y, x].tolist(), "master"),
            "alpha": ([int(matte(frame)[y, x])], "master"),
        }


@pytest.mark.parametrize(("layer", "frame"), [("rgb_full", 0), ("rgb_full", 4), ("alpha", 3)])
def test_a_stored_frame_comes_as_a_picture_of_the_same_pixels(
    viewer: Client, sample: Sample, layer: str, frame: int
) -> None:
    streams = viewer.get(f"/p/lab/samples/{sample.pk}/player.json").json()["streams"]
    url = next(stream["exact_url"] for stream in streams if stream["name"] == layer)
    answer = viewer.get(url.replace("{frame}", str(frame)))
    assert answer["Content-Type"] == "image/png"
    assert "immutable" in answer["Cache-Control"]
    wanted = colour(frame) if layer == "rgb_full" else matte(frame)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), wanted)


@pytest.mark.parametrize("asked", [{}, {"frame": "0", "x": "-1", "y": "0"}, {"frame": "a"}])
def test_a_place_that_is_no_number_is_refused_with_what_to_give(
    viewer: Client, sample: Sample, asked: dict[str, str]
) -> None:
    answer = viewer.get(
        f"/p/lab/samples/{sample.pk}/values.json", asked, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert "whole number" in answer.content.decode()


@pytest.mark.parametrize("asked", [(5, 0, 0), (0, 50, 0), (0, 0, 34)])
def test_beyond_the_clip_or_the_picture_there_is_nothing(
    viewer: Client, sample: Sample, asked: tuple[int, int, int]
) -> None:
    frame, x, y = asked
    answer = viewer.get(f"/p/lab/samples/{sample.pk}/values.json", {"frame": frame, "x": x, "y": y})
    assert answer.status_code == 404
    layer = Layer.objects.get(name="alpha")
    assert viewer.get(f"/p/lab/files/layer/{layer.pk}/frames/5.png").status_code == 404


def test_a_video_answers_from_its_upload_and_its_masks(
    viewer: Client, project: Project, tmp_path: Path
) -> None:
    video = add(project, clip_file(tmp_path))
    attach(video, mask_file(tmp_path, squares()))
    asked = {"frame": 1, "x": 2, "y": 3}
    answer = viewer.get(f"/p/lab/videos/{video.pk}/values.json", asked).json()
    assert [layer["kind"] for layer in answer["layers"]] == ["rgb", "gray"]
    assert answer["layers"][1]["from"] == "master"
    assert answer["layers"][1]["value"] in ([0], [255])


def test_another_project_has_no_such_frame(viewer: Client, tmp_path: Path) -> None:
    stranger = factories.project(slug="elsewhere")
    video = add(stranger, clip_file(tmp_path))
    assert viewer.get(f"/p/lab/videos/{video.pk}/values.json?frame=0&x=0&y=0").status_code == 404
    assert viewer.get(f"/p/lab/files/video/{video.pk}/frames/0.png").status_code == 404
